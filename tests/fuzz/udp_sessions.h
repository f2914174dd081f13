/*
 * Which datagram belongs to which session, worked out beside the program as
 * each is read: from that follows who is to come in, whose place is given
 * away, and what is dropped.
 */
#ifndef FUZZ_UDP_SESSIONS_H
#define FUZZ_UDP_SESSIONS_H

#include <stdio.h>

#include "peers/peers.h"
#include "udp_senders.h"

#define SESSIONS	16
#define MAX_CONNS	3
#define PROBATION	(10 * NSEC_PER_SEC)
#define REST		NSEC_PER_SEC

struct kept {
	TAILQ_ENTRY(kept) link;
	bool		 cut;
	size_t		 len;
	unsigned char	 data[];
};

struct session_of {
	TAILQ_ENTRY(session_of) link;
	unsigned	 sock, who;
	struct addr	 peer, local;
	TAILQ_HEAD(, kept) queue;
	size_t		 held;
	unsigned	 heard;		/* how often it spoke */
	bool		 taken;		/* something was read */
	bool		 begun;
	int64_t		 active;
	unsigned	 order;		/* of activity */
};

TAILQ_HEAD(session_list, session_of);

enum event { JOIN, REFUSE, EVICT };

static struct {
	struct run	*run;
	const size_t	*rooms;
	struct session_list live, left, gone;
	unsigned	 n, numbered, activity;
	size_t		 held;
	bool		 stopping, next_fails;
	int64_t		 rest_until;
	struct peers_drops drops;
	uint64_t	 came, read;
	struct task	 again;
	/* What is to happen, in this order. */
	struct {
		enum event		 what;
		struct session_of	*s;
	} events[4 * QUEUE];
	unsigned	 nevents, next_event;
	char		 words[500];
} expected;

static bool			 is_over;	/* the loop stands still */
static struct session_of	*answering;
static bool			 sent, forgave;

static inline int64_t
session_now(void)
{
	return loop_now(expected.run->loop);
}

static inline void
session_drop_first(struct session_of *s)
{
	struct kept *k = TAILQ_FIRST(&s->queue);
	size_t n = k->len + sizeof(struct record) + 2 * sizeof(void *);

	TAILQ_REMOVE(&s->queue, k, link);
	s->held -= n;
	expected.held -= n;
	free(k);
}

static inline void
session_expects(enum event what, struct session_of *s)
{
	FUZZ_CHECK(expected.nevents < 4 * QUEUE);
	expected.events[expected.nevents].what = what;
	expected.events[expected.nevents++].s = s;
}

/* ---- Coming and going --------------------------------------------------- */

static inline struct session_of *
session_find(unsigned sock, unsigned who)
{
	struct session_of *s;

	TAILQ_FOREACH(s, &expected.live, link)
		if (s->sock == sock && s->who == who)
			return s;
	return NULL;
}

/* Its endpoint is closed. */
static inline void
session_close(struct session_of *s)
{
	TAILQ_REMOVE(&expected.live, s, link);
	expected.n--;
	if (!s->taken && !TAILQ_EMPTY(&s->queue)) {
		expected.drops.left++;
		session_drop_first(s);
	}
	if (TAILQ_EMPTY(&s->queue)) {
		TAILQ_INSERT_TAIL(&expected.gone, s, link);
		return;
	}
	TAILQ_INSERT_TAIL(&expected.left, s, link);
	loop_post(expected.run->loop, &expected.again);
}

/* ... and this was by itself. */
static inline void
session_over(void)
{
	if (!expected.run->plan->keep_open ||
	    (expected.stopping && expected.n == 0))
		is_over = true;
}

static inline struct session_of *
session_idlest(void)
{
	struct session_of *s, *found = NULL;

	TAILQ_FOREACH(s, &expected.live, link)
		if (s->heard == 1 && (found == NULL || s->order <
		    found->order))
			found = s;
	return found != NULL && session_now() - found->active >= PROBATION ?
	    found : NULL;
}

static inline bool
session_has_place(void)
{
	bool once = !expected.run->plan->keep_open;
	struct session_of *s;

	if (expected.n < (once ? 1 : MAX_CONNS))
		return !once || expected.numbered == 0;
	if (once || (s = session_idlest()) == NULL)
		return false;
	session_expects(EVICT, s);
	session_close(s);
	return true;
}

/* A stranger: its session, if it gets one. */
static inline struct session_of *
session_admit(unsigned sock, unsigned who, const struct addr *local)
{
	struct session_of *s;

	if (expected.stopping || session_now() < expected.rest_until ||
	    !session_has_place())
		return NULL;
	expected.numbered++;
	FUZZ_CHECK((s = calloc(1, sizeof(*s))) != NULL);
	s->sock = sock;
	s->who = who;
	s->peer = sender_addr(sock, who);
	s->local = *local;
	TAILQ_INIT(&s->queue);
	session_expects(expected.next_fails ? REFUSE : JOIN, s);
	if (!expected.next_fails) {
		expected.n++;
		TAILQ_INSERT_TAIL(&expected.live, s, link);
		return s;
	}
	expected.next_fails = false;
	expected.rest_until = session_now() + REST;
	TAILQ_INSERT_TAIL(&expected.gone, s, link);
	if (!expected.run->plan->keep_open)
		is_over = true;
	return NULL;
}

static inline void
session_active(struct session_of *s)
{
	s->active = session_now();
	s->order = ++expected.activity;
}

/* What was left unread, to whoever comes next for that sender. */
static inline void
session_again(void *arg)
{
	struct session_of *s, *next;

	(void)arg;
	while ((s = TAILQ_FIRST(&expected.left)) != NULL) {
		TAILQ_REMOVE(&expected.left, s, link);
		TAILQ_INSERT_TAIL(&expected.gone, s, link);
		next = session_find(s->sock, s->who);
		if (next == NULL)
			next = session_admit(s->sock, s->who, &s->local);
		if (next != NULL) {
			next->heard++;
			session_active(next);
			next->held += s->held;
			TAILQ_CONCAT(&next->queue, &s->queue, link);
		}
		for (; !TAILQ_EMPTY(&s->queue); expected.drops.left++)
			session_drop_first(s);
	}
}

/* ---- Datagrams ---------------------------------------------------------- */

static inline void
session_keep(struct session_of *s, const struct packet *p)
{
	size_t n = p->len + sizeof(struct record) + 2 * sizeof(void *);
	struct kept *k;

	if (!TAILQ_EMPTY(&s->queue) && (s->held + n > expected.rooms[0] ||
	    expected.held + n > expected.rooms[1])) {
		expected.drops.full++;
		return;
	}
	FUZZ_CHECK((k = malloc(sizeof(*k) + p->len)) != NULL);
	k->cut = p->cut;
	k->len = p->len;
	memcpy(k->data, p->data, p->len);
	TAILQ_INSERT_TAIL(&s->queue, k, link);
	s->held += n;
	expected.held += n;
}

static inline void
session_came(unsigned sock, const struct packet *p)
{
	unsigned who = sender_of(sock, &p->peer);
	struct session_of *s;

	expected.came++;
	if (who == SENDERS) {
		expected.drops.own++;
		return;
	}
	if (!is_nameless(&p->peer) && !guard_passes(sock, who, p->data,
	    p->len, session_now())) {
		expected.drops.looped++;
		return;
	}
	/* Older ones come first. */
	session_again(NULL);
	s = session_find(sock, who);
	if (s == NULL && (s = session_admit(sock, who, &p->local)) == NULL) {
		expected.drops.no_place++;
		return;
	}
	s->heard++;
	session_active(s);
	session_keep(s, p);
}

static inline const struct kept *
session_first(const struct session_of *s)
{
	return TAILQ_FIRST(&s->queue);
}

static inline void
session_took(struct session_of *s)
{
	s->taken = true;
	expected.read++;
	session_drop_first(s);
}

static inline void
session_spoke(struct session_of *s, const unsigned char *data, size_t n)
{
	session_active(s);
	guard_answered(s->sock, s->who, data, n, session_now());
}

static inline void
session_check_local(const struct session_of *s, const struct addr *local)
{
	struct addr a = s->local;

	addr_set_port(&a, 0);
	if (a.len == 0 || forgave)
		FUZZ_CHECK(local->len == 0);
	else
		FUZZ_CHECK(addr_equal(&a, local));
}

/* ---- What the program does ---------------------------------------------- */

/* The next event must be this one. */
static inline struct session_of *
session_happens(enum event what)
{
	if (expected.next_event == expected.nevents)
		session_again(NULL);
	FUZZ_CHECK(expected.next_event < expected.nevents);
	FUZZ_CHECK(expected.events[expected.next_event].what == what);
	return expected.events[expected.next_event++].s;
}

/* NULL: it is to fail. */
static inline struct session_of *
session_begins(const struct addr *peer, const struct addr *local)
{
	struct session_of *s;
	bool fails;

	if (expected.next_event == expected.nevents)
		session_again(NULL);
	FUZZ_CHECK(expected.next_event < expected.nevents);
	fails = expected.events[expected.next_event].what == REFUSE;
	s = session_happens(fails ? REFUSE : JOIN);
	FUZZ_CHECK(peer->len == 0 ? is_nameless(&s->peer) :
	    addr_equal(peer, &s->peer));
	if (addr_is_inet(&s->local))
		addr_set_port(&s->local, addr_port(&socks[s->sock].bound));
	FUZZ_CHECK(addr_equal(local, &s->local));
	return fails ? NULL : s;
}

static inline void
session_check_drops(const struct peers *share)
{
	const struct peers_drops *got = &share->admission.drops;
	const struct peers_drops *want = &expected.drops;

	FUZZ_CHECK(got->full == want->full && got->own == want->own);
	FUZZ_CHECK(got->no_place == want->no_place);
	FUZZ_CHECK(got->looped == want->looped);
}

static inline void
session_check_turn(void)
{
	FUZZ_CHECK(expected.next_event == expected.nevents);
	expected.next_event = expected.nevents = 0;
}

static inline void
sessions_begin(struct run *run, const size_t rooms[2])
{
	memset(&expected, 0, sizeof(expected));
	TAILQ_INIT(&expected.live);
	TAILQ_INIT(&expected.left);
	TAILQ_INIT(&expected.gone);
	expected.run = run;
	expected.rooms = rooms;
	expected.again = (struct task){ .run = session_again };
	is_over = false;
}

/* A word of the program, which tells what was dropped at its end. */
static inline void
session_hear(const char *line)
{
	if (strncmp(line, "dropped ", 8) == 0)
		(void)snprintf(expected.words + strlen(expected.words),
		    sizeof(expected.words) - strlen(expected.words), "%s\n",
		    line);
}

static inline void
session_tell(char *buf, size_t size, uint64_t n, const char *why)
{
	if (n > 0)
		(void)snprintf(buf + strlen(buf), size - strlen(buf),
		    "dropped %ju datagram%s %s\n", (uintmax_t)n,
		    n == 1 ? "" : "s", why);
}

/* What came was read, or is told as dropped, for one reason. */
static inline void
sessions_end(void)
{
	struct peers_drops *d = &expected.drops;
	struct session_of *s, *next;
	char want[500] = "";

	for (s = TAILQ_FIRST(&expected.live); s != NULL; s = next) {
		next = TAILQ_NEXT(s, link);
		session_close(s);
	}
	TAILQ_FOREACH(s, &expected.left, link)
		for (; !TAILQ_EMPTY(&s->queue); d->left++)
			session_drop_first(s);
	TAILQ_CONCAT(&expected.gone, &expected.left, link);
	loop_unpost(expected.run->loop, &expected.again);
	session_tell(want, sizeof(want), d->full,
	    "for commands that were too slow");
	session_tell(want, sizeof(want), d->no_place,
	    "of peers beyond the limit (--max-conns)");
	session_tell(want, sizeof(want), d->left,
	    "that a command left unread");
	session_tell(want, sizeof(want), d->looped,
	    "that were our own answers");
	session_tell(want, sizeof(want), d->own, "from our own address");
	expected.run->tidy.call(expected.run->tidy.arg);
	FUZZ_CHECK(strcmp(expected.words, want) == 0);
	FUZZ_CHECK(expected.run->drops.all.n == (uint64_t)socks[0].dropped +
	    socks[1].dropped);
	FUZZ_CHECK(expected.came == expected.read + d->full + d->no_place +
	    d->left + d->looped + d->own);
	for (s = TAILQ_FIRST(&expected.gone); s != NULL; s = next) {
		next = TAILQ_NEXT(s, link);
		free(s);
	}
}

#endif
