/*
 * A command on a connection: how it begins.
 */
#include <errno.h>
#include <stdlib.h>

#include "net/sockopt.h"
#include "run/stages.h"
#include "serve/child_pipes.h"
#include "serve/command.h"
#include "serve/exec_state.h"

struct conn *
conn_exec_new(const struct conn_start *start)
{
	struct exec *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return NULL;
	exec_init(e, start);
	return &e->conn;
}

struct endpoint *
conn_exec_far(struct conn *c)
{
	return &((struct exec *)c)->far;
}

static int
exec_launch(struct exec *e, const struct conn_start *start, const struct fd *in,
    const struct fd *out)
{
	return command_start(&e->child, start, in, out);
}

static void
exec_pump(struct exec *e, const struct conn_start *start,
    const struct flow_options *up, const struct flow_options *down)
{
	const struct plan *plan = start->run->plan;
	struct session_options opt = {
		.policy = plan->end, .up = *up, .down = *down,
		.tcp = plan->type == TYPE_STREAM && !start->run->is_unix,
		.done = exec_session_done, .user = e
	};

	/*
	 * A datagram's sender never ends, so that the end of the command does
	 * it; but one that closes its output may have its reasons.
	 */
	if (plan->type == TYPE_DGRAM)
		opt.policy.near_eof = NEAR_KEEP;
	opt.up.mover = opt.down.mover = (enum mover_choice)plan->mover;
	e->pumping = true;
	if (e->far.in.record)
		exec_hint_start(e);
	session_start(&e->session, e->conn.run->loop, &e->near, &e->far, &opt);
}

/* -1 with errno; what was made is undone by dispose and the endpoints. */
static int
exec_start_pumping(struct exec *e, const struct conn_start *start)
{
	const struct plan *plan = start->run->plan;
	bool dgram = e->far.in.record;
	struct flow_options up = { .filter = NULL }, down = up;
	struct fd in = { .num = -1 }, out = { .num = -1 };
	int rc, num;

	if (socket_layers_up(start->run, &e->far) == -1 ||
	    child_pipes_stages(plan, dgram, &up, &down) == -1)
		return -1;
	rc = child_pipes_command(&e->near, plan, dgram, &in, &out);
	if (rc == 0)
		rc = exec_launch(e, start, &in, &out);
	num = errno;
	fd_close(&in);
	fd_close(&out);
	if (rc == 0) {
		exec_pump(e, start, &up, &down);
		return 0;
	}
	run_stages_free(&up, &down);
	errno = num;
	return -1;
}

int
conn_exec_begin(struct conn *c, const struct conn_start *start, int *status)
{
	struct exec *e = (struct exec *)c;

	if (exec_start_pumping(e, start) == 0)
		return 0;
	*status = command_failed(start->run);
	endpoint_close(&e->near);
	endpoint_close(&e->far);
	exec_dispose(e);
	return -1;
}

static struct conn *
exec_hand_over(struct conn *c, const struct conn_start *start, int *status)
{
	struct exec *e = (struct exec *)c;

	e->sock = *start->fd;
	if (fd_make_blocking(&e->sock) == 0 &&
	    exec_launch(e, start, &e->sock, &e->sock) == 0) {
		e->exec_socket = (struct exec_socket){ .sock = &e->sock,
		    .broke = exec_broke, .arg = e };
		exec_socket_watch(&e->exec_socket, e->conn.run->loop);
		return c;
	}
	*status = command_failed(start->run);
	exec_dispose(e);
	return NULL;
}

struct conn *
conn_exec(const struct conn_start *start, int *status)
{
	struct conn *c = conn_exec_new(start);
	struct endpoint *far;
	char name[ENDPOINT_NAME_MAX];

	if (c == NULL) {
		*status = command_failed(start->run);
		fd_close(start->fd);
		return NULL;
	}
	if (start->fd->kind == FD_STREAM && !start->run->is_unix)
		sockopt_nodelay(start->run->plan, start->fd);
	if (start->run->plan->exec.handover)
		return exec_hand_over(c, start, status);
	far = conn_exec_far(c);
	run_peer_name(start->run->plan, NULL, start->peer, name, sizeof(name));
	if (endpoint_socket(far, start->run->loop, start->fd,
	    start->fd->kind == FD_DGRAM, name) == -1) {
		*status = command_failed(start->run);
		fd_close(start->fd);
		exec_dispose((struct exec *)c);
		return NULL;
	}
	return conn_exec_begin(c, start, status) == 0 ? c : NULL;
}
