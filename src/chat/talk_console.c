/*
 * The console of a room's operator.
 */
#include <stdio.h>
#include <unistd.h>

#include "chat/talk_console.h"
#include "chat/talk_names.h"
#include "console/console.h"

bool
talk_console_fits(const struct plan *plan)
{
	return plan->near == PLAN_HUB && plan->hub == HUB_TALK &&
	    !plan->no_stdin && !plan->no_stdout && isatty(STDIN_FILENO) &&
	    isatty(STDOUT_FILENO);
}

static void
talk_console_on_message(void *arg, const char *text)
{
	struct run *r = arg;

	console_say(&r->near, text);
}

static int
talk_console_open(struct run *r)
{
	char name[GUEST_NAME_MAX], prompt[GUEST_NAME_MAX + 4];
	const struct console_options opt = { .colour = console_colour_ok(),
	    .prompt = prompt, .timestamps = r->plan->chat.timestamps };
	struct error err;

	talk_own_name(r->plan->chat.name, name);
	(void)snprintf(prompt, sizeof(prompt), "%s> ", name);
	if (endpoint_console(&r->near, r->loop, &opt, &err) == -1)
		return r->messages->failed(r->plan, &err);
	diag_redirect(talk_console_on_message, r);
	return 0;
}

static void
talk_console_close(struct run *r)
{
	(void)r;
	diag_redirect(NULL, NULL);
}

const struct near_ops talk_near_ops = {
	.open = talk_console_open,
	.close = talk_console_close
};
