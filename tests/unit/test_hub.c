/*
 * A room: who hears what, who waits for whom, and what is lost.
 */
#include <errno.h>

#include "base/num.h"
#include "hub/hub.h"
#include "lib/fake_clock.h"
#include "unit.h"

#define MANY	101
#define RING	((size_t)256 << 10)
#define READ	((size_t)16 << 10)

/* What each message is made of: who said it, and its number there. */
struct word {
	uint32_t	who, number;
};

/* A member: it says so many words, and takes so many bytes when woken. */
static struct end {
	struct layer		 layer;
	struct half		 in, out;
	struct hub_member	 member;
	uint32_t		 to_say, said;	/* words */
	size_t			 takes;		/* bytes of one write, ... */
	bool			 dozes;		/* ... and then AGAIN */
	int			 fails;		/* of its writes: errno */
	bool			 shut;
	uint64_t		 got;		/* bytes */
	struct word		 word;		/* that is coming in */
	uint32_t		 next[MANY];	/* word of each speaker */
	uint32_t		 words, wrong;
	uint32_t		 writes, pieces;
	char			 text[4096];	/* the first of what came */
	char			 again[4096];	/* was not taken */
	size_t			 again_len;
	int			 deaf, ended;	/* -1: not so */
	uint64_t		 fell;
} ends[MANY];

static struct loop	*loop;
static struct hub	 hub;
static struct timer	 awake;	/* so that there is something to wait for */
static bool		 words_only;	/* what comes is checked as words */

static struct end *
end_of(struct layer *l)
{
	return (struct end *)l;
}

static enum io
end_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct end *e = end_of(l);
	size_t most = iov[0].iov_len / sizeof(struct word);
	struct word *w = iov[0].iov_base;

	CHECK_INT(cnt, 1);
	*n = 0;
	while (*n < most && e->said < e->to_say)
		w[(*n)++] = (struct word){ e->member.id, e->said++ };
	if (*n == 0)
		return IO_AGAIN;
	*n *= sizeof(struct word);
	return IO_OK;
}

/* Each speaker's words come in their order, each once. */
static void
check_byte(struct end *e, unsigned char c)
{
	size_t at = e->got % sizeof(struct word);

	if (e->got < sizeof(e->text) - 1)
		e->text[e->got] = (char)c;
	((unsigned char *)&e->word)[at] = c;
	e->got++;
	if (!words_only || at != sizeof(struct word) - 1)
		return;
	e->words++;
	if (e->word.who >= MANY || e->word.who == e->member.id ||
	    (e->next[e->word.who] != e->word.number &&
	    e->next[e->word.who] != 0)) {
		e->wrong++;
		return;
	}
	e->next[e->word.who] = e->word.number + 1;
}

/* What was offered and not taken comes again, in front: TLS sealed it. */
static void
check_again(struct end *e, const struct iovec *iov, int cnt)
{
	char front[sizeof(e->again)];
	size_t n = 0, len;

	for (int i = 0; i < cnt && n < sizeof(front); i++, n += len) {
		len = iov[i].iov_len < sizeof(front) - n ? iov[i].iov_len :
		    sizeof(front) - n;
		memcpy(front + n, iov[i].iov_base, len);
	}
	CHECK(n >= e->again_len);
	CHECK(memcmp(front, e->again, e->again_len) == 0);
	e->again_len = n;
	memcpy(e->again, front, n);
}

static void
took(struct end *e, size_t n)
{
	if (n >= e->again_len) {
		e->again_len = 0;
		return;
	}
	e->again_len -= n;
	memmove(e->again, e->again + n, e->again_len);
}

static enum io
end_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct end *e = end_of(l);
	size_t k;

	CHECK(!e->shut);
	e->writes++;
	e->pieces += (uint32_t)cnt;
	if (e->fails == 0)
		check_again(e, iov, cnt);
	*n = 0;
	if (e->fails != 0) {
		errno = e->fails;
		return IO_FAIL;
	}
	for (; cnt > 0; cnt--, iov++)
		for (k = 0; k < iov->iov_len && *n < e->takes; k++, ++*n)
			check_byte(e, ((unsigned char *)iov->iov_base)[k]);
	took(e, *n);
	if (e->dozes && *n == e->takes)
		e->takes = 0;
	return *n > 0 ? IO_OK : IO_AGAIN;
}

static enum io
end_shut(struct layer *l)
{
	CHECK(!end_of(l)->shut);
	end_of(l)->shut = true;
	return IO_OK;
}

static const struct layer_ops end_ops = {
	.read = end_read, .write = end_write, .shut = end_shut
};

static void
on_said(struct hub_member *m, const unsigned char *text, size_t n)
{
	CHECK(hub_broadcast(m->hub, m, text, n));
}

static void
on_ended(struct hub_member *m, int num)
{
	((struct end *)m->arg)->ended = num;
}

static void
on_deaf(struct hub_member *m, int num)
{
	struct end *e = m->arg;

	CHECK_INT(e->deaf, -1);
	e->deaf = num;
	if (num == ENOBUFS)
		hub_silence(m);
}

static void
on_fell(struct hub_member *m, uint64_t n)
{
	((struct end *)m->arg)->fell += n;
}

static void
do_nothing(void *arg)
{
	(void)arg;
}

static void
begin(void)
{
	const struct hub_options opt = { .ring = RING, .read = READ,
	    .burst = READ + FANOUT_HEAD, .record = READ };

	words_only = true;
	memset(ends, 0, sizeof(ends));
	loop = loop_new();
	awake = (struct timer){ .fire = do_nothing };
	timer_set(loop, &awake, loop_now(loop) + 3600 * NSEC_PER_SEC);
	hub_init(&hub, loop, &opt);
}

static void
finish(void)
{
	int i;

	for (i = 0; i < MANY; i++) {
		hub_remove(&ends[i].member);
		if (words_only)
			CHECK_INT(ends[i].wrong, 0);
	}
	CHECK(hub.ring.mem == NULL);
	hub_free(&hub);
	loop_free(loop);
}

static struct end *
add(unsigned i)
{
	struct end *e = &ends[i];

	memset(e, 0, sizeof(*e));
	e->layer.ops = &end_ops;
	e->in = (struct half){ .top = &e->layer, .name = "member" };
	e->out = e->in;
	e->out.ready = true;
	e->takes = SIZE_MAX;
	e->deaf = e->ended = -1;
	e->member = (struct hub_member){ .in = &e->in, .out = &e->out,
	    .id = i, .received = on_said, .input_ended = on_ended,
	    .output_ended = on_deaf, .missed = on_fell, .arg = e };
	hub_add(&hub, &e->member);
	return e;
}

static struct end *
add_in(unsigned i)
{
	struct end *e = add(i);

	hub_join(&e->member);
	return e;
}

/* It has so much more to say. */
static void
let_say(unsigned i, uint32_t words)
{
	ends[i].to_say += words;
	ends[i].in.ready = true;
	hub_wake(&ends[i].member);
}

/* What the poller would do: it takes so much now. */
static void
let_take(unsigned i, size_t bytes)
{
	ends[i].takes = bytes;
	ends[i].out.ready = true;
	hub_wake(&ends[i].member);
}

static void
turns(int n)
{
	while (n-- > 0)
		loop_turn(loop, 0);
}

/* Until it has got so much, or nothing has moved for so long. */
static void
until_got(unsigned i, uint64_t bytes, int64_t patience)
{
	int64_t since = loop_now(loop);
	uint64_t was = ends[i].got;

	while (ends[i].got < bytes && loop_now(loop) - since < patience) {
		loop_turn(loop, NSEC_PER_MSEC);
		if (ends[i].got != was)
			since = loop_now(loop);
		was = ends[i].got;
	}
}

/* Law: due = written + lost. */
static void
check_ledger(unsigned i, uint64_t due)
{
	CHECK_INT(ends[i].member.written + ends[i].member.lost, due);
	CHECK_INT(ends[i].member.written, ends[i].got);
}

TEST(each_hears_the_others_and_not_itself)
{
	unsigned i;

	begin();
	for (i = 0; i < 4; i++)
		(void)add_in(i + 1);
	for (i = 0; i < 4; i++)
		let_say(i + 1, 1000 + i);
	turns(20);
	for (i = 1; i <= 4; i++)
		CHECK_INT(ends[i].words, 4006 - (999 + i));
	CHECK(hub.ring.mem == NULL);
	finish();
}

TEST(words_of_ours_reach_all_that_are_in)
{
	begin();
	words_only = false;
	(void)add_in(1);
	(void)add(2);
	(void)add_in(3);
	CHECK(hub_broadcast(&hub, NULL, "to all", 6));
	CHECK(hub_broadcast(&hub, &ends[1].member, "!", 1));
	turns(2);
	CHECK_STR(ends[1].text, "to all");
	CHECK_STR(ends[2].text, "");
	CHECK_STR(ends[3].text, "to all!");
	finish();
}

/* Several together, or with the next record; to a few, each at once. */
TEST(announcements_reach_many_together)
{
	begin();
	words_only = false;
	for (unsigned i = 0; i < HUB_FEW; i++)
		(void)add_in(i);
	CHECK(hub_announce(&hub, NULL, "a", 1));
	turns(1);
	CHECK_STR(ends[0].text, "a");
	(void)add_in(HUB_FEW);
	turns(1);
	CHECK(hub_announce(&hub, NULL, "b", 1));
	CHECK(hub_announce(&hub, &ends[1].member, "c", 1));
	turns(1);
	CHECK_STR(ends[0].text, "a");
	until_got(0, 3, NSEC_PER_SEC);
	CHECK_STR(ends[0].text, "abc");
	CHECK_STR(ends[1].text, "ab");
	CHECK_STR(ends[HUB_FEW].text, "bc");
	/* Who comes later does not get what was announced before. */
	CHECK(hub_announce(&hub, NULL, "d", 1));
	(void)add_in(HUB_FEW + 1);
	CHECK(hub_broadcast(&hub, NULL, "e", 1));
	turns(1);
	CHECK_STR(ends[0].text, "abcde");
	CHECK_STR(ends[HUB_FEW + 1].text, "e");
	CHECK(!timer_is_set(&hub.late));
	finish();
}

/* However many they are, they are one piece of one write. */
TEST(announcements_are_one_piece)
{
	begin();
	words_only = false;
	for (unsigned i = 0; i <= HUB_FEW; i++)
		(void)add_in(i);
	for (unsigned i = 0; i < 100; i++)
		CHECK(hub_announce(&hub, NULL, "ab", 2));
	CHECK(!hub_has_all(&ends[0].member));
	until_got(0, 200, NSEC_PER_SEC);
	for (unsigned i = 0; i <= HUB_FEW; i++) {
		CHECK_INT(ends[i].got, 200);
		CHECK_INT(ends[i].writes, 1);
		CHECK_INT(ends[i].pieces, 1);
		CHECK(hub_has_all(&ends[i].member));
	}
	finish();
}

/* The member that leaves gets those before it left, and not its own. */
TEST(a_leaving_member_gets_what_was_announced)
{
	begin();
	words_only = false;
	for (unsigned i = 0; i <= HUB_FEW + 1; i++)
		(void)add_in(i);
	CHECK(hub_announce(&hub, NULL, "a", 1));
	hub_finish(&ends[1].member, NULL);
	CHECK(hub_announce(&hub, &ends[1].member, "1 left", 6));
	hub_part(&ends[1].member, "bye");
	CHECK_INT(ends[0].got, 0);
	turns(2);
	CHECK_STR(ends[1].text, "abye");
	CHECK(ends[1].shut);
	CHECK_INT(ends[1].member.written, 1);
	CHECK_INT(ends[1].member.lost, 0);
	/* To the other members that is one write, and later. */
	CHECK_INT(ends[0].got, 0);
	hub_flush(&hub);
	turns(1);
	CHECK_STR(ends[0].text, "a1 left");
	CHECK_INT(ends[0].writes, 1);
	finish();
}

/* They are given before the ring has to drop any. */
TEST(announcements_do_not_fill_the_ring)
{
	char text[1024];
	unsigned n;

	begin();
	words_only = false;
	memset(text, 'x', sizeof(text));
	for (unsigned i = 0; i <= HUB_FEW; i++)
		(void)add_in(i);
	for (n = 0; n < 2 * RING / sizeof(text); n++) {
		CHECK(hub_announce(&hub, NULL, text, sizeof(text)));
		turns(1);
	}
	until_got(0, n * sizeof(text), NSEC_PER_SEC);
	CHECK_INT(ends[0].got, n * sizeof(text));
	check_ledger(0, n * sizeof(text));
	finish();
}

TEST(one_asleep_of_a_hundred_holds_up_nobody)
{
	const uint32_t words = 1 << 18;
	const uint64_t bytes = words * sizeof(struct word);
	unsigned i;

	begin();
	for (i = 1; i <= 100; i++)
		(void)add_in(i);
	ends[50].takes = 1000;
	ends[50].dozes = true;
	let_say(1, words);
	until_got(2, bytes, 20 * HUB_GRACE);
	for (i = 2; i <= 100; i++)
		if (i != 50)
			CHECK_INT(ends[i].words, words);
	CHECK_INT(ends[50].deaf, ENOBUFS);
	CHECK_INT(ends[50].got, 1000);
	/* It fell off before all was said, and is owed no more. */
	CHECK(ends[50].member.lost > RING / 2);
	CHECK(ends[50].member.lost < bytes);
	CHECK_INT(hub.n, 99);
	finish();
}

TEST(the_only_listener_is_waited_for)
{
	const uint32_t words = 1 << 18;
	int64_t start;

	begin();
	(void)add_in(1);
	(void)add_in(2);
	ends[2].takes = 0;
	let_say(1, words);
	start = loop_now(loop);
	while (loop_now(loop) < start + 2 * HUB_GRACE)
		loop_turn(loop, HUB_GRACE / 4);
	CHECK(ends[1].said < words);
	CHECK_INT(ends[2].deaf, -1);
	let_take(2, SIZE_MAX);
	until_got(2, words * sizeof(struct word), 20 * HUB_GRACE);
	CHECK_INT(ends[2].words, words);
	CHECK_INT(ends[2].member.lost, 0);
	finish();
}

/* Woken often enough, it takes half a ring in the time that it is given: 64
 * turns, of a millisecond each. */
TEST(a_slow_one_sets_the_pace)
{
	const uint32_t words = 1 << 18;
	int i;

	clock_at = 1000 * NSEC_PER_SEC;
	begin();
	for (i = 1; i <= 3; i++)
		(void)add_in((unsigned)i);
	ends[3].takes = 1;
	ends[3].dozes = true;
	let_say(1, words);
	for (i = 0; i < 5000 && ends[3].words < words; i++) {
		let_take(3, RING / 128);
		loop_turn(loop, 0);
		clock_at += NSEC_PER_MSEC;
	}
	CHECK_INT(ends[3].deaf, -1);
	CHECK_INT(ends[3].words, words);
	CHECK_INT(ends[2].words, words);
	finish();
	clock_at = 0;
}

/* It is waited for while it speaks as while others do. */
TEST(who_speaks_without_listening_has_its_time_too)
{
	const uint32_t few = RING / 8 / sizeof(struct word), many = 1 << 18;

	begin();
	(void)add_in(1);
	(void)add_in(2);
	ends[2].takes = 0;
	let_say(1, few);
	turns(2);
	let_say(2, many);
	turns(3);
	CHECK_INT(ends[2].deaf, -1);
	CHECK(ends[2].said < many);
	let_take(2, SIZE_MAX);
	turns(200);
	CHECK_INT(ends[2].words, few);
	CHECK_INT(ends[1].words, many);
	CHECK_INT(ends[2].member.lost, 0);
	finish();
}

/* ... and no longer: then it speaks to the others, and falls off. */
TEST(who_never_listens_does_not_hold_itself_up)
{
	const uint32_t many = 1 << 18;

	begin();
	(void)add_in(1);
	(void)add_in(2);
	ends[2].takes = 0;
	let_say(1, 1);
	turns(2);
	let_say(2, many);
	until_got(1, many * sizeof(struct word), 3 * HUB_GRACE);
	CHECK_INT(ends[2].deaf, ENOBUFS);
	CHECK_INT(ends[1].words, ends[2].said);
	CHECK(ends[2].said > RING / sizeof(struct word) / 2);
	finish();
}

TEST(nobody_waits_for_one_that_has_left)
{
	const uint32_t words = 1 << 18;

	begin();
	(void)add_in(1);
	(void)add_in(2);
	ends[2].takes = 0;
	let_say(1, words);
	turns(10);
	CHECK(ends[1].said < words);
	hub_remove(&ends[2].member);
	turns(200);
	CHECK_INT(ends[1].said, words);
	finish();
}

TEST(in_a_storm_every_stayer_gets_every_word_once)
{
	const uint32_t each = 3, rounds = 1000;
	uint32_t r;
	unsigned i;

	begin();
	for (i = 1; i <= 10; i++)
		(void)add_in(i);
	for (r = 0; r < rounds; r++) {
		i = 11 + r % 90;
		if (ends[i].member.hub != NULL) {
			if (r % 3 == 0)
				hub_finish(&ends[i].member, NULL);
			hub_remove(&ends[i].member);
		}
		(void)add_in(i);
		if (r % 2 == 0)
			let_take(i, r % 40);
		let_say(1 + r % 10, each);
		loop_turn(loop, 0);
	}
	turns(5);
	for (i = 1; i <= 10; i++) {
		CHECK_INT(ends[i].words, each * rounds / 10 * 9);
		CHECK_INT(ends[i].member.lost, 0);
	}
	finish();
}

/* As long as a record may be, so that it goes around the ring often. */
TEST(giant_records_go_around_the_ring)
{
	static char text[RING / 2];
	unsigned round;
	size_t i;

	begin();
	words_only = false;
	(void)add_in(1);
	(void)add_in(2);
	for (i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + i % 23);
	for (round = 0; round < 9; round++) {
		CHECK(hub_broadcast(&hub, &ends[1].member, text,
		    sizeof(text) - round));
		turns(2);
	}
	CHECK_INT(ends[2].got, 9 * sizeof(text) - 36);
	CHECK(memcmp(ends[2].text, text, sizeof(ends[2].text) - 1) == 0);
	CHECK(!hub_broadcast(&hub, NULL, text, RING));
	CHECK_INT(errno, EMSGSIZE);
	finish();
}

TEST(what_one_is_told_goes_between_records)
{
	begin();
	words_only = false;
	(void)add_in(1);
	(void)add_in(2);
	let_take(2, 3);
	ends[2].dozes = true;
	CHECK(hub_broadcast(&hub, NULL, "a long one;", 11));
	CHECK(hub_broadcast(&hub, NULL, "another", 7));
	turns(2);
	hub_send(&ends[2].member, "<psst>", 6);
	CHECK(hub_has_text(&ends[2].member));
	CHECK(hub_broadcast(&hub, NULL, "third", 5));
	/* It says nothing while it does not listen. */
	let_say(2, 5);
	turns(3);
	CHECK_INT(ends[2].said, 0);
	CHECK_STR(ends[2].text, "a l");
	let_take(2, SIZE_MAX);
	turns(3);
	CHECK_STR(ends[2].text, "a long one;another<psst>third");
	CHECK_INT(ends[1].got, 23 + 5 * sizeof(struct word));
	CHECK_INT(ends[2].said, 5);
	finish();
}

TEST(a_record_that_was_refused_is_offered_again_before_all_else)
{
	begin();
	words_only = false;
	(void)add_in(1);
	ends[1].takes = 0;
	CHECK(hub_broadcast(&hub, NULL, "a record\n", 9));
	turns(2);
	hub_send(&ends[1].member, "* told\n", 7);
	let_take(1, SIZE_MAX);
	turns(2);
	CHECK_STR(ends[1].text, "a record\n* told\n");
	CHECK_INT(ends[1].member.written, 9);
	finish();
}

TEST(several_that_were_refused_are_offered_again)
{
	begin();
	words_only = false;
	(void)add_in(1);
	(void)add_in(2);
	for (unsigned i = 1; i <= 2; i++) {
		let_take(i, 0);
		ends[i].out.ready = true;
	}
	CHECK(hub_broadcast(&hub, NULL, "one,", 4));
	CHECK(hub_broadcast(&hub, NULL, "two,", 4));
	turns(2);
	CHECK_INT(ends[1].again_len, 8);
	hub_send(&ends[1].member, "<psst>", 6);
	hub_finish(&ends[2].member, "bye");
	CHECK(hub_broadcast(&hub, NULL, "three", 5));
	turns(2);
	let_take(1, SIZE_MAX);
	let_take(2, SIZE_MAX);
	turns(3);
	/* The text had to wait for what the layer had been lent. */
	CHECK_STR(ends[1].text, "one,two,<psst>three");
	CHECK_STR(ends[2].text, "one,two,bye");
	CHECK_INT(ends[2].member.written, 8);
	CHECK_INT(ends[2].deaf, 0);
	finish();
}

TEST(who_leaves_gets_what_was_due_and_a_farewell)
{
	begin();
	words_only = false;
	(void)add_in(1);
	(void)add_in(2);
	let_take(2, 2);
	ends[2].dozes = true;
	CHECK(hub_broadcast(&hub, NULL, "due,", 4));
	turns(2);
	hub_finish(&ends[2].member, "bye");
	CHECK(hub_broadcast(&hub, NULL, "later", 5));
	turns(2);
	CHECK(!ends[2].shut);
	CHECK_INT(ends[2].deaf, -1);
	let_take(2, SIZE_MAX);
	turns(2);
	CHECK_STR(ends[2].text, "due,bye");
	CHECK(ends[2].shut);
	CHECK_INT(ends[2].deaf, 0);
	CHECK_INT(ends[2].member.lost, 0);
	CHECK_INT(ends[2].member.written, 4);
	CHECK_STR(ends[1].text, "due,later");
	finish();
}

TEST(what_does_not_arrive_is_counted)
{
	begin();
	(void)add_in(1);
	(void)add_in(2);
	(void)add_in(3);
	let_take(2, 20);
	ends[2].dozes = true;
	let_say(1, 10);
	turns(2);
	let_say(2, 7);		/* its own are not due to it */
	turns(2);
	hub_remove(&ends[2].member);
	check_ledger(2, 80);
	CHECK_INT(ends[2].got, 20);
	let_say(1, 10);
	turns(2);
	ends[3].fails = ECONNRESET;
	let_say(1, 5);
	turns(2);
	CHECK_INT(ends[3].deaf, ECONNRESET);
	check_ledger(3, (10 + 7 + 10 + 5) * 8);
	CHECK_INT(ends[3].member.lost, 5 * 8);
	/* One that hears no more may still speak. */
	let_say(3, 4);
	turns(2);
	CHECK_INT(ends[1].words, 11);
	finish();
}

/* As standard output does. */
TEST(one_that_stays_is_told_what_it_missed)
{
	const uint32_t words = 1 << 17;
	const uint64_t bytes = words * sizeof(struct word);

	begin();
	(void)add_in(1);
	(void)add_in(2);
	(void)add(3);
	ends[3].member.stays = true;
	ends[3].takes = 800;
	ends[3].dozes = true;
	hub_join(&ends[3].member);
	CHECK_INT(hub.n, 2);
	let_say(1, words);
	until_got(2, bytes, 20 * HUB_GRACE);
	CHECK_INT(ends[2].words, words);
	CHECK_INT(ends[3].deaf, -1);
	let_take(3, SIZE_MAX);
	turns(3);
	memset(ends[3].next, 0, sizeof(ends[3].next));
	CHECK(ends[3].fell > 0);
	CHECK_INT(ends[3].fell, ends[3].member.lost);
	check_ledger(3, bytes);
	finish();
}

static void
put_stamp(char buf[HUB_STAMP_MAX])
{
	(void)snprintf(buf, HUB_STAMP_MAX, "10:32 ");
}

TEST(each_line_is_stamped)
{
	unsigned step;

	for (step = 1; step < 12; step++) {
		begin();
		words_only = false;
		(void)add(1);
		ends[1].member.stamp = put_stamp;
		ends[1].dozes = true;
		ends[1].takes = step;
		hub_join(&ends[1].member);
		CHECK(hub_broadcast(&hub, NULL, "one\ntwo\n", 8));
		CHECK(hub_broadcast(&hub, NULL, "three\n", 6));
		while (ends[1].got < 32) {
			let_take(1, step);
			turns(1);
		}
		CHECK_STR(ends[1].text,
		    "10:32 one\n10:32 two\n10:32 three\n");
		CHECK_INT(ends[1].member.written, 14);
		CHECK(hub_has_all(&ends[1].member));
		finish();
	}
}

/* More writes than one step of a flow has. */
TEST(who_leaves_after_many_lines_is_shut)
{
	unsigned lines;
	char text[512];

	for (lines = 60; lines < 70; lines++) {
		begin();
		words_only = false;
		(void)add(1);
		ends[1].member.stamp = put_stamp;
		hub_join(&ends[1].member);
		memset(text, '\n', lines);
		CHECK(hub_broadcast(&hub, NULL, text, lines));
		hub_finish(&ends[1].member, NULL);
		turns(3);
		CHECK_INT(ends[1].got, lines * 7);
		CHECK(ends[1].shut);
		CHECK_INT(ends[1].deaf, 0);
		finish();
	}
}

TEST(who_waits_is_not_read_while_nobody_hears)
{
	const struct word due = { 0, 0 };

	begin();
	(void)add(1);
	ends[1].member.waits = ends[1].member.stays = true;
	hub_join(&ends[1].member);
	let_say(1, 9);
	turns(3);
	CHECK_INT(ends[1].said, 0);
	(void)add_in(2);
	hub_wake(&ends[1].member);
	turns(3);
	CHECK_INT(ends[2].words, 9);
	/* One that leaves hears nothing new, however long that takes. */
	let_take(2, 1);
	ends[2].dozes = true;
	CHECK(hub_broadcast(&hub, NULL, &due, sizeof(due)));
	turns(2);
	hub_finish(&ends[2].member, NULL);
	let_say(1, 5);
	turns(3);
	CHECK_INT(ends[2].deaf, -1);
	CHECK_INT(ends[1].said, 9);
	let_take(2, SIZE_MAX);
	turns(2);
	CHECK_INT(ends[2].deaf, 0);
	CHECK_INT(hub.n, 0);
	(void)add_in(3);
	hub_wake(&ends[1].member);
	turns(3);
	CHECK_INT(ends[3].words, 5);
	finish();
}
