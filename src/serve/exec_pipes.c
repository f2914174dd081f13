#include <errno.h>

#include "run/run.h"
#include "serve/exec_pipes.h"

/* The largest payload of UDP, bytes. */
#define EXEC_DATAGRAM	65507

static const char	exec_name[] = "the command";

int
exec_pipes_stages(const struct plan *plan, bool dgram, struct flow_options *up,
    struct flow_options *down)
{
	bool ok = run_stages(plan, up) && run_stages_down(plan, down, NULL);
	struct filter *whole;

	up->mover = down->mover = plan->mover;
	up->block = !dgram ? 0 : plan->dgram == DGRAM_BLOCK ? plan->block :
	    EXEC_DATAGRAM;
	if (ok && dgram && plan->dgram == DGRAM_LINE &&
	    plan->frame.how == FRAME_NONE) {
		down->filter = filter_to_lines();
		whole = filter_whole_lines(EXEC_DATAGRAM);
		up->filter = up->filter == NULL ? whole :
		    filter_chain(up->filter, whole);
		/* With -i there is a gate that lets lines go already. */
		if (up->gate == NULL)
			up->gate = gate_lines(0, EXEC_DATAGRAM);
		ok = down->filter != NULL && up->filter != NULL &&
		    up->gate != NULL;
	}
	if (ok)
		return 0;
	run_stages_free(up, down);
	errno = ENOMEM;
	return -1;
}

int
exec_pipes_open(struct endpoint *near, bool record, struct fd *in,
    struct fd *out)
{
	struct fd from = { .num = -1 }, to = from;

	if ((record ? fd_record_pair(&from, out) : fd_pipe(&from, out)) == -1 ||
	    (record ? endpoint_add_dgram_reader(near, &from, EXEC_DATAGRAM,
	    exec_name) : endpoint_add_in(near, &from, exec_name)) == -1) {
		fd_close(&from);
		return -1;
	}
	if (fd_pipe(in, &to) == -1 ||
	    (record ? endpoint_add_dgram_pipe(near, &to, exec_name) :
	    endpoint_add_out(near, &to, exec_name)) == -1) {
		fd_close(&to);
		return -1;
	}
	return fd_make_blocking(in) == -1 ? -1 : fd_make_blocking(out);
}
