/*
 * The console of a person at the near end.
 */
#include <stdio.h>
#include <unistd.h>

#include "chat/chat.h"
#include "chat/group_chat.h"
#include "chat/person.h"
#include "console/console.h"

bool
person_is_operator(const struct plan *plan)
{
	return plan->near == PLAN_HUB && plan->hub == HUB_TALK &&
	    !plan->no_stdin && !plan->no_stdout && isatty(STDIN_FILENO) &&
	    isatty(STDOUT_FILENO);
}

static int
person_open_operator(struct run *r)
{
	char name[MEMBER_NAME_MAX], prompt[MEMBER_NAME_MAX + 4];
	const struct console_options opt = { .colour = console_colour_ok(),
	    .prompt = prompt, .timestamps = r->plan->chat.timestamps };
	struct error err;

	group_chat_own_name(r->plan->chat.name, name);
	(void)snprintf(prompt, sizeof(prompt), "%s> ", name);
	if (endpoint_console(&r->near, r->loop, &opt, &err) == -1)
		return r->messages->failed(r->plan, &err);
	return 0;
}

const struct near_ops *
person_near_ops(const struct plan *plan)
{
	static const struct near_ops operator = {
		.open = person_open_operator
	};

	if (plan->near == PLAN_CHAT)
		return &chat_near_ops;
	return person_is_operator(plan) ? &operator : NULL;
}
