/*
 * The modes that have a session or more. Each is run once, and returns the
 * exit status of the program.
 */
#ifndef MODE_MODE_H
#define MODE_MODE_H

#include "plan/plan.h"

int	mode_connect(const struct plan *);
int	mode_device(const struct plan *);
int	mode_inherit(const struct plan *);
int	mode_listen(const struct plan *);

#endif
