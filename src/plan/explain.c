#include <stdio.h>

#include "plan/option.h"

int
plan_explain(const struct plan *plan)
{
	(void)plan;
	return 0;
}
