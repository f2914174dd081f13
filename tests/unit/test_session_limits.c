/*
 * Sessions: deadlines, limits, failures, and what they must not do.
 */
#include "session_rig.h"

/* ---- Deadlines and limits ----------------------------------------------- */

#define SHORT	(30 * NSEC_PER_MSEC)
/* Where something is to happen before: on a busy machine, too. */
#define AMPLE	(2 * NSEC_PER_SEC)

static void
expect_end(enum session_end end, int64_t began)
{
	CHECK(await_end() < 20);
	CHECK_INT(rig.s.end, end);
	CHECK(clock_now() - began >= SHORT);
	finish();
}

TEST(lingering_ends)
{
	int64_t began;

	prepare();
	rig.opt.policy.linger = SHORT;
	start();
	settle();
	CHECK(!rig.done);
	began = clock_now();
	shut_fd(&rig.feed);
	expect_end(SESSION_LINGER, began);
}

TEST(idleness_ends)
{
	int64_t began;

	prepare();
	rig.opt.policy.idle = AMPLE;
	start();
	began = clock_now();
	say(rig.peer, "x");
	loop_turn(rig.loop, -1);
	CHECK(await_end() < 20);
	CHECK_INT(rig.s.end, SESSION_IDLE);
	CHECK(clock_now() - began >= AMPLE);
	finish();
}

/* What went before the near input's end does not count. */
TEST(idleness_that_counts_from_the_near_ends_end_does_not_before)
{
	int64_t began, late = clock_now() + 2 * SHORT;

	prepare();
	rig.opt.policy.near_eof = NEAR_KEEP;
	rig.opt.policy.idle = SHORT;
	rig.opt.policy.idle_after_near = true;
	start();
	while (clock_now() < late)
		loop_turn(rig.loop, SHORT / 4);
	CHECK(!rig.done);
	began = clock_now();
	shut_fd(&rig.feed);
	expect_end(SESSION_IDLE, began);
}

/* A pause between lines may be longer than the peer's may. */
TEST(a_pause_between_lines_is_not_idleness)
{
	prepare();
	rig.opt.policy.idle = SHORT;
	rig.opt.up.gate = gate_lines(2 * SHORT, SIZE_MAX);
	start();
	say(rig.feed, "a\nb\nc\n");
	shut_fd(&rig.feed);
	while (!rig.heard_end && !rig.done) {
		loop_turn(rig.loop, SHORT);
		settle();
	}
	CHECK_STR(rig.heard, "a\nb\nc\n");
	(void)await_end();
	CHECK_INT(rig.s.end, SESSION_IDLE);
	CHECK_INT(session_lost_up(&rig.s), 0);
	finish();
}

/* What is behind pauses is sent before the time to quit begins. */
TEST(what_is_behind_pauses_is_sent_before_the_time_to_quit_begins)
{
	int64_t began = clock_now();

	prepare();
	rig.opt.policy.linger = SHORT;
	rig.opt.policy.near_eof = NEAR_KEEP;
	rig.opt.up.gate = gate_lines(SHORT, SIZE_MAX);
	start();
	say(rig.feed, "a\nb\nc\nd\n");
	shut_fd(&rig.feed);
	while (!rig.done && clock_now() < began + 10 * NSEC_PER_SEC) {
		loop_turn(rig.loop, SHORT);
		settle();
	}
	CHECK_STR(rig.heard, "a\nb\nc\nd\n");
	CHECK_INT(session_lost_up(&rig.s), 0);
	CHECK(clock_now() - began >= 4 * SHORT);
	expect_end(SESSION_LINGER, began);
}

TEST(a_pause_may_stand_before_the_first_line_too)
{
	int64_t began = clock_now();

	prepare();
	rig.opt.up.gate = gate_pause(SHORT, 0);
	start();
	say(rig.feed, "a\nb\n");
	shut_fd(&rig.feed);
	while (!rig.heard_end && clock_now() < began + 10 * NSEC_PER_SEC) {
		loop_turn(rig.loop, SHORT);
		settle();
	}
	CHECK_STR(rig.heard, "a\nb\n");
	CHECK(clock_now() - began >= 2 * SHORT);
	finish();
}

/* Each silence is as long; what comes in between makes none good. */
TEST(a_second_silence_is_the_end_where_one_is_forgiven)
{
	int64_t began = clock_now(), late = began + 10 * NSEC_PER_SEC;

	prepare();
	rig.opt.policy.idle = AMPLE;
	rig.opt.policy.silences = 1;
	start();
	while (rig.s.silences == 0 && clock_now() < late)
		loop_turn(rig.loop, SHORT);
	CHECK(!rig.done);
	CHECK(clock_now() - began >= AMPLE);
	began = clock_now();
	say(rig.peer, "x");
	loop_turn(rig.loop, -1);
	CHECK(await_end() < 20);
	CHECK_INT(rig.s.end, SESSION_IDLE);
	CHECK(clock_now() - began >= AMPLE);
	finish();
}

TEST(all_of_it_ends)
{
	int64_t began = clock_now();

	prepare();
	rig.opt.policy.total = SHORT;
	start();
	expect_end(SESSION_TOTAL, began);
}

TEST(so_many_reads_are_the_end)
{
	prepare();
	rig.opt.policy.max_reads = 1;
	start();
	say(rig.feed, "ping");
	settle();
	CHECK(!rig.done);
	say(rig.peer, "pong");
	settle();
	CHECK_INT(rig.done, 1);
	CHECK_INT(rig.s.end, SESSION_LIMIT);
	CHECK_STR(rig.told, "pong");
	CHECK_STR(rig.heard, "ping");
	finish();
}

TEST(an_interrupted_session_delivers_what_it_holds)
{
	prepare();
	start();
	say(rig.peer, "x");
	settle();
	session_interrupt(&rig.s, NSEC_PER_SEC);
	(void)await_end();
	CHECK_INT(rig.s.end, SESSION_INTERRUPTED);
	CHECK_STR(rig.told, "x");
	finish();
}

TEST(an_aborted_session_is_silent)
{
	prepare();
	start();
	say(rig.feed, "x");
	settle();
	session_abort(&rig.s);
	CHECK_INT(rig.done, 0);
	loop_turn(rig.loop, 0);
	CHECK_INT(rig.done, 0);
	endpoint_close(&rig.near);
	endpoint_close(&rig.far);
	loop_free(rig.loop);
	shut_fd(&rig.feed);
	shut_fd(&rig.tap);
	shut_fd(&rig.peer);
}

/* ---- Ends that fail ----------------------------------------------------- */

TEST(a_session_whose_output_dies_ends)
{
	prepare();
	start();
	settle();
	shut_fd(&rig.tap);
	settle();
	CHECK_INT(rig.done, 1);
	CHECK_INT(rig.s.down.write_errno, EPIPE);
	CHECK(rig.heard_end);
	finish();
}

TEST(but_a_file_is_sent_to_its_end)
{
	prepare();
	rig.in = NEAR_FILE;
	connect_ends();
	shut_fd(&rig.tap);
	say(rig.peer, "unheard");
	session_start(&rig.s, rig.loop, &rig.near, &rig.far, &rig.opt);
	settle();
	CHECK_INT(rig.s.up.ledger.written, 1000000);
	CHECK_INT(rig.s.down.write_errno, EPIPE);
	CHECK_INT(session_lost_up(&rig.s), 0);
	CHECK_INT(rig.done, 1);
	finish();
}

/* What was read is lost; what the kernel was to move has not been read. */
static void
peer_leaves_by(enum mover_choice mover, unsigned lost)
{
	prepare();
	rig.opt.policy.far_eof = FAR_WAIT;
	rig.opt.up.mover = mover;
	start();
	settle();
	shut_fd(&rig.peer);
	say(rig.feed, "to nobody");
	(void)await_end();
	CHECK_INT(rig.s.up.write_errno, EPIPE);
	CHECK_INT(session_lost_up(&rig.s), lost);
	finish();
}

TEST(a_peer_that_left_is_a_broken_pipe)
{
	peer_leaves_by(MOVER_COPY, 9);
	peer_leaves_by(MOVER_AUTO, 0);
}

TEST(a_reset_is_told_after_the_last_words)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	prepare();
	rig.tcp = true;
	start();
	say(rig.peer, "last words");
	settle();
	CHECK_INT(setsockopt(rig.peer, SOL_SOCKET, SO_LINGER, &now,
	    sizeof(now)), 0);
	shut_fd(&rig.peer);
	(void)await_end();
	CHECK_INT(rig.s.down.read_errno, ECONNRESET);
	CHECK_STR(rig.told, "last words");
	finish();
}

static unsigned	freed;

static void
count_filter(struct filter *f)
{
	(void)f;
	freed++;
}

static void
count_gate(struct gate *g)
{
	(void)g;
	freed++;
}

/* What the bytes would pass in a direction that is not there goes, too. */
static void
give_stages(struct flow_options *opt)
{
	static const struct filter_ops filter_ops = { .growth = 1,
	    .free = count_filter };
	static const struct gate_ops gate_ops = { .free = count_gate };
	static struct filter filter = { &filter_ops };
	static struct gate gate = { .ops = &gate_ops };

	opt->filter = &filter;
	opt->gate = &gate;
	freed = 0;
}

TEST(a_session_can_do_without_either_near_half)
{
	prepare();
	rig.no_in = true;
	rig.opt.policy.far_eof = FAR_WAIT;
	give_stages(&rig.opt.up);
	start();
	far_says_and_ends();
	CHECK_INT(rig.done, 1);
	finish();
	CHECK_INT(freed, 2);
	prepare();
	rig.no_out = true;
	give_stages(&rig.opt.down);
	start();
	say(rig.feed, "x");
	shut_fd(&rig.feed);
	(void)await_end();
	CHECK_STR(rig.heard, "x");
	CHECK(rig.heard_end);
	finish();
	CHECK_INT(freed, 2);
}

/* ---- What a session must not do ----------------------------------------- */

/* All is in the kernel, the peer takes none of it, and deadlines pass. */
TEST(to_wait_for_acknowledgements_is_not_to_spin)
{
	static char big[400000];
	int size = 4096;
	int64_t until;
	unsigned turns = 0;

	prepare();
	rig.tcp = true;
	rig.in = NEAR_SOCKET;
	rig.opt.policy.confirm = true;
	rig.opt.policy.linger = rig.opt.policy.idle = SHORT;
	rig.opt.policy.total = 2 * SHORT;
	connect_ends();
	CHECK_INT(setsockopt(rig.peer, SOL_SOCKET, SO_RCVBUF, &size,
	    sizeof(size)), 0);
	size = 1 << 20;
	CHECK_INT(setsockopt(rig.feed, SOL_SOCKET, SO_SNDBUF, &size,
	    sizeof(size)), 0);
	CHECK_INT(setsockopt(rig.far.in.fd->num, SOL_SOCKET, SO_SNDBUF,
	    &size, sizeof(size)), 0);
	CHECK(write(rig.feed, big, sizeof(big)) > 100000);
	shut_fd(&rig.feed);
	CHECK_INT(shutdown(rig.peer, SHUT_WR), 0);
	session_start(&rig.s, rig.loop, &rig.near, &rig.far, &rig.opt);
	for (until = clock_now() + 10 * NSEC_PER_SEC;
	    clock_now() < until && !rig.done && turns < 2000; turns++)
		loop_turn(rig.loop, SHORT);
	CHECK(turns < 200);
	/* The deadlines bound this wait too, and what is missing is lost. */
	CHECK_INT(rig.done, 1);
	CHECK(session_lost_up(&rig.s) > 0);
	CHECK_INT(rig.s.up.write_errno, ETIMEDOUT);
	shut_fd(&rig.peer);
	finish();
}

TEST(an_idle_session_sleeps_and_has_no_buffer)
{
	unsigned turns = 0;
	int64_t until;

	prepare();
	start();
	say(rig.feed, "a");
	say(rig.peer, "b");
	settle();
	for (until = clock_now() + 5 * SHORT; clock_now() < until; turns++)
		loop_turn(rig.loop, SHORT);
	CHECK(turns < 10);
	CHECK(rig.s.up.ring.mem == NULL && rig.s.down.ring.mem == NULL);
	finish();
}

/* A layer that has taken from its socket more than was read from it. */
struct hoard {
	struct layer	layer;
	size_t		left;
};

static enum io
hoard_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct hoard *h = (struct hoard *)(void *)l;

	(void)cnt;
	*n = 0;
	if (h->left == 0)
		return IO_AGAIN;
	*n = h->left < 100 ? h->left : 100;
	if (*n > iov->iov_len)
		*n = iov->iov_len;
	memset(iov->iov_base, 'h', *n);
	h->left -= *n;
	return IO_OK;
}

static enum io
hoard_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	return l->below->ops->write(l->below, iov, cnt, n);
}

static enum io
hoard_shut(struct layer *l)
{
	return layer_shut(l->below);
}

static size_t
hoard_pending(const struct layer *l)
{
	return ((const struct hoard *)(const void *)l)->left;
}

static void
hoard_close(struct layer *l)
{
	(void)l;
}

TEST(what_a_layer_holds_already_is_read_without_the_socket)
{
	static const struct layer_ops ops = {
	    .read = hoard_read, .write = hoard_write, .shut = hoard_shut,
	    .pending = hoard_pending, .close = hoard_close };
	struct hoard h = { .left = 100000 };
	int i;

	prepare();
	rig.out = NEAR_FILE;
	connect_ends();
	h.layer.ops = &ops;
	h.layer.below = rig.far.in.top;
	rig.far.in.top = rig.far.out.top = &h.layer;
	rig.far.in.fd = rig.far.out.fd = NULL;
	session_start(&rig.s, rig.loop, &rig.near, &rig.far, &rig.opt);
	for (i = 0; i < 200; i++)
		loop_turn(rig.loop, 0);
	CHECK_INT(rig.s.down.ledger.written, 100000);
	finish();
}

/* A device that is full for so many writes, and calls itself writable. */
struct full_device {
	struct layer	layer;
	unsigned	refused;
};

#define REFUSED	10

static enum io
full_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct full_device *d = (struct full_device *)l;

	if (d->refused == REFUSED)
		return l->below->ops->write(l->below, iov, cnt, n);
	d->refused++;
	*n = 0;
	errno = ENOBUFS;
	return IO_FAIL;
}

static enum io
full_shut(struct layer *l)
{
	return layer_shut(l->below);
}

static void
full_close(struct layer *l)
{
	(void)l;
}

TEST(a_full_output_of_datagrams_is_left_alone_for_a_while)
{
	static const struct layer_ops ops = {
	    .write = full_write, .shut = full_shut, .close = full_close };
	struct full_device d = { .refused = 0 };
	int64_t began = clock_now();

	prepare();
	connect_ends();
	d.layer.ops = &ops;
	d.layer.below = rig.near.out.top;
	rig.near.out.top = &d.layer;
	rig.near.out.fd = NULL;
	rig.near.out.record = true;
	session_start(&rig.s, rig.loop, &rig.near, &rig.far, &rig.opt);
	say(rig.peer, "abc");
	shut_fd(&rig.peer);
	shut_fd(&rig.feed);
	/* 5 ms each, and not as fast as it can. */
	CHECK(await_end() < 60);
	CHECK_INT(d.refused, REFUSED);
	CHECK(clock_now() - began >= REFUSED * 5 * NSEC_PER_MSEC);
	CHECK_STR(rig.told, "abc");
	finish();
}
