/*
 * The movers between real descriptors: whatever the pair and the mover, the
 * same bytes arrive, however slowly either end goes.
 */
#include <sys/resource.h>
#include <sys/wait.h>
#include <signal.h>

#include "mover_rig.h"

static void
one_pair(enum kind from, enum kind to, bool own, enum mover_choice choice,
    bool slow)
{
	set_up(from, to, own, choice);
	if (slow)
		rig.tap_chunk = SLOW;
	else
		rig.feed_chunk = 7000;
	run();
	CHECK_INT(rig.fed, TOTAL);
	CHECK_INT(rig.flow.ledger.read, TOTAL);
	CHECK_INT(rig.flow.ledger.written, TOTAL);
	CHECK_INT(rig.flow.ledger.lost, 0);
	CHECK_INT(rig.flow.cause, FLOW_EOF);
	CHECK_INT(rig.flow.read_errno, 0);
	CHECK_INT(rig.flow.write_errno, 0);
	if (to != NULLDEV)
		CHECK_INT(rig.got, TOTAL);
	tear_down();
	if (unit_bad)
		printf("from %s to %s, %s, %s, reader %s\n", kinds[from],
		    kinds[to], own ? "own" : "inherited", choices[choice],
		    slow ? "slow" : "fast");
}

TEST(every_mover_brings_the_same_bytes_between_every_pair_of_ends)
{
	static const enum kind from[] = { PIPE, UNIX, TCP, REGULAR };
	enum mover_choice c;
	unsigned i, to, own, slow;

	for (i = 0; i < 4; i++)
		for (to = PIPE; to <= NULLDEV; to++)
			for (c = MOVER_AUTO; c <= MOVER_SENDFILE; c++)
				for (own = 0; own < 2; own++)
					for (slow = 0; slow < 2 && !unit_bad;
					    slow++)
						one_pair(from[i],
						    (enum kind)to, own != 0, c,
						    slow != 0);
}

/* A sink that nobody reads is full; then the source ends. */
static void
stuck(enum kind from, enum kind to, enum mover_choice choice)
{
	unsigned i;

	set_up(from, to, true, choice);
	rig.total = from == REGULAR ? TOTAL : 5 * TOTAL;
	rig.feed_chunk = TOTAL;
	rig.tap_chunk = 0;
	for (i = 0; i < 300 && rig.flow.state == FLOW_OPEN; i++)
		turn();
	rig.idle = 0;
	if (from != REGULAR)
		close_one(&rig.src.other);
	for (i = 0; i < 300; i++)
		turn();
	CHECK(rig.flow.state != FLOW_DONE);
	if (rig.idle > 40) {
		printf("%u of 300 turns were for nothing\n", rig.idle);
		unit_bad = true;
	}
	rig.tap_chunk = SLOW;
	run();
	CHECK_INT(rig.flow.ledger.written, rig.fed);
	CHECK_INT(rig.got, rig.fed);
	CHECK_INT(rig.flow.ledger.lost, 0);
	tear_down();
	if (unit_bad)
		printf("from %s to %s, %s\n", kinds[from], kinds[to],
		    choices[choice]);
}

TEST(a_full_sink_and_an_ended_source_cause_no_spinning)
{
	static const enum kind from[] = { PIPE, UNIX, TCP };
	enum mover_choice c;
	unsigned i, to;

	for (i = 0; i < 3; i++)
		for (to = PIPE; to <= UNIX; to++)
			for (c = MOVER_AUTO; c <= MOVER_SENDFILE; c++)
				if (!unit_bad)
					stuck(from[i], (enum kind)to, c);
}

/* Let so many bytes arrive, and no more come. */
static void
feed_until(size_t n)
{
	while (rig.flow.ledger.written < n && rig.turns < 10000) {
		rig.feed_chunk = rig.fed < n ? n - rig.fed : 0;
		turn();
	}
	rig.feed_chunk = 0;
	CHECK_INT(rig.flow.ledger.written, n);
}

/* A source that is empty and a sink that is free: nothing to do. */
TEST(an_empty_source_causes_no_spinning)
{
	static const enum kind from[] = { PIPE, UNIX, TCP };
	enum mover_choice c;
	unsigned i, j, to;

	for (i = 0; i < 3; i++)
		for (to = PIPE; to <= APPEND; to++)
			for (c = MOVER_AUTO; c <= MOVER_SENDFILE; c++) {
				set_up(from[i], (enum kind)to, true, c);
				rig.total = TOTAL + 1;
				feed_until(TOTAL);
				rig.idle = 0;
				for (j = 0; j < 100; j++) {
					if (poll_ends())
						rig.idle++;
					flow_step(&rig.flow);
				}
				CHECK(rig.idle <= 2);
				CHECK_INT(flow_held(&rig.flow), 0);
				CHECK(rig.flow.ring.mem == NULL);
				tear_down();
			}
}

TEST(an_appended_file_refuses_a_splice_and_nothing_is_lost)
{
	set_up(TCP, APPEND, true, MOVER_SPLICE);
	CHECK_STR(rig.flow.mover->name, "through");
	run();
	CHECK(rig.flow.pipe_in.num != -1);
	CHECK_STR(rig.flow.mover->name, "copy");
	CHECK_INT(rig.flow.ledger.written, TOTAL);
	CHECK_INT(rig.got, TOTAL);
	CHECK_INT(rig.flow.ledger.lost, 0);
	tear_down();
}

/* Others write at the position that they share with the flow. */
TEST(programs_that_share_a_file_overwrite_nothing)
{
	enum { LINES = 20000 };
	int p[2], status, lines = 0;
	char buf[4096];
	ssize_t n, i;
	pid_t pid;

	set_up(TCP, REGULAR, true, MOVER_AUTO);
	rig.total = 40 * TOTAL;
	p[0] = rig.dst.other;
	p[1] = rig.dst.half.fd->num;
	rig.dst.other = -1;
	pid = fork();
	CHECK(pid != -1);
	if (pid == 0) {
		for (i = 0; i < LINES && write(p[1], "", 1) == 1; i++)
			;
		_exit(i == LINES ? 0 : 1);
	}
	run();
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_INT(status, 0);
	CHECK_INT(rig.flow.ledger.written, rig.total);
	CHECK_INT(lseek(p[0], 0, SEEK_END), rig.total + LINES);
	CHECK_INT(lseek(p[0], 0, SEEK_SET), 0);
	while ((n = read(p[0], buf, sizeof(buf))) > 0)
		for (i = 0; i < n; i++)
			lines += buf[i] == '\0';
	for (size_t pos = 0; pos < rig.total; pos++)
		lines -= pattern(pos) == 0;
	CHECK_INT(lines, LINES);
	close_one(&p[0]);
	tear_down();
}

/* A file that may not grow takes its share, to the byte. */
static void
full_file(enum mover_choice choice)
{
	struct rlimit was, less = { .rlim_cur = 200001 };
	int file;

	set_up(TCP, REGULAR, true, choice);
	rig.total = 5 * TOTAL;
	CHECK_INT(getrlimit(RLIMIT_FSIZE, &was), 0);
	less.rlim_max = was.rlim_max;
	CHECK_INT(setrlimit(RLIMIT_FSIZE, &less), 0);
	file = dup(rig.dst.half.fd->num);
	while (rig.flow.state != FLOW_DONE && rig.turns < 20000)
		turn();
	CHECK_INT(setrlimit(RLIMIT_FSIZE, &was), 0);
	CHECK_INT(rig.flow.cause, FLOW_WRITE_FAILED);
	CHECK_INT(rig.flow.write_errno, EFBIG);
	CHECK_INT(rig.flow.ledger.written, less.rlim_cur);
	CHECK_INT(rig.flow.ledger.lost,
	    rig.flow.ledger.read - less.rlim_cur);
	CHECK(rig.flow.ledger.lost > 0);
	CHECK_INT(lseek(file, 0, SEEK_CUR), less.rlim_cur);
	CHECK_INT(lseek(rig.dst.other, 0, SEEK_END), less.rlim_cur);
	CHECK_INT(rig.got, less.rlim_cur);
	close_one(&file);
	tear_down();
}

TEST(a_full_file_takes_its_share_and_the_rest_is_counted)
{
	(void)signal(SIGXFSZ, SIG_IGN);
	for (enum mover_choice c = MOVER_AUTO; c <= MOVER_SPLICE; c++)
		full_file(c);
}

static void
dead_sink(enum kind from, enum kind to, enum mover_choice choice)
{
	set_up(from, to, true, choice);
	/* More than any buffer takes, but a file is only so long. */
	if (from != REGULAR)
		rig.total = 200 * TOTAL;
	rig.tap_chunk = SLOW;
	while (rig.flow.ledger.written < TOTAL / 2 && rig.turns < 10000)
		turn();
	close_one(&rig.dst.other);
	while (rig.flow.state != FLOW_DONE && rig.turns < 20000)
		turn();
	CHECK_INT(rig.flow.state, FLOW_DONE);
	CHECK_INT(rig.flow.cause, FLOW_WRITE_FAILED);
	CHECK(rig.flow.write_errno == EPIPE ||
	    rig.flow.write_errno == ECONNRESET);
	CHECK_INT(rig.flow.read_errno, 0);
	CHECK_INT(rig.flow.ledger.made,
	    rig.flow.ledger.written + rig.flow.ledger.lost);
	tear_down();
	if (unit_bad)
		printf("from %s to %s, %s\n", kinds[from], kinds[to],
		    choices[choice]);
}

TEST(a_sink_whose_reader_left_fails_and_what_is_lost_is_counted)
{
	static const enum kind from[] = { PIPE, UNIX, TCP, REGULAR };
	enum mover_choice c;
	unsigned i, to;

	for (i = 0; i < 4; i++)
		for (to = PIPE; to <= TCP; to++)
			for (c = MOVER_AUTO; c <= MOVER_SENDFILE; c++)
				/* A wide buffer takes the whole file. */
				if (!unit_bad && !(from[i] == REGULAR &&
				    (to == TCP || to == PIPE)))
					dead_sink(from[i], (enum kind)to, c);
}

TEST(what_came_before_a_reset_is_delivered)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };
	enum mover_choice c;
	unsigned to;

	for (to = PIPE; to <= APPEND; to++)
		for (c = MOVER_AUTO; c <= MOVER_SENDFILE; c++) {
			set_up(TCP, (enum kind)to, true, c);
			rig.total = TOTAL + 1;
			feed_until(TOTAL / 2);
			CHECK_INT(setsockopt(rig.src.other, SOL_SOCKET,
			    SO_LINGER, &now, sizeof(now)), 0);
			close_one(&rig.src.other);
			run();
			CHECK_INT(rig.flow.cause, FLOW_READ_FAILED);
			CHECK_INT(rig.flow.read_errno, ECONNRESET);
			CHECK_INT(rig.flow.write_errno, 0);
			CHECK_INT(rig.flow.ledger.lost, 0);
			CHECK_INT(rig.got, rig.flow.ledger.written);
			tear_down();
		}
}

static void
switches(enum kind from, enum kind to, const char *first, const char *then)
{
	unsigned i;

	set_up(from, to, true, MOVER_AUTO);
	CHECK_STR(rig.flow.mover->name, first);
	rig.total = 1000000;
	rig.feed_chunk = 1000;
	for (i = 0; i < 60; i++)
		turn();
	if (strcmp(first, then) != 0)
		CHECK_STR(rig.flow.mover->name, first);
	rig.total = 200000;
	while (rig.fed < 190000 && rig.turns < 20000)
		turn();
	CHECK_STR(rig.flow.mover->name, then);
	run();
	CHECK_INT(rig.got, rig.fed);
	tear_down();
}

TEST(much_data_is_given_to_the_fast_mover_little_is_not)
{
	switches(PIPE, TCP, "splice", "splice");
	switches(TCP, PIPE, "splice", "splice");
	switches(TCP, TCP, "copy", "through");
	switches(PIPE, PIPE, "copy", "copy");
	switches(PIPE, REGULAR, "copy", "copy");
	switches(TCP, REGULAR, "copy", "through");
	switches(UNIX, REGULAR, "copy", "through");
	set_up(REGULAR, TCP, true, MOVER_AUTO);
	CHECK_STR(rig.flow.mover->name, "sendfile");
	run();
	tear_down();
}

/*
 * Whether the kernel lets this user have wider pipes now: pipe(7) about
 * pipe-user-pages-soft, which programs that run beside may have used up.
 */
static bool
pipes_may_be_wide(void)
{
	bool may;
	int p[2];

	CHECK_INT(pipe(p), 0);
	may = fcntl(p[0], F_SETPIPE_SZ, 1 << 20) != -1;
	close(p[0]);
	close(p[1]);
	return may;
}

/* The pipes of others are made wider for much data alone, by any mover. */
static void
widens(enum kind from, enum kind to, bool own, enum mover_choice choice)
{
	int is, was, num;

	set_up(from, to, own, choice);
	num = (from == PIPE ? &rig.src : &rig.dst)->half.fd->num;
	was = fcntl(num, F_GETPIPE_SZ);
	feed_until(60000);
	CHECK_INT(fcntl(num, F_GETPIPE_SZ), was);
	rig.feed_chunk = FAST;
	while (rig.flow.ledger.read < 200000 && rig.turns < 20000)
		turn();
	is = fcntl(num, F_GETPIPE_SZ);
	if (is == was && !pipes_may_be_wide())
		printf("no wider pipes are allowed now\n");
	else
		CHECK(is > was);
	run();
	CHECK_INT(rig.got, TOTAL);
	tear_down();
}

TEST(much_data_widens_the_pipes_at_both_ends)
{
	widens(PIPE, TCP, true, MOVER_AUTO);
	widens(TCP, PIPE, true, MOVER_AUTO);
	widens(PIPE, TCP, true, MOVER_COPY);
	widens(TCP, PIPE, true, MOVER_COPY);
	widens(TCP, PIPE, false, MOVER_AUTO);
	widens(PIPE, REGULAR, false, MOVER_AUTO);
}

/* Bytes in the kernel pipe when the flow is told to read no more. */
TEST(a_finished_flow_delivers_what_its_kernel_pipe_holds)
{
	unsigned i;

	set_up(TCP, UNIX, true, MOVER_SPLICE);
	rig.tap_chunk = 0;
	for (i = 0; i < 200; i++)
		turn();
	CHECK(rig.flow.pipe_held > 0);
	flow_finish(&rig.flow, FLOW_CANCEL);
	rig.tap_chunk = SLOW;
	run();
	CHECK_INT(rig.flow.cause, FLOW_CANCEL);
	CHECK_INT(rig.flow.ledger.lost, 0);
	CHECK_INT(rig.got, rig.flow.ledger.read);
	tear_down();
}

TEST(a_cancelled_flow_counts_what_its_kernel_pipe_held)
{
	unsigned i;
	size_t held;

	set_up(TCP, UNIX, true, MOVER_SPLICE);
	rig.tap_chunk = 0;
	for (i = 0; i < 200; i++)
		turn();
	held = flow_held(&rig.flow);
	CHECK(held > 0);
	flow_cancel(&rig.flow);
	CHECK_INT(rig.flow.ledger.lost, held);
	CHECK_INT(rig.flow.pipe_in.num, -1);
	tear_down();
}

/* The system would cut them when it is short of pages, and not tell. */
TEST(datagrams_are_not_spliced_whatever_is_asked_for)
{
	enum mover_choice c;
	int p[2];

	for (c = MOVER_AUTO; c <= MOVER_SENDFILE; c++) {
		struct flow_options opt = { .mover = c };

		set_up(UNIX, PIPE, true, c);
		flow_free(&rig.flow);
		layer_close(&rig.src.bottom.layer);
		close_one(&rig.src.other);
		CHECK_INT(socketpair(AF_UNIX, SOCK_DGRAM, 0, p), 0);
		end_init(&rig.src, UNIX, p[0], p[1], O_RDONLY, true);
		CHECK_INT(rig.src.half.fd->kind, FD_DGRAM);
		rig.src.half.record = true;
		flow_init(&rig.flow, "test", &rig.src.half, &rig.dst.half,
		    &opt);
		rig.total = TOTAL + 1;
		while (rig.got < TOTAL && rig.turns < 10000 &&
		    rig.flow.mover == &mover_record) {
			rig.feed_chunk = rig.fed < TOTAL ? TOTAL / 5 : 0;
			turn();
		}
		CHECK_STR(rig.flow.mover->name, "record");
		CHECK(rig.flow.fast == NULL);
		CHECK_INT(rig.got, TOTAL);
		tear_down();
	}
}

/* The kernel's splice says "nothing", or "the end", there. */
TEST(an_urgent_byte_ends_splicing_and_nothing_else)
{
	struct fd src, in, out;
	char buf[8] = "";
	struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) };
	int p[2], one = 1, i;
	size_t n = 0;

	tcp_pair(p);
	CHECK_INT(fcntl(p[1], F_SETFL, O_NONBLOCK), 0);
	CHECK_INT(setsockopt(p[1], SOL_SOCKET, SO_OOBINLINE, &one,
	    sizeof(one)), 0);
	fd_own(&src, p[1], FD_STREAM);
	CHECK_INT(fd_pipe(&out, &in), 0);
	CHECK_INT(send(p[0], "a", 1, 0), 1);
	CHECK_INT(send(p[0], "!", 1, MSG_OOB), 1);
	CHECK_INT(send(p[0], "b", 1, 0), 1);
	for (i = 0; i < 1000 && fd_readable(&src) < 3; i++)
		(void)poll(NULL, 0, 1);
	CHECK_INT(fd_splice(&src, &in, 100, &n), IO_OK);
	CHECK_INT(n, 1);
	CHECK_INT(fd_splice(&src, &in, 100, &n), IO_FAIL);
	CHECK_INT(errno, FD_NO_SPLICE);
	CHECK_INT(shutdown(p[0], SHUT_WR), 0);
	(void)poll(NULL, 0, 10);
	CHECK_INT(fd_splice(&src, &in, 100, &n), IO_FAIL);
	CHECK_INT(errno, FD_NO_SPLICE);
	CHECK_INT(fd_read(&src, &iov, 1, &n), IO_OK);
	CHECK(n == 2 && memcmp(buf, "!b", 2) == 0);
	CHECK_INT(fd_splice(&src, &in, 100, &n), IO_EOF);
	fd_close(&src);
	fd_close(&in);
	fd_close(&out);
	(void)close(p[0]);
}

static bool		lets_pass;
static unsigned		asked;

static bool
bypass(struct layer *l)
{
	(void)l;
	asked++;
	return lets_pass;
}

static void
layered(enum kind from, size_t total, const struct mover *mover)
{
	struct layer_ops ops;

	asked = 0;
	set_up(from, TCP, true, MOVER_AUTO);
	ops = *rig.dst.bottom.layer.ops;
	ops.bypass = bypass;
	rig.dst.bottom.layer.ops = &ops;
	rig.dst.half.layered = true;
	mover_choose(&rig.flow, MOVER_AUTO, false);
	CHECK(rig.flow.mover == &mover_copy);
	rig.total = total;
	run();
	CHECK(rig.flow.mover == mover);
	CHECK_INT(asked, total > TOTAL ? 1 : 0);
	CHECK_INT(rig.got, total);
	CHECK_INT(rig.flow.ledger.written, total);
	tear_down();
}

TEST(a_layer_lets_bytes_pass_once_much_was_sent)
{
	lets_pass = true;
	layered(PIPE, TOTAL, &mover_copy);
	layered(PIPE, 5 * TOTAL, &mover_splice);
	layered(TCP, 5 * TOTAL, &mover_through);
	lets_pass = false;
	layered(PIPE, 5 * TOTAL, &mover_copy);
}

/* The kernel takes the error of a socket itself, if it makes records. */
TEST(a_connection_that_is_over_has_an_error)
{
	struct linger hard = { .l_onoff = 1 };
	struct fd fd;
	int p[2];

	for (int records = 0; records < 2; records++) {
		make_pair(TCP, p);
		fd_own(&fd, p[1], FD_STREAM);
		fd.records = records != 0;
		CHECK_INT(fd_error(&fd), 0);
		CHECK(!fd_is_over(&fd));
		(void)setsockopt(p[0], SOL_SOCKET, SO_LINGER, &hard,
		    sizeof(hard));
		(void)close(p[0]);
		CHECK_INT(fd_error(&fd), ECONNRESET);
		CHECK(fd_is_over(&fd));
		CHECK_INT(fd_error(&fd), records ? ECONNRESET : 0);
		fd_close(&fd);
	}
}
