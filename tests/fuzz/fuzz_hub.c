/*
 * A room of members that speak, listen, doze, fail and leave as the input
 * says, while time passes. Oracles: each gets what the others said since it
 * came, every byte of it, once and in order, never its own, with what it
 * alone is told between two records (or stamped lines); who misses something
 * had its time, and it is counted: due = written + lost; nobody is read who
 * may not speak; and when all ends take what there is, all is delivered.
 */
#include "lib/fake_clock.h"
#include "hub_ends.h"

/* Bytes that all of them may say. */
#define BUDGET	2500

static struct timer	awake;	/* so that there is something to wait for */
static size_t		budget;

static void
add(struct end *e, struct tape *t)
{
	unsigned how = tape_byte(t);

	memset(e, 0, sizeof(*e));
	e->manners = tape_byte(t);
	e->layer.ops = &end_ops;
	e->in = (struct half){ .top = &e->layer, .name = "member" };
	e->out = e->in;
	e->out.ready = true;
	e->in_num = e->out_num = -1;
	e->piece = 1 + tape_upto(t, READ - 1);
	e->gulp = how & 1 ? PLENTY : 1 + tape_upto(t, 40);
	e->credit = how & 2 ? PLENTY : 0;
	e->heard.id = ++numbered;
	e->heard.stamped = (how & 192) == 192;
	e->member = (struct hub_member){ .id = numbered, .received = on_said,
	    .in = how & 4 ? NULL : &e->in, .out = &e->out,
	    .input_ended = on_ended, .output_ended = on_deaf,
	    .missed = on_fell, .arg = e,
	    .stays = (how & 24) == 24, .waits = (how & 32) != 0,
	    .stamp = e->heard.stamped ? put_stamp : NULL };
	hub_add(&hub, &e->member);
}

static void
join(struct end *e)
{
	struct end *o;

	if (e->heard.joined || e->heard.finishing || e->heard.deaf)
		return;
	model_join(&e->heard);
	hub_join(&e->member);
	/* As a room does for the one that waits for somebody to hear. */
	for (o = ends; o < ends + LISTENERS; o++)
		hub_wake(&o->member);
}

static void
drop(struct end *e)
{
	hub_remove(&e->member);
	e->heard.deaf = true;
	model_note_lag(&e->heard);
	check_ledger(e);
}

/* Whoever has ended both ways is gone, sooner or later. */
static void
review(bool all)
{
	struct end *e;

	for (e = ends; e < ends + LISTENERS; e++)
		if (e->member.hub != NULL && (all || (e->member.mute &&
		    e->member.hearing == HUB_DEAF && !(e->manners & LATE))))
			drop(e);
}

/* What a poller would tell, of what it was asked for. */
static bool
poll_ends(void)
{
	struct end *e;
	bool any = false, in, out;

	for (e = ends; e < ends + LISTENERS; e++) {
		in = e->in.wants != NULL && e->in.wants(e->in.user) &&
		    (e->to_say > 0 || e->in_num != -1);
		out = e->out.wants != NULL && e->out.wants(e->out.user) &&
		    (e->credit > 0 || e->out_num != -1);
		e->in.ready |= in;
		e->out.ready |= out;
		if (in || out)
			hub_wake(&e->member);
		any |= in || out;
	}
	return any;
}

static void
check_all(void)
{
	struct end *e;
	unsigned n = 0;

	for (e = ends; e < ends + LISTENERS; e++) {
		if (e->member.hub == NULL)
			continue;
		e->said_of_it = 0;
		n += model_hears(&e->heard) && !e->member.stays;
		check_ledger(e);
	}
	FUZZ_CHECK(hub.n == n);
}

/* False when nothing moves any more. */
static bool
turn(void)
{
	bool any;

	reads = writes = 0;
	loop_turn(loop, 0);
	/* A timer may have served as well as a task. */
	FUZZ_CHECK(reads <= 32);
	any = poll_ends();
	review(false);
	check_all();
	return any || reads > 0 || writes > 0;
}

/* Two turns, for the first may have asked for the time before. */
static void
pass_time(int64_t ns)
{
	(void)turn();
	clock_at += ns;
	(void)turn();
}

static void
say_more(struct end *e, size_t n)
{
	n = n < budget ? n : budget;
	if (e->in_num == -1)
		e->to_say += n;
	budget -= n;
}

static void
act_on(struct end *e, unsigned what, struct tape *t)
{
	static const int errors[] = { 0, EPIPE, ECONNRESET, EIO };

	switch (what) {
	case 0:
	case 1:
		say_more(e, tape_upto(t, 300));
		break;
	case 2:
		e->credit += tape_upto(t, 300);
		break;
	case 3:
		e->credit = tape_byte(t) & 1 ? 0 : PLENTY;
		break;
	case 4:
		join(e);
		break;
	case 5:
		tell(e, "* told\n");
		break;
	case 6:
		finish(e, tape_byte(t) & 1);
		break;
	case 7:
		e->in_num = errors[tape_upto(t, 3)];
		break;
	case 8:
		e->out_num = errors[tape_upto(t, 3)];
		break;
	case 9:
		drop(e);
		break;
	case 10:
		e->mute = true;
		hub_silence(&e->member);
		break;
	case 11:
		announce(e, tape_upto(t, 20));
		break;
	case 12:
		e->gulp = 1 + tape_upto(t, 40);
		break;
	default:
		e->shy = 1;
		break;
	}
}

static void
act(struct tape *t)
{
	unsigned op = tape_byte(t), what = op / LISTENERS;
	struct end *e = &ends[op % LISTENERS];

	if (what > 35)
		announce(NULL, op % 2 ? tape_upto(t, 60) : tape_upto(t, 1023));
	else if (what > 30)
		pass_time((int64_t)tape_byte(t) * 5 * NSEC_PER_MSEC);
	else if (what > 26)
		(void)turn();
	else if (e->member.hub == NULL) {
		add(e, t);
		if (what > 3)
			join(e);
	} else
		act_on(e, what % 14, t);
	if (op % 2)
		(void)turn();
}

static void
do_nothing(void *arg)
{
	(void)arg;
}

static void
begin(struct tape *t)
{
	struct hub_options opt = { .read = READ, .burst = BURST,
	    .record = READ };
	unsigned i;

	opt.ring = 2 * (opt.burst + opt.record + FANOUT_HEAD) +
	    2 * tape_upto(t, 255);
	clock_at = 1000 * NSEC_PER_SEC;
	memset(ends, 0, sizeof(ends));
	memset(&model, 0, sizeof(model));
	model.ring = opt.ring;
	for (i = 0; i < LISTENERS; i++)
		model.all[i] = &ends[i].heard;
	budget = BUDGET;
	nours = ours = numbered = 0;
	if ((loop = loop_new()) == NULL)
		abort();
	awake = (struct timer){ .fire = do_nothing };
	timer_set(loop, &awake, INT64_MAX);
	hub_init(&hub, loop, &opt);
	model.loop = loop;
}

/* Until nothing moves any more, whatever time passes. */
static void
settle(void)
{
	unsigned i, quiet = 0;

	for (i = 0; i < LISTENERS; i++)
		ends[i].gulp = PLENTY;
	for (i = 0; quiet < 3; i++) {
		FUZZ_CHECK(i < 3 * BUDGET);
		quiet = turn() ? 0 : quiet + 1;
		clock_at += HUB_GRACE;
	}
}

/*
 * The foremost of the others, or who stays if there is nobody else. One that
 * leaves counts, too, until it has what it is to get.
 */
static uint64_t
lag_of_others(const struct end *e)
{
	uint64_t least = UINT64_MAX, near = 0, lag;
	const struct end *o;

	for (o = ends; o < ends + LISTENERS; o++) {
		if (o == e || !o->heard.joined || o->heard.deaf)
			continue;
		lag = model_lag(&o->heard);
		if (o->member.stays)
			near = lag > near ? lag : near;
		else
			least = lag < least ? lag : least;
	}
	return least != UINT64_MAX ? least : near;
}

static bool
may_speak(const struct end *e)
{
	return e->member.hub != NULL && !e->mute && e->member.in != NULL &&
	    !hub_has_text(&e->member) && (!e->member.waits || hub.n > 0);
}

/* Whoever dozes is not waited for for ever, but the last that listens. */
static void
check_dozing(void)
{
	const struct end *e;

	for (e = ends; e < ends + LISTENERS; e++)
		FUZZ_CHECK(!may_speak(e) ||
		    (e->to_say == 0 && e->in_num == -1) ||
		    lag_of_others(e) > hub.opt.ring / 2);
}

static void
wake_all(void)
{
	unsigned i;

	for (i = 0; i < LISTENERS; i++) {
		ends[i].credit = PLENTY;
		ends[i].shy = 0;
	}
}

static void
check_settled(void)
{
	const struct end *e;
	struct cursor c;

	for (e = ends; e < ends + LISTENERS; e++) {
		if (e->member.hub == NULL)
			continue;
		c = e->heard.cur;
		if (!e->heard.deaf)
			FUZZ_CHECK(model_next(&e->heard, &c) == -1);
		FUZZ_CHECK(e->heard.deaf || !e->heard.finishing);
		FUZZ_CHECK(!may_speak(e) ||
		    (e->to_say == 0 && e->in_num == -1));
	}
	FUZZ_CHECK(hub.ring.mem == NULL && hub.mem == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tape t = tape_of(data, size);

	begin(&t);
	while (!tape_over(&t))
		act(&t);
	settle();
	check_dozing();
	wake_all();
	settle();
	check_settled();
	review(true);
	hub_free(&hub);
	timer_clear(loop, &awake);
	loop_free(loop);
	clock_at = 0;
	return 0;
}
