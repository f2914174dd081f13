/*
 * The files that a run writes to.
 */
#ifndef RUN_FILES_H
#define RUN_FILES_H

#include "base/diag.h"
#include "plan/plan.h"

/*
 * Are they all different, under whatever names (native alone minds)? 0, or -1
 * with err. Devices may be told everything. Nothing is opened yet.
 */
int	files_check(const struct plan *, struct error *);

#endif
