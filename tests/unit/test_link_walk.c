/*
 * Every order of a few events at both ends of a connection: what the pump,
 * the session, the echo and the relay promise holds after each of them.
 *
 * The ends are layers in memory, the clock is the test's, and the loop has no
 * descriptor to wait for, so that a walk costs a few microseconds. An event
 * changes what an end gives or takes; an end tells this program about that
 * only where this program waits for it, as epoll(7) would.
 */
#include "../../src/loop/loop.c"

#include "endpoint/endpoint.h"
#include "link/session.h"
#include "serve/conn.h"
#include "serve/relay.h"
#include "unit.h"

#define PIECE	3U		/* bytes of an event */
#define DEEP	12

/* ---- An end -------------------------------------------------------------- */

struct end {
	struct layer	 layer;		/* of both halves */
	struct endpoint	*ep;
	struct end	*other;		/* where its bytes go */
	uint64_t	 has;		/* bytes that it has to give */
	uint64_t	 gave, took;
	bool		 ends, fails;	/* after these bytes */
	bool		 full;		/* takes nothing for now */
	bool		 gone;		/* takes nothing more: EPIPE */
	bool		 slow;		/* a shut takes two turns */
	bool		 stream;	/* standard output: can be told an end,
					   and nothing else */
	bool		 told_end, told_failure;	/* by its reads */
	bool		 refused;	/* a write */
	bool		 shut;		/* it was told an end */
	bool		 reset, closed;
};

static struct end	 ends[2];
static struct loop	*loop;
static const char	*broke;		/* the first law that was broken */
static unsigned		 overs;
static struct outcome	 said;
static bool		 was_said;

static void
law(bool holds, const char *text)
{
	if (!holds && broke == NULL)
		broke = text;
}

static unsigned char
byte_at(const struct end *e, uint64_t pos)
{
	return (unsigned char)(pos * 7 + (e == &ends[0] ? 1 : 100));
}

static enum io
end_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct end *e = (struct end *)l;

	(void)cnt;
	law(!e->told_end, "nothing is read after the end");
	law(!e->told_failure, "nothing is read after a failure");
	law(!e->closed, "nothing is read after the close");
	for (*n = 0; *n < iov[0].iov_len && e->gave < e->has; ++*n)
		((unsigned char *)iov[0].iov_base)[*n] =
		    byte_at(e, e->gave++);
	if (*n > 0)
		return IO_OK;
	e->told_failure = e->fails;
	e->told_end = e->ends;
	errno = e->fails ? ECONNRESET : EAGAIN;
	return e->fails ? IO_FAIL : e->ends ? IO_EOF : IO_AGAIN;
}

static enum io
end_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct end *e = (struct end *)l;

	law(!e->shut, "nothing is written after an end");
	law(!e->refused, "nothing is written after a failure");
	law(!e->closed, "nothing is written after the close");
	*n = 0;
	if (e->gone) {
		e->refused = true;
		errno = EPIPE;
		return IO_FAIL;
	}
	if (e->full) {
		errno = EAGAIN;
		return IO_AGAIN;
	}
	for (int i = 0; i < cnt; i++)
		for (size_t j = 0; j < iov[i].iov_len; j++, ++*n)
			law(((unsigned char *)iov[i].iov_base)[j] ==
			    byte_at(e->other, e->took++),
			    "the bytes come in their order");
	return IO_OK;
}

static enum io
end_shut(struct layer *l)
{
	struct end *e = (struct end *)l;

	if (e->slow) {
		e->slow = false;
		return IO_AGAIN;
	}
	law(!e->shut, "an end is told once");
	law(!e->refused, "no end is told after a failure");
	law(!e->closed, "no end is told after the close");
	law(e->took == e->other->gave, "no end before the data");
	law(e->stream || !e->other->told_failure,
	    "a failure looks like no end");
	e->shut = true;
	return IO_OK;
}

static void
end_close(struct layer *l)
{
	struct end *e = (struct end *)l;

	law(!e->closed, "an end is closed once");
	e->closed = true;
}

static const struct layer_ops end_ops = { .read = end_read,
	.write = end_write, .shut = end_shut, .close = end_close };

/* Makes ep of an end, with layers that tell an end of their own. */
static void
end_open(struct end *e, struct endpoint *ep, const char *name)
{
	e->layer.ops = &end_ops;
	e->ep = ep;
	ep->in = (struct half){ .top = &e->layer, .name = name,
	    .layered = true, .owner = ep };
	ep->out = ep->in;
	ep->out.ready = true;
}

/* ---- What is walked ------------------------------------------------------ */

struct walk {
	const char	*name;
	void		(*begin)(void);
	void		(*interrupt)(void);
	/* Frees what is over, or ends it at once. */
	void		(*end)(void);
	bool		 one;		/* there is one end alone */
};

static struct plan	plan;
static struct run	run;
static struct conn	*conn;
static struct endpoint	near, far;
static struct session	session;
static struct session_options session_opt;

static void
session_over(void *user, struct session *s)
{
	bool resets = s->resets;
	uint64_t lost = session_lost_up(s);

	(void)user;
	overs++;
	was_said = true;
	said = (struct outcome){ .sent = s->up.ledger.written,
	    .received = s->down.ledger.written, .lost_out = lost,
	    .lost_in = session_lost_down(s), .cause = s->end,
	    .near_read.num = s->up.read_errno,
	    .near_write.num = s->down.write_errno,
	    .far_read.num = s->down.read_errno,
	    .far_write.num = s->up.write_errno };
	session_free(s);
	ends[1].reset = resets;
	if (!resets && outcome_delivered(&said))
		endpoint_end(&far);
	endpoint_close(&far);
	endpoint_close(&near);
}

static void
session_begin(void)
{
	endpoint_init(&near, loop);
	endpoint_init(&far, loop);
	end_open(&ends[0], &near, "the input");
	ends[0].stream = true;
	end_open(&ends[1], &far, "the peer");
	session_opt.done = session_over;
	session_opt.policy = plan.end;
	session_start(&session, loop, &near, &far, &session_opt);
}

static void
session_signal(void)
{
	session_interrupt(&session, DRAIN_TIME);
}

static void
session_end_now(void)
{
	if (overs > 0)
		return;
	session_abort(&session);
	endpoint_close(&near);
	endpoint_close(&far);
}

static int
say_ended(const struct plan *p, const struct outcome *o)
{
	(void)p;
	said = *o;
	was_said = true;
	return 0;
}

static void
conn_over(void *arg, struct conn *c, int status)
{
	(void)arg, (void)c, (void)status;
	overs++;
	conn = NULL;
}

static int
conn_join(void *arg, struct conn *c, const char *name)
{
	(void)name;
	end_open(arg, &c->ep, "the client");
	return 0;
}

static struct conn_start
conn_start_of(struct end *e)
{
	static const struct addr none;

	return (struct conn_start){ .run = &run, .join = conn_join,
	    .join_arg = e, .peer = &none, .local = &none, .number = 1,
	    .over = conn_over };
}

static void
echo_begin(void)
{
	struct conn_start start = conn_start_of(&ends[0]);
	struct fd none = { .num = -1 };
	int status;

	start.fd = &none;
	plan.near = PLAN_ECHO;
	conn = conn_echo(&start, &status);
}

static void
relay_dispose_setup(void *arg)
{
	(void)arg;
}

static void
relay_wrap_target(void *arg, struct endpoint *ep)
{
	loop_unwatch(loop, &ep->in_watch);
	ep->in_bottom.fd.num = -1;
	end_open(arg, ep, "the target");
}

static void
relay_begin(void)
{
	static const struct relay_setup setup = {
		.dispose = relay_dispose_setup };
	static const struct addr none;
	struct conn_start start = conn_start_of(&ends[0]);
	struct fd fd = { .num = 0, .kind = FD_STREAM };
	int status;

	plan.near = PLAN_FORWARD;
	conn = relay_new(&start, &setup, NULL, &status);
	relay_join(conn, &(struct relay_target){ .fd = &fd, .addr = &none,
	    .name = "the target", .wrap = relay_wrap_target,
	    .arg = &ends[1] });
}

static void
conn_signal(void)
{
	conn_stop(conn, false);
}

static void
conn_end_now(void)
{
	if (conn != NULL)
		conn_stop(conn, true);
	conn = NULL;
}

static const struct walk session_walk = { "session", session_begin,
	session_signal, session_end_now, false };
static const struct walk echo_walk = { "echo", echo_begin, conn_signal,
	conn_end_now, true };
static const struct walk relay_walk = { "relay", relay_begin, conn_signal,
	conn_end_now, false };

/* ---- Events -------------------------------------------------------------- */

enum event { DATA, END, FAIL, FULL, TAKES, GONE, SLOW, EVENTS_OF_END };
enum { DATE = 2 * EVENTS_OF_END, SIGNAL, ALL_EVENTS };

static const char *const event_names[] = { "data", "end", "fails", "full",
	"takes", "gone", "slow" };

static unsigned char	walked[DEEP];
static unsigned		depth;
static bool		signalled;

/* Whether the event can happen, and may change something. */
static bool
event_fits(unsigned what, const struct walk *w)
{
	struct end *e = &ends[what / EVENTS_OF_END];

	if (what == DATE)
		return loop->timers.top != NULL;
	if (what == SIGNAL)
		return !signalled;
	if (w->one && e != &ends[0])
		return false;
	switch ((enum event)(what % EVENTS_OF_END)) {
	case DATA:
		return !e->ends && !e->fails && e->has < 2 * PIECE;
	case END:
	case FAIL:
		return !e->ends && !e->fails;
	case FULL:
		return !e->full && !e->gone && !e->shut;
	case TAKES:
		return e->full && !e->gone;
	case GONE:
		return !e->gone && !e->shut;
	case SLOW:
		return !e->slow && !e->shut && !e->gone && e->took == 0;
	case EVENTS_OF_END:
		break;
	}
	return false;
}

static void
event_happens(unsigned what, const struct walk *w)
{
	struct end *e = &ends[what / EVENTS_OF_END];

	if (what == DATE) {
		if (loop->timers.top->key > loop->now)
			loop->now = loop->timers.top->key;
		return;
	}
	if (what == SIGNAL) {
		signalled = true;
		w->interrupt();
		return;
	}
	switch ((enum event)(what % EVENTS_OF_END)) {
	case DATA:
		e->has += PIECE;
		break;
	case END:
		e->ends = true;
		break;
	case FAIL:
		e->fails = true;
		break;
	case FULL:
		e->full = true;
		break;
	case TAKES:
		e->full = false;
		break;
	case GONE:
		e->gone = true;
		break;
	case SLOW:
		e->slow = true;
		break;
	case EVENTS_OF_END:
		break;
	}
}

/* Tells of an end what is waited for, as the loop does. */
static bool
end_tells(struct end *e)
{
	struct endpoint *ep = e->ep;
	bool told = false;

	if (overs > 0 || e->closed)
		return false;
	if (ep->in.wants != NULL && ep->in.wants(ep->in.user) &&
	    (e->gave < e->has || e->ends || e->fails))
		told = ep->in.ready = true;
	if (ep->out.wants != NULL && ((ep->out.wants(ep->out.user) &&
	    (!e->full || e->gone))))
		told = ep->out.ready = true;
	if (e->gone && ep->out.wants != NULL &&
	    (ep->out.watch_death || ep->out.wants(ep->out.user)) &&
	    ep->out.state == HALF_OPEN)
		told = half_break(&ep->out);
	if (told && ep->notify != NULL)
		ep->notify(ep->user);
	return told;
}

static bool
is_busy(void)
{
	return !TAILQ_EMPTY(&loop->posted) || !TAILQ_EMPTY(&loop->deferred) ||
	    (loop->timers.top != NULL && loop->timers.top->key <= loop->now);
}

/* Turns until nothing more happens by itself. */
static void
come_to_rest(const struct walk *w)
{
	bool told = true;

	for (unsigned i = 0; broke == NULL && (told || is_busy()); i++) {
		law(i < 200, "no busy turn");
		loop_fire_timers(loop);
		loop_run_tasks(&loop->posted);
		loop_run_tasks(&loop->deferred);
		told = end_tells(&ends[0]);
		if (!w->one)
			told |= end_tells(&ends[1]);
	}
	loop->yields = loop->naps = false;
}

static bool
is_waited_for(const struct end *e)
{
	const struct endpoint *ep = e->ep;

	return (ep->in.wants != NULL && ep->in.wants(ep->in.user)) ||
	    (ep->out.wants != NULL && (ep->out.wants(ep->out.user) ||
	    (ep->out.watch_death && ep->out.state == HALF_OPEN)));
}

/* After everything that follows from an event. */
static void
check_rest(const struct walk *w)
{
	law(overs <= 1, "over comes once");
	if (overs == 0)
		law(is_waited_for(&ends[0]) ||
		    (!w->one && is_waited_for(&ends[1])) ||
		    loop->timers.top != NULL, "nothing waits for nothing");
	else
		law(loop->timers.top == NULL, "what is over has no timer");
}

/* ---- A walk -------------------------------------------------------------- */

static void
check_end(const struct walk *w)
{
	struct end *a = &ends[0], *b = w->one ? &ends[0] : &ends[1];
	uint64_t lost = (a->gave - b->took) + (w->one ? 0 : b->gave - a->took);
	bool failed = said.far_read.num != 0 || said.far_write.num != 0 ||
	    said.near_read.num != 0 || said.near_write.num != 0;

	law(overs == 1, "an end at both sides is the end");
	law(a->closed && b->closed, "both sides are closed");
	if (overs == 0)
		return;
	law(was_said, "the end is reported");
	law(said.lost_in + said.lost_out == lost,
	    "lost is what was read and not written");
	law(failed || said.cause != SESSION_EOF || lost == 0 ||
	    plan.end.near_eof == NEAR_CLOSE, "a loss has a cause");
	law(failed || !a->told_failure, "a failure to read is reported");
	/*
	 * Of an input that is open, the rule after the peer's end decides; a
	 * side that is silent for too long has ended.
	 */
	law(!b->shut || (b->took == a->gave && !a->told_failure &&
	    (a->told_end || (a->stream && b->told_end) ||
	    said.cause == SESSION_IDLE)),
	    "an end is told of a source that has ended alone");
	law(w->one || a->stream || !a->shut ||
	    (b->told_end && a->took == b->gave),
	    "an end is told of a source that has ended alone");
}

/*
 * From here on both ends give what they have, and end; and time passes. After
 * a signal, or with a limit of silence, time alone has to bring the end.
 */
static void
finish_walk(const struct walk *w)
{
	bool mute = signalled || plan.end.idle >= 0;

	for (unsigned i = 0; i < 2 && !mute; i++) {
		ends[i].full = false;
		if (!ends[i].fails)
			ends[i].ends = true;
	}
	come_to_rest(w);
	for (unsigned i = 0; i < 40 && overs == 0 && broke == NULL; i++) {
		if (loop->timers.top != NULL &&
		    loop->timers.top->key > loop->now)
			loop->now = loop->timers.top->key;
		come_to_rest(w);
		check_rest(w);
	}
	check_end(w);
}

static void
print_walk(const struct walk *w)
{
	printf("broken (%s, near_eof %d, far_eof %d, alone %d): %s, after:",
	    w->name, (int)plan.end.near_eof, (int)plan.end.far_eof,
	    !plan.keep_open, broke);
	for (unsigned i = 0; i < depth; i++)
		if (walked[i] == DATE)
			printf(" date");
		else if (walked[i] == SIGNAL)
			printf(" signal");
		else
			printf(" %c.%s", 'a' + walked[i] / EVENTS_OF_END,
			    event_names[walked[i] % EVENTS_OF_END]);
	printf("\n");
	unit_bad = true;
}

static void
begin_walk(const struct walk *w)
{
	broke = NULL;
	overs = 0;
	signalled = was_said = false;
	memset(ends, 0, sizeof(ends));
	memset(&said, 0, sizeof(said));
	ends[0].other = w->one ? &ends[0] : &ends[1];
	ends[1].other = &ends[0];
	loop->now = NSEC_PER_SEC;
	w->begin();
	come_to_rest(w);
}

/*
 * Walks the events noted so far, and then to the end. Returns whether another
 * event may follow: the events of what is over change nothing.
 */
static bool
walk_once(const struct walk *w, bool *fits)
{
	bool goes_on;

	begin_walk(w);
	check_rest(w);
	for (unsigned i = 0; i < depth && broke == NULL && overs == 0; i++) {
		event_happens(walked[i], w);
		come_to_rest(w);
		check_rest(w);
	}
	goes_on = overs == 0 && broke == NULL;
	for (unsigned e = 0; goes_on && e < ALL_EVENTS; e++)
		fits[e] = event_fits(e, w);
	if (broke == NULL)
		finish_walk(w);
	if (broke != NULL)
		print_walk(w);
	w->end();
	loop_run_tasks(&loop->deferred);
	while (loop->timers.top != NULL)
		heap_clear(&loop->timers, loop->timers.top);
	return goes_on && broke == NULL;
}

static unsigned long	walks;

static void
walk_from(const struct walk *w, unsigned most)
{
	bool fits[ALL_EVENTS] = { false };

	walks++;
	if (!walk_once(w, fits) || depth == most || unit_bad)
		return;
	for (unsigned e = 0; e < ALL_EVENTS && !unit_bad; e++)
		if (fits[e]) {
			walked[depth++] = (unsigned char)e;
			walk_from(w, most);
			depth--;
		}
}

/* ---- Tests --------------------------------------------------------------- */

static unsigned	events = 5;		/* of the walks */

static void
prepare(enum near_eof near_eof, enum far_eof far_eof, bool alone,
    int64_t idle)
{
	static const struct messages messages = { .ended = say_ended };

	memset(&plan, 0, sizeof(plan));
	plan.mode = PLAN_LISTEN;
	plan.type = TYPE_STREAM;
	plan.family = FAMILY_UNIX;
	plan.keep_open = !alone;
	plan.verbose = 1;
	plan.messages = &messages;
	plan.end = (struct end_policy){ .near_eof = near_eof,
	    .far_eof = far_eof, .linger = -1, .idle = idle, .total = -1,
	    .cut_resets = true, .drain_time = DRAIN_TIME,
	    .far_limit = { [RULE_FILE] = -1, [RULE_ENDLESS] = 0,
		[RULE_FILTER] = -1, [RULE_SHARED] = NSEC_PER_SEC,
		[RULE_RECEIVED] = 0, [RULE_EXCHANGED] = NSEC_PER_SEC,
		[RULE_SENDING] = -1, [RULE_SILENT] = NSEC_PER_SEC } };
	memset(&run, 0, sizeof(run));
	run.plan = &plan;
	run.messages = &messages;
	run.loop = loop;
	run.is_unix = true;
}

TEST(a_session_keeps_its_promises_in_every_order_of_events)
{
	static const enum near_eof near_eofs[] = { NEAR_HALF_CLOSE, NEAR_KEEP,
		NEAR_CLOSE };
	static const enum far_eof far_eofs[] = { FAR_WAIT, FAR_BY_INPUT,
		FAR_IDLE, FAR_KEEP_INPUT };

	for (unsigned i = 0; i < 12; i++) {
		enum near_eof n = near_eofs[i % 3];
		enum far_eof f = far_eofs[i / 3];
		/* The usual rules are walked the farthest. */
		unsigned most = n == NEAR_HALF_CLOSE && f == FAR_BY_INPUT ?
		    events : events - 1;

		prepare(n, f, true, -1);
		walk_from(&session_walk, most);
		prepare(n, f, true, 5 * NSEC_PER_SEC);
		walk_from(&session_walk, most == events ? most : most - 1);
	}
}

static void
every_conn(const struct walk *w, unsigned most)
{
	for (int alone = 0; alone < 2; alone++) {
		prepare(NEAR_HALF_CLOSE, FAR_WAIT, alone == 1, -1);
		walk_from(w, most);
		prepare(NEAR_HALF_CLOSE, FAR_WAIT, alone == 1,
		    5 * NSEC_PER_SEC);
		walk_from(w, most - 1);
	}
}

TEST(so_does_an_echo)
{
	every_conn(&echo_walk, events + 1);
}

TEST(so_does_a_relay)
{
	every_conn(&relay_walk, events);
}

BEFORE
{
	const char *n = getenv("WALK_EVENTS");

	if (n != NULL)
		events = (unsigned)atoi(n);
	CHECK(events >= 3 && events < DEEP - 1);
	loop = loop_new();
}

AFTER
{
	if (events > 5)
		printf("%lu walks\n", walks);
	loop_free(loop);
}
