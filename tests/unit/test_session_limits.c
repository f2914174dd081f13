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

static void
linger_runs_out(void)
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

static void
idle_runs_out(void)
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
static void
idle_after_near_runs_out(void)
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
static void
gated_is_not_idle(void)
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
static void
gated_is_sent_before_lingering(void)
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

static void
first_line_waits_too(void)
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
static void
one_silence_is_forgiven(void)
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

static void
total_runs_out(void)
{
	int64_t began = clock_now();

	prepare();
	rig.opt.policy.total = SHORT;
	start();
	expect_end(SESSION_TOTAL, began);
}

static void
reads_run_out(void)
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

static void
interrupted(void)
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

static void
aborted(void)
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

static void
output_dies(void)
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

static void
output_dies_and_file_goes_on(void)
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

static void
peer_leaves(void)
{
	peer_leaves_by(MOVER_COPY, 9);
	peer_leaves_by(MOVER_AUTO, 0);
}

static void
peer_resets(void)
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

static void
halves_missing(void)
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
static void
confirming_does_not_spin(void)
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

static void
idle_session_sleeps(void)
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

static void
held_by_a_layer(void)
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

static void
full_output_is_left_alone(void)
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

int
main(void)
{
	(void)signal(SIGPIPE, SIG_IGN);
	(void)alarm(60);	/* what never ends must fail */
	unit_run("lingering ends", linger_runs_out);
	unit_run("idleness ends", idle_runs_out);
	unit_run("idleness that counts from the near end's end does not before",
	    idle_after_near_runs_out);
	unit_run("a pause between lines is not idleness", gated_is_not_idle);
	unit_run("what is behind pauses is sent before the time to quit begins",
	    gated_is_sent_before_lingering);
	unit_run("a pause may stand before the first line, too",
	    first_line_waits_too);
	unit_run("a second silence is the end, where one is forgiven",
	    one_silence_is_forgiven);
	unit_run("all of it ends", total_runs_out);
	unit_run("so many reads are the end", reads_run_out);
	unit_run("an interrupted session delivers what it holds", interrupted);
	unit_run("an aborted session is silent", aborted);
	unit_run("a session whose output dies ends", output_dies);
	unit_run("but a file is sent to its end",
	    output_dies_and_file_goes_on);
	unit_run("a peer that left is a broken pipe", peer_leaves);
	unit_run("a reset is told after the last words", peer_resets);
	unit_run("a session can do without either near half", halves_missing);
	unit_run("to wait for acknowledgements is not to spin",
	    confirming_does_not_spin);
	unit_run("an idle session sleeps and has no buffer",
	    idle_session_sleeps);
	unit_run("what a layer holds already is read without the socket",
	    held_by_a_layer);
	unit_run("a full output of datagrams is left alone for a while",
	    full_output_is_left_alone);
	return unit_end();
}
