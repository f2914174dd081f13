#include <stdlib.h>

#include "base/num.h"
#include "filter/faults.h"

/* Bytes on their way while there is latency. */
#define ROOM		((size_t)4 << 20)
/* ... while datagrams may be doubled or overtaken. */
#define ROOM_DATAGRAMS	((size_t)512 << 10)
/* A datagram that is to be overtaken waits so long for another. */
#define OVERTAKE	(100 * NSEC_PER_MSEC)
/* At a rate, bytes of a stream leave at most so often in a second. */
#define RATE_TICKS	100

/* Bytes of a stream are due at multiples of this time, and so many together. */
#define TOGETHER	(NSEC_PER_MSEC / 2)

/* Kinds of chances: streams of the seed, for each direction. */
enum chance { DROPS, DOUBLES, WAITS, LATE, CHANCES };

struct faults {
	struct gate		gate;
	struct fault_rules	rules;
	struct gate		*inner;		/* NULL: none */
	struct dice		dice[CHANCES];
	struct fault_queue	queue;
	bool			started;
	int64_t			start;		/* the first turn */
	int64_t			last_due;	/* of the last byte to come */
	bool			overtaken;	/* the last piece is to be; also
						   after it has left */
	uint64_t		passed;		/* bytes */
	bool			stops;		/* the next datagram exceeds
						   stall_after */
	double			tokens;		/* bytes that may leave */
	int64_t			filled;		/* when tokens was computed */
	bool			ended;		/* no more bytes come */
	int64_t			end_due;	/* the end's own latency */
	int64_t			close_at;	/* 0: bytes are held */
};

/* ---- When the bytes in the ring may leave -------------------------------- */

static struct fault_piece *
fault_queue_at(const struct fault_queue *q, size_t i)
{
	return (struct fault_piece *)(void *)(q->pieces.mem + q->pieces.head) +
	    i;
}

const struct fault_piece *
fault_queue_first(const struct fault_queue *q)
{
	return q->used == 0 ? NULL : fault_queue_at(q, 0);
}

bool
fault_queue_put(struct fault_queue *q, size_t n, int64_t due)
{
	const struct fault_piece p = { .n = n, .due = due };

	if (q->used == FAULT_PIECES || !buf_reserve(&q->pieces, sizeof(p)))
		return false;
	buf_add(&q->pieces, &p, sizeof(p));
	q->used++;
	return true;
}

void
fault_queue_join(struct fault_queue *q, size_t n, int64_t due)
{
	struct fault_piece *last = q->used == 0 ? NULL :
	    fault_queue_at(q, q->used - 1);

	due += TOGETHER - 1;
	due -= due % TOGETHER;
	if (last != NULL && due <= last->due)
		last->n += n;
	else if (!fault_queue_put(q, n, due) && last != NULL) {
		last->n += n;
		last->due = due;
	}
}

void
fault_queue_take(struct fault_queue *q, size_t n)
{
	struct fault_piece *first;
	size_t part;

	while (n > 0 && q->used > 0) {
		first = fault_queue_at(q, 0);
		part = n < first->n ? n : first->n;
		first->n -= part;
		n -= part;
		q->begun = first->n > 0;
		if (q->begun)
			continue;
		buf_take(&q->pieces, sizeof(*first));
		q->used--;
	}
}

size_t
fault_queue_due(const struct fault_queue *q, int64_t now, int64_t *when)
{
	const struct fault_piece *p;
	size_t sum = 0;

	for (size_t i = 0; i < q->used; i++) {
		p = fault_queue_at(q, i);
		if (now < p->due) {
			*when = p->due;
			break;
		}
		sum += p->n;
	}
	return sum;
}

size_t
fault_queue_swap(struct fault_queue *q)
{
	struct fault_piece *a, *b;
	size_t n;

	if (q->used < 2 || (q->used == 2 && q->begun))
		return 0;
	a = fault_queue_at(q, q->used - 2);
	b = fault_queue_at(q, q->used - 1);
	n = a->n;
	a->n = b->n;
	b->n = n;
	a->due = b->due;
	return n;
}

/* ---- Bytes come --------------------------------------------------------- */

/* The date for what comes now: never before what came earlier. */
static int64_t
faults_due(struct faults *f, int64_t now)
{
	int64_t due = now + f->rules.delay;

	if (f->rules.jitter != 0)
		due += dice_about(&f->dice[LATE], f->rules.jitter);
	if (due < f->last_due)
		due = f->last_due;
	return due;
}

static void
faults_take_datagram(struct faults *f, struct ring *r, size_t n, int64_t now)
{
	bool rolled[CHANCES], waits;
	int64_t due = faults_due(f, now);
	bool overtakes = f->overtaken;
	size_t before;

	/* In any case, so that each datagram has its own numbers. */
	rolled[DROPS] = dice_falls(&f->dice[DROPS], f->rules.drop);
	rolled[DOUBLES] = dice_falls(&f->dice[DOUBLES], f->rules.duplicate);
	rolled[WAITS] = dice_falls(&f->dice[WAITS], f->rules.reorder);
	waits = rolled[WAITS] && !rolled[DOUBLES] && !overtakes;
	/* Without memory for its date, the datagram cannot wait. */
	if (rolled[DROPS] || !fault_queue_put(&f->queue, n,
	    waits ? due + OVERTAKE : due)) {
		ring_cut(r, n);
		return;
	}
	f->last_due = due;
	f->overtaken = waits;
	if (overtakes && (before = fault_queue_swap(&f->queue)) > 0)
		ring_swap(r, before, n);
	/* The date of a copy that has no room is taken back. */
	if (rolled[DOUBLES] && fault_queue_put(&f->queue, n, due) &&
	    !ring_repeat(r, n)) {
		f->queue.pieces.used -= sizeof(struct fault_piece);
		f->queue.used--;
	}
}

static void
faults_arrived(struct gate *g, struct ring *r, size_t n, int64_t now)
{
	struct faults *f = (struct faults *)g;
	int64_t due;

	if (g->whole && f->inner == NULL)
		faults_take_datagram(f, r, n, now);
	else if (f->rules.delay != 0) {
		due = faults_due(f, now);
		fault_queue_join(&f->queue, n, due);
		f->last_due = due;
	}
	g->full = f->queue.used + 2 > FAULT_PIECES;
}

/* ---- Bytes leave -------------------------------------------------------- */

/*
 * How many of n bytes the rate allows. A datagram larger than the bucket
 * leaves when the bucket is full, and the bucket owes the rest.
 */
static size_t
faults_at_rate(struct faults *f, size_t n, int64_t now, int64_t *when)
{
	double least = (double)(f->rules.rate / RATE_TICKS + 1);
	double wanted = (double)n, most = (double)f->rules.burst;

	if (f->rules.rate == 0)
		return n;
	/* Fills the bucket, which is empty at the beginning. */
	if (f->filled != 0)
		f->tokens += (double)f->rules.rate *
		    ((double)(now - f->filled) / (double)NSEC_PER_SEC);
	if (f->tokens > most)
		f->tokens = most;
	f->filled = now;
	if (!f->gate.whole && wanted > least)
		wanted = least;
	if (wanted > most)
		wanted = most;
	if (f->tokens < wanted) {
		*when = now + 1 + (int64_t)((wanted - f->tokens) *
		    (double)NSEC_PER_SEC / (double)f->rules.rate);
		return 0;
	}
	return f->gate.whole || (double)n <= f->tokens ? n :
	    (size_t)f->tokens;
}

static size_t
faults_due_now(struct faults *f, size_t n, int64_t now, int64_t *when)
{
	const struct fault_piece *first = fault_queue_first(&f->queue);
	size_t due;

	if (first == NULL)
		return n;
	/* There may be very many others. */
	if (f->gate.whole && f->inner == NULL) {
		*when = first->due;
		return now < first->due ? 0 : n;
	}
	due = fault_queue_due(&f->queue, now, when);
	return n <= due ? n : f->gate.whole ? 0 : due;
}

/* Bytes that a limit leaves; of datagrams, none or all. */
static size_t
faults_within(struct faults *f, const struct fault_limit *l, size_t n)
{
	uint64_t left;

	if (!l->on || l->bytes == UINT64_MAX)
		return n;
	left = l->bytes > f->passed ? l->bytes - f->passed : 0;
	if (n <= left)
		return n;
	if (!f->gate.whole)
		return (size_t)left;
	f->stops = true;
	return 0;
}

static size_t
faults_allow(struct gate *g, const struct ring *r, int64_t now, int64_t *when)
{
	struct faults *f = (struct faults *)g;
	const struct fault_piece *first = fault_queue_first(&f->queue);
	/* The bytes that belong together, or may. */
	size_t n = f->inner != NULL ?
	    f->inner->ops->allow(f->inner, r, now, when) :
	    g->whole && first != NULL ? first->n : ring_used(r);

	if (n > 0)
		n = faults_due_now(f, n, now, when);
	if (n > 0)
		n = faults_at_rate(f, n, now, when);
	if (n > 0)
		n = faults_within(f, &f->rules.stall_after, n);
	return n > 0 ? faults_within(f, &f->rules.reset_after, n) : 0;
}

static void
faults_passed(struct gate *g, const struct ring *r, size_t n, int64_t now)
{
	struct faults *f = (struct faults *)g;

	if (f->inner != NULL)
		f->inner->ops->passed(f->inner, r, n, now);
	fault_queue_take(&f->queue, n);
	f->tokens -= (double)n;
	f->passed += n;
	g->full = f->queue.used + 2 > FAULT_PIECES;
}

/* ---- The whole flow ----------------------------------------------------- */

/* Whether a limit is reached; else, *when is not after its date. */
static bool
faults_reached(const struct faults *f, const struct fault_limit *l,
    int64_t now, int64_t *when)
{
	int64_t date = f->start + l->time;

	if (!l->on)
		return false;
	if (l->bytes != UINT64_MAX)
		return f->passed >= l->bytes;
	if (now >= date)
		return true;
	if (*when == 0 || date < *when)
		*when = date;
	return false;
}

/*
 * The end has the latency of a byte that comes with it. slow_close begins when
 * the last byte has left.
 */
static bool
faults_keep_end(struct faults *f, const struct ring *r, int64_t now,
    int64_t *when)
{
	int64_t date;

	if (!f->ended)
		f->end_due = f->rules.delay != 0 ? faults_due(f, now) : now;
	f->ended = true;
	if (ring_used(r) == 0 && now >= f->end_due && f->close_at == 0)
		f->close_at = now + f->rules.slow_close;
	date = f->close_at != 0 ? f->close_at : f->end_due;
	if (now < date && (*when == 0 || date < *when))
		*when = date;
	return now < date;
}

static enum gate_answer
faults_turn(struct gate *g, const struct ring *r, bool ended, int64_t now,
    int64_t *when)
{
	struct faults *f = (struct faults *)g;

	if (!f->started)
		f->start = f->filled = now;
	f->started = true;
	if (faults_reached(f, &f->rules.reset_after, now, when)) {
		g->drops = true;
		return GATE_RESETS;
	}
	if (f->stops || faults_reached(f, &f->rules.stall_after, now, when)) {
		g->drops = true;
		return GATE_STALLS;
	}
	return ended && faults_keep_end(f, r, now, when) ? GATE_KEEPS_END :
	    GATE_GOES;
}

static void
faults_free(struct gate *g)
{
	struct faults *f = (struct faults *)g;

	gate_free(f->inner);
	buf_free(&f->queue.pieces);
	free(f);
}

struct gate *
gate_faults(const struct fault_rules *rules, enum fault_way way,
    struct gate *inner)
{
	static const struct gate_ops ops = { .allow = faults_allow,
	    .passed = faults_passed, .free = faults_free,
	    .arrived = faults_arrived, .turn = faults_turn };
	struct faults *f = gate_new(sizeof(*f), &ops);

	if (f == NULL) {
		gate_free(inner);
		return NULL;
	}
	f->rules = *rules;
	f->inner = inner;
	for (unsigned i = 0; i < CHANCES; i++)
		dice_init(&f->dice[i], rules->seed, way * CHANCES + i);
	if (rules->delay != 0)
		f->gate.room = ROOM;
	else if (faults_of_datagrams(rules))
		f->gate.room = ROOM_DATAGRAMS;
	return &f->gate;
}

/* ---- Dice --------------------------------------------------------------- */

uint64_t
dice_next(struct dice *d)
{
	uint64_t n;

	d->state += UINT64_C(0x9e3779b97f4a7c15);
	n = d->state;
	n = (n ^ n >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	n = (n ^ n >> 27) * UINT64_C(0x94d049bb133111eb);
	return n ^ n >> 31;
}

/* A stream begins where a number of the seed's own stream says. */
void
dice_init(struct dice *d, uint64_t seed, unsigned stream)
{
	d->state = seed;
	for (unsigned i = 0; i < stream; i++)
		(void)dice_next(d);
	d->state = dice_next(d);
}

/* The remainder favours small numbers by less than 1 in 10^13. */
bool
dice_falls(struct dice *d, uint32_t chance)
{
	return dice_next(d) % FAULT_CERTAIN < chance;
}

int64_t
dice_about(struct dice *d, int64_t most)
{
	return (int64_t)(dice_next(d) % (2 * (uint64_t)most + 1)) - most;
}
