/*
 * How things stand, for whoever wonders why we are still here (USR1).
 */
#ifndef RUN_REPORT_H
#define RUN_REPORT_H

#include "run/run.h"

void	report(const struct run *);

#endif
