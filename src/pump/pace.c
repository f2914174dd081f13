/*
 * Whether a flow tries its source again without a wait for readiness.
 */
#include "pump/pace.h"

static void
pace_enter(struct pace *p, enum pace_state state)
{
	p->state = state;
	p->run = 0;
}

static void
pace_probe_was_vain(struct pace *p)
{
	p->vain = (uint16_t)(2 * p->vain + PACE_RUN);
	if (p->vain > PACE_RUN_MOST - PACE_RUN)
		p->vain = PACE_RUN_MOST - PACE_RUN;
}

void
pace_moved(struct pace *p, size_t n)
{
	switch (p->state) {
	case PACE_WAIT:
		if (n >= PACE_SHORT)
			p->run = 0;
		else if (n > 0 && ++p->run >= PACE_RUN + p->vain)
			pace_enter(p, PACE_PROBE);
		break;
	case PACE_PROBE:
		if (n == 0)
			pace_probe_was_vain(p);
		else
			p->vain = 0;
		pace_enter(p, n == 0 ? PACE_WAIT : PACE_TRY);
		break;
	case PACE_TRY:
		if (n == 0)
			pace_enter(p, PACE_WAIT);
		break;
	}
}

void
pace_stopped(struct pace *p)
{
	pace_enter(p, PACE_WAIT);
}

void
pace_answered(struct pace *p)
{
	if (p->run > 0)
		p->run--;
}
