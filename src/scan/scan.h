/*
 * Modes that only ask whether a port is open: -z and --wait-for. Each returns
 * the exit status of the program.
 */
#ifndef SCAN_SCAN_H
#define SCAN_SCAN_H

#include "plan/plan.h"

int	mode_scan(const struct plan *);
int	mode_wait(const struct plan *);

#endif
