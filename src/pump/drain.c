/*
 * A peer that nobody listens to: what it says is of no interest, but it may
 * not listen before it has said it.
 */
#include <errno.h>

#include "pump/session.h"

/* Reads in one step. */
#define TURNS	16

static bool
drain_wants(const void *user)
{
	(void)user;
	return true;
}

/* Whoever sends datagrams is held up by nobody, and no file waits. */
static bool
drain_may_be_held_up(const struct fd *fd)
{
	return fd->kind == FD_PIPE || fd->kind == FD_STREAM ||
	    (fd->kind == FD_DGRAM && fd_has_end(fd));
}

void
session_drain_from_now(struct session *s)
{
	struct half *in = &s->far->in;

	if (in->fd == NULL || !drain_may_be_held_up(in->fd) || in->ended)
		return;
	in->wants = drain_wants;
	in->user = s;
}

/* It says no more. */
static void
drain_note_end(struct session *s, int num)
{
	s->far->in.wants = NULL;
	if (num != 0)
		flow_sink_failed(&s->up, num);
	/* What was acknowledged has arrived all the same. */
	if (num != 0 && s->up.write_errno == 0 && s->opt.tcp &&
	    fd_unacked(s->far->out.fd) > 0)
		s->up.write_errno = num;
	if (s->opt.policy.far_eof == FAR_KEEP_INPUT)
		flow_finish(&s->up, FLOW_CANCEL);
}

void
session_drain(struct session *s)
{
	struct half *in = &s->far->in;
	char waste[16 << 10];
	struct iovec iov = { .iov_base = waste, .iov_len = sizeof(waste) };
	enum io io = IO_OK;
	int turns = TURNS;
	size_t n;

	if (in->wants != drain_wants)
		return;
	while (io == IO_OK && in->ready && turns-- > 0)
		if ((io = half_read(in, &iov, 1, &n)) == IO_OK)
			s->down.moves++;
	if (io == IO_OK && in->ready)
		loop_post(s->loop, &s->again);
	if (io == IO_EOF || io == IO_FAIL)
		drain_note_end(s, io == IO_FAIL ? errno : 0);
}
