/*
 * The hint for a command that reads lines, and is given datagrams without a
 * newline: it waits for the rest of the line, and its peer for the answer.
 */
#include "base/diag.h"
#include "base/num.h"
#include "serve/exec_state.h"

/* A command that has said nothing for so long is taken to wait. */
#define SILENCE		NSEC_PER_SEC

static void
exec_hint_due(void *arg)
{
	struct exec *e = arg;

	if (e->conn.run->hinted || !e->pumping || !e->child.running ||
	    e->session.up.ledger.read != e->said)
		return;
	e->conn.run->hinted = true;
	diag_warnx("the command has said nothing after a datagram without a "
	    "newline (if it reads lines, use --dgram=line)");
}

static void
exec_hint_unended(void *arg)
{
	struct exec *e = arg;
	struct loop *loop = e->conn.run->loop;

	if (e->conn.run->hinted || (timer_is_set(&e->silence) &&
	    e->session.up.ledger.read == e->said))
		return;
	e->said = e->session.up.ledger.read;
	timer_set(loop, &e->silence, loop_now(loop) + SILENCE);
}

void
exec_hint_start(struct exec *e)
{
	if (!e->conn.run->plan->exec.hints_lines)
		return;
	e->silence = (struct timer){ .fire = exec_hint_due, .arg = e };
	endpoint_dgram_pipe_tells(&e->near, exec_hint_unended, e);
}

void
exec_hint_stop(struct exec *e)
{
	timer_clear(e->conn.run->loop, &e->silence);
}
