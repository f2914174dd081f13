/*
 * Commands that are none: in place of serve/exec.c, which would start
 * programs, and look at what they get.
 */
#ifndef FUZZ_UDP_COMMANDS_H
#define FUZZ_UDP_COMMANDS_H

#include "serve/conn.h"
#include "udp_sessions.h"

/* How a command behaves. */
enum { READS_AT_ONCE = 1, ANSWERS = 2, ENDS_SOON = 4, STAYS = 8 };

struct command {
	struct conn	 conn;
	struct session_of *is;		/* NULL: it was never begun */
	unsigned	 manners;
	bool		 in_line;	/* wants to write this */
	bool		 ending;	/* it was told to */
	bool		 ended;		/* by itself */
	struct packet	 answer;
};

static struct command	*commands[SESSIONS];
static unsigned		ncommands;
static unsigned		next_manners;
static struct peers	*share;		/* NULL: not known yet */
static size_t		rooms[2];	/* of one, of all together */
static bool		at_the_end;

/* By itself. */
static inline void
end(struct command *c)
{
	struct conn *conn = &c->conn;

	session_close(c->is);
	session_over();
	c->ended = true;
	conn->over(conn->arg, conn, 0);
	conn_stop(conn, true);
}

/* It reads one; false: there is none. */
static inline bool
take(struct command *c)
{
	static unsigned char buf[DGRAM_MAX];
	struct iovec iov[2] = { { buf, 3 }, { buf + 3, sizeof(buf) - 3 } };
	const struct kept *k = session_first(c->is);
	size_t n = 0;
	enum io io = half_read(&c->conn.ep.in, iov, 2, &n);

	FUZZ_CHECK(io == (k != NULL ? IO_OK : IO_AGAIN));
	if (k == NULL)
		return false;
	FUZZ_CHECK(n == k->len + k->cut);
	FUZZ_CHECK(memcmp(buf, k->data, k->len) == 0);
	if (c->manners & ANSWERS && !c->in_line) {
		memcpy(c->answer.data, buf, k->len);
		c->answer.len = k->len;
		c->in_line = true;
	}
	session_took(c->is);
	return true;
}

/* Its answer, if there is one. */
static inline void
answer(struct command *c)
{
	struct iovec iov = { c->answer.data, c->answer.len };
	size_t n = 0;
	enum io io;

	if (!c->in_line || !c->conn.ep.out.ready)
		return;
	answering = c->is;
	sent = forgave = false;
	io = half_write(&c->conn.ep.out, &iov, 1, &n);
	answering = NULL;
	if (io == IO_AGAIN)
		return;
	FUZZ_CHECK((io == IO_OK) == (sent && !is_nameless(&c->is->peer)));
	FUZZ_CHECK(io == IO_FAIL || n == c->answer.len);
	if (io == IO_OK)
		session_spoke(c->is, c->answer.data, c->answer.len);
	c->in_line = false;
}

static inline void
on_notify(void *arg)
{
	struct command *c = arg;

	answer(c);
	while (c->manners & READS_AT_ONCE && take(c))
		answer(c);
	if (c->manners & ENDS_SOON && !(c->manners & STAYS))
		end(c);
}

static inline void
on_leave(struct conn *conn)
{
	((struct command *)conn)->ending = true;
}

static inline void
on_dispose(struct conn *conn)
{
	struct command *c = (struct command *)conn;
	unsigned i;

	if (!at_the_end && !c->ended && c->is != NULL)
		FUZZ_CHECK(session_happens(EVICT) == c->is);
	for (i = 0; commands[i] != c; i++)
		FUZZ_CHECK(i < ncommands);
	commands[i] = commands[--ncommands];
}

static inline bool
wants_out(const void *arg)
{
	const struct command *c = arg;

	return c->in_line && !c->conn.ep.out.ready;
}

static const struct conn_ops command_ops = { .leave = on_leave,
    .dispose = on_dispose };

/* In place of serve/exec.c, which would start programs. */
struct conn *
conn_exec(const struct conn_start *start, int *status)
{
	struct command *c = conn_new(sizeof(*c), &command_ops, start);
	struct session_of *s;
	struct udp_peer *p;

	FUZZ_CHECK(c != NULL && ncommands < SESSIONS);
	commands[ncommands++] = c;
	FUZZ_CHECK(start->join(start->join_arg, &c->conn, "a peer") == 0);
	p = (struct udp_peer *)c->conn.ep.in.top;
	s = session_begins(&p->peer, &p->local);
	share = p->of;
	/* Less than usual, so that they are full soon. */
	share->peer_room = rooms[0];
	share->total_room = rooms[1];
	if (s == NULL) {
		*status = 1;
		conn_stop(&c->conn, true);
		return NULL;
	}
	c->is = s;
	c->manners = next_manners;
	c->conn.ep.notify = on_notify;
	c->conn.ep.user = c;
	c->conn.ep.out.wants = wants_out;
	c->conn.ep.out.user = c;
	return &c->conn;
}

#endif
