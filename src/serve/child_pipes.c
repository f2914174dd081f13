/*
 * The ties between a command and the pump.
 */
#include <errno.h>

#include "run/run.h"
#include "serve/child_pipes.h"

/* The largest that UDP has. */
#define DATAGRAM	65507

static const char	name[] = "the command";

/* The command's output; record: each of its writes is one. */
static int
child_pipes_out(struct endpoint *near, bool record, struct fd *out)
{
	struct fd from;
	int rc;

	rc = record ? fd_record_pair(&from, out) : fd_pipe(&from, out);
	if (rc == -1)
		return -1;
	rc = record ? endpoint_add_dgram_reader(near, &from, DATAGRAM, name) :
	    endpoint_add_in(near, &from, name);
	if (rc == 0)
		return fd_make_blocking(out);
	fd_close(&from);
	return -1;
}

static int
child_pipes_in(struct endpoint *near, bool record, struct fd *in)
{
	struct fd to;
	int rc;

	if (fd_pipe(in, &to) == -1)
		return -1;
	rc = record ? endpoint_add_dgram_pipe(near, &to, name) :
	    endpoint_add_out(near, &to, name);
	if (rc == 0)
		return fd_make_blocking(in);
	fd_close(&to);
	return -1;
}

int
child_pipes_command(struct endpoint *near, const struct plan *plan, bool dgram,
    struct fd *in, struct fd *out)
{
	bool record = dgram && plan->dgram == DGRAM_RECORD &&
	    plan->frame.how == FRAMING_NONE;

	if (child_pipes_out(near, record, out) == -1)
		return -1;
	return child_pipes_in(near, record, in);
}

int
child_pipes_stages(const struct plan *plan, bool dgram, struct flow_options *up,
    struct flow_options *down)
{
	bool ok = run_stages(plan, up) && run_stages_down(plan, down, NULL);

	up->block = !dgram ? 0 : plan->dgram == DGRAM_BLOCK ? plan->block :
	    DATAGRAM;
	if (ok && dgram && plan->dgram == DGRAM_LINE &&
	    plan->frame.how == FRAMING_NONE) {
		down->filter = filter_to_lines();
		up->filter = filter_whole_lines(DATAGRAM, up->filter);
		/* With -i there is a gate that lets lines go already. */
		if (up->gate == NULL)
			up->gate = gate_lines(DATAGRAM);
		ok = down->filter != NULL && up->filter != NULL &&
		    up->gate != NULL;
	}
	if (ok)
		return 0;
	run_stages_free(up, down);
	errno = ENOMEM;
	return -1;
}
