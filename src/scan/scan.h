/*
 * Modes that only find out whether ports are open: -z and --wait-for. They
 * return the exit status of the program.
 */
#ifndef SCAN_SCAN_H
#define SCAN_SCAN_H

#include "plan/plan.h"

int	mode_scan(const struct plan *);
int	mode_wait(const struct plan *);

#endif
