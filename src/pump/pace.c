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
	if (n == 0) {
		if (p->state == PACE_PROBE)
			pace_probe_was_vain(p);
		if (p->state != PACE_WAIT)
			pace_enter(p, PACE_WAIT);
		return;
	}
	p->run = p->state == PACE_NAP || n < PACE_SHORT ? p->run + 1 : 0;
	switch (p->state) {
	case PACE_WAIT:
		if (p->run >= PACE_RUN + p->vain)
			pace_enter(p, PACE_PROBE);
		break;
	case PACE_PROBE:
		p->vain = 0;
		pace_enter(p, PACE_TRY);
		break;
	case PACE_TRY:
		if (p->run >= PACE_TRIES)
			pace_enter(p, PACE_NAP);
		break;
	case PACE_NAP:
		if (n >= PACE_MUCH || p->run >= PACE_NAPS)
			pace_enter(p, PACE_TRY);
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
