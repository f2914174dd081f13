#include "link/pause.h"

int64_t
pause_look(struct pause_watch *p, uint64_t moves, int64_t now, int64_t patience,
    const struct fd *a, const struct fd *b)
{
	const uint32_t seen = (uint32_t)(moves ^ moves >> 32);
	bool again;

	if (patience == 0 || (p->at == 0 && p->seen == seen) ||
	    now < pause_date(p))
		return pause_date(p);
	again = p->at == 0;
	if (!again) {
		again = fd_excuse_pause(a, patience);
		again |= b != NULL && fd_excuse_pause(b, patience);
	}
	p->at = again ? (uint32_t)((now + patience) / PAUSE_UNIT + 1) : 0;
	p->seen = seen;
	return pause_date(p);
}
