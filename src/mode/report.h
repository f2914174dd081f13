/*
 * How things stand, for whoever wonders why we are still here (USR1).
 */
#ifndef MODE_REPORT_H
#define MODE_REPORT_H

#include "mode/run.h"

void	report(const struct run *);

#endif
