/*
 * --edit: a person at a terminal, and any peer. Lines are edited here before
 * they are sent, and the peer's text is made inert.
 */
#include <unistd.h>

#include "chat/edit.h"
#include "console/console.h"
#include "filter/sanitize.h"

int
edit_open_streams(struct run *r, struct error *err)
{
	endpoint_init(&r->near, r->loop);
	if (!r->plan->no_stdin && endpoint_stdin(&r->near, err) == -1)
		return -1;
	return r->plan->no_stdout ? 0 : endpoint_stdout(&r->near, err);
}

static int
edit_open(struct run *r)
{
	bool shown = isatty(STDOUT_FILENO) && !r->plan->no_stdout;
	const struct console_options opt = { .colour = console_colour_ok(),
	    .apart = !shown, .peer_prompts = shown };
	struct error err;
	int rc;

	if (!isatty(STDIN_FILENO))
		rc = edit_open_streams(r, &err);
	else if ((rc = endpoint_console(&r->near, r->loop, &opt, &err)) == 0 &&
	    !shown && !r->plan->no_stdout)
		rc = endpoint_stdout(&r->near, &err);
	return rc == 0 ? 0 : messages_failed(r->plan, &err);
}

/* Adds the filter of the peer's bytes, after those of the plan. */
static bool
edit_prepare(struct run *r, struct session_options *opt)
{
	struct filter *f = filter_sanitize(&(struct sanitize_options){
	    .finish_line = false });

	(void)r;
	opt->down.filter = opt->down.filter == NULL ? f :
	    filter_chain(opt->down.filter, f);
	return opt->down.filter != NULL;
}

const struct near_ops edit_near_ops = {
	.open = edit_open,
	.prepare = edit_prepare
};
