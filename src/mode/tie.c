/*
 * The ties between a command and the pump.
 */
#include <errno.h>

#include "mode/run.h"
#include "mode/tie.h"

static const char	name[] = "the command";

/* The command's output; record: each write is one, of so many bytes. */
static int
tie_out(struct endpoint *near, bool record, size_t max, struct fd *out)
{
	struct fd from;
	int rc;

	rc = record ? fd_record_pair(&from, out) : fd_pipe(&from, out);
	if (rc == -1)
		return -1;
	rc = record ? endpoint_add_outbox(near, &from, max, name) :
	    endpoint_add_in(near, &from, name);
	if (rc == 0)
		return fd_make_blocking(out);
	fd_close(&from);
	return -1;
}

static int
tie_in(struct endpoint *near, bool record, struct fd *in)
{
	struct fd to;
	int rc;

	if (fd_pipe(in, &to) == -1)
		return -1;
	rc = record ? endpoint_add_mailbox(near, &to, name) :
	    endpoint_add_out(near, &to, name);
	if (rc == 0)
		return fd_make_blocking(in);
	fd_close(&to);
	return -1;
}

int
tie_command(struct endpoint *near, const struct plan *plan, bool dgram,
    struct fd *in, struct fd *out)
{
	bool record = dgram && plan->dgram == DGRAM_RECORD;

	if (tie_out(near, record, plan->block, out) == -1)
		return -1;
	return tie_in(near, record, in);
}

int
tie_stages(const struct plan *plan, bool dgram, struct flow_options *up,
    struct flow_options *down)
{
	bool ok = run_stages(plan, up);

	up->block = dgram ? plan->block : 0;
	if (ok && dgram && plan->dgram == DGRAM_LINE) {
		down->filter = filter_to_lines();
		up->filter = filter_whole_lines(plan->block, up->filter);
		/* With -i there is a gate that lets lines go already. */
		if (up->gate == NULL)
			up->gate = gate_lines(plan->block);
		ok = down->filter != NULL && up->filter != NULL &&
		    up->gate != NULL;
	}
	if (ok)
		return 0;
	filter_free(up->filter);
	filter_free(down->filter);
	gate_free(up->gate);
	errno = ENOMEM;
	return -1;
}
