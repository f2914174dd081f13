/*
 * Who sits at the near end.
 */
#include "mode/chat.h"
#include "mode/person.h"
#include "mode/talk_console.h"

const struct near_ops *
person_near_ops(const struct plan *plan)
{
	if (plan->near == PLAN_CHAT)
		return &chat_near_ops;
	return talk_console_fits(plan) ? &talk_near_ops : NULL;
}
