/*
 * Who sits at the near end.
 */
#include "chat/chat.h"
#include "chat/person.h"
#include "chat/talk_console.h"

const struct near_ops *
person_near_ops(const struct plan *plan)
{
	if (plan->near == PLAN_CHAT)
		return &chat_near_ops;
	return talk_console_fits(plan) ? &talk_near_ops : NULL;
}
