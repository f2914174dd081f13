/*
 * Descriptors: what they are, how they are read and written, and that the
 * flags of those that were inherited stay as they are.
 */
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "io/fd.h"
#include "lib/clock.h"
#include "net.h"

static int
get(struct fd *fd, void *buf, size_t size, size_t *n)
{
	struct iovec iov = { .iov_base = buf, .iov_len = size };

	return (int)fd_read(fd, &iov, 1, n);
}

static int
put(struct fd *fd, const char *text, size_t size, size_t *n)
{
	char copy[65536];
	struct iovec iov = { .iov_base = copy, .iov_len = size };

	memset(copy, 0, sizeof(copy));
	memcpy(copy, text, strlen(text) < size ? strlen(text) : size);
	return (int)fd_write(fd, &iov, 1, n);
}

static void
close_pair(int p[2])
{
	(void)close(p[0]);
	(void)close(p[1]);
}

static int
open_tty(int *master)
{
	*master = posix_openpt(O_RDWR | O_NOCTTY);
	CHECK(*master != -1 && grantpt(*master) == 0 &&
	    unlockpt(*master) == 0);
	return open(ptsname(*master), O_RDWR | O_NOCTTY);
}

static void
kind_of(int num, enum fd_kind kind)
{
	CHECK_INT(fd_classify(num), kind);
	(void)close(num);
}

TEST(every_kind_of_descriptor_is_known)
{
	int p[2];

	CHECK_INT(pipe(p), 0);
	kind_of(p[0], FD_PIPE);
	kind_of(p[1], FD_PIPE);
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, p), 0);
	kind_of(p[0], FD_STREAM);
	kind_of(p[1], FD_STREAM);
	CHECK_INT(socketpair(AF_UNIX, SOCK_DGRAM, 0, p), 0);
	kind_of(p[0], FD_DGRAM);
	kind_of(p[1], FD_DGRAM);
	kind_of(open("/etc/passwd", O_RDONLY), FD_FILE);
	kind_of(open("/", O_RDONLY), FD_DIR);
	kind_of(open("/dev/null", O_RDWR), FD_NULL);
	kind_of(open("/dev/zero", O_RDONLY), FD_DEVICE);
	kind_of(eventfd(0, 0), FD_DEVICE);
	kind_of(open_tty(&p[1]), FD_TTY);
	(void)close(p[1]);
	CHECK_INT(fd_classify(p[1]), FD_NONE);
}

/* Reads and writes on an inherited end leave its flags alone. */
static void
flags_stay(int r, int w)
{
	int rflags = fcntl(r, F_GETFL), wflags = fcntl(w, F_GETFL);
	struct fd in, out;
	char buf[16];
	size_t n, sent = 0;
	int i;

	CHECK_INT(fd_inherit(&in, r, O_RDONLY), 0);
	CHECK_INT(fd_inherit(&out, w, O_WRONLY), 0);
	CHECK_INT(get(&in, buf, sizeof(buf), &n), IO_AGAIN);
	CHECK_INT(put(&out, "word", 4, &n), IO_OK);
	CHECK_INT(n, 4);
	CHECK_INT(get(&in, buf, sizeof(buf), &n), IO_OK);
	CHECK_INT(n, 4);
	CHECK(memcmp(buf, "word", 4) == 0);
	/* Until it is full, which must not block. */
	for (i = 0; i < 10000 && put(&out, "", 60000, &n) == IO_OK; i++)
		sent += n;
	CHECK(i < 10000 && sent > 0);
	CHECK_INT(fcntl(r, F_GETFL), rflags);
	CHECK_INT(fcntl(w, F_GETFL), wflags);
	CHECK_INT(fcntl(r, F_GETFL) & O_NONBLOCK, 0);
}

TEST(an_inherited_pipe_keeps_its_flags_and_never_blocks)
{
	struct fd fd;
	int p[2];

	CHECK_INT(pipe(p), 0);
	CHECK_INT(fd_inherit(&fd, p[0], O_RDONLY), 0);
	CHECK_INT(fd.way, FD_WAY_NOWAIT);
	flags_stay(p[0], p[1]);
	close_pair(p);
}

TEST(an_inherited_socket_keeps_its_flags_and_never_blocks)
{
	struct fd fd;
	int p[2];

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, p), 0);
	CHECK_INT(fd_inherit(&fd, p[0], O_RDONLY), 0);
	CHECK_INT(fd.way, FD_WAY_MSG);
	flags_stay(p[0], p[1]);
	close_pair(p);
}

TEST(a_terminal_is_opened_anew_and_keeps_its_flags)
{
	int master, tty = open_tty(&master), flags = fcntl(tty, F_GETFL);
	struct fd in, out;
	char buf[16];
	size_t n;

	CHECK_INT(fd_inherit(&in, tty, O_RDONLY), 0);
	CHECK_INT(fd_inherit(&out, tty, O_WRONLY), 0);
	CHECK(in.reopened && in.num != tty);
	CHECK_INT(in.way, FD_WAY_OWN);
	CHECK(fcntl(in.num, F_GETFL) & O_NONBLOCK);
	CHECK(fcntl(in.num, F_GETFD) & FD_CLOEXEC);
	CHECK_INT(get(&in, buf, sizeof(buf), &n), IO_AGAIN);
	CHECK_INT(put(&out, "hi", 2, &n), IO_OK);
	CHECK_INT(read(master, buf, sizeof(buf)), 2);
	CHECK_INT(write(master, "line\n", 5), 5);
	CHECK_INT(get(&in, buf, sizeof(buf), &n), IO_OK);
	CHECK_INT(n, 5);
	CHECK_INT(fcntl(tty, F_GETFL), flags);
	CHECK_INT(flags & O_NONBLOCK, 0);
	/* A terminal that was hung up has ended. */
	(void)close(master);
	CHECK_INT(get(&in, buf, sizeof(buf), &n), IO_EOF);
	fd_close(&in);
	fd_close(&out);
	CHECK(fcntl(tty, F_GETFD) != -1);
	(void)close(tty);
}

TEST(the_last_resort_does_not_block_either)
{
	int p[2];
	struct fd in, out;
	char buf[16];
	size_t n;
	int i;

	CHECK_INT(pipe(p), 0);
	CHECK_INT(fd_inherit(&in, p[0], O_RDONLY), 0);
	CHECK_INT(fd_inherit(&out, p[1], O_WRONLY), 0);
	in.way = out.way = FD_WAY_POLLED;
	CHECK_INT(get(&in, buf, sizeof(buf), &n), IO_AGAIN);
	CHECK_INT(put(&out, "x", 1, &n), IO_OK);
	CHECK_INT(get(&in, buf, sizeof(buf), &n), IO_OK);
	CHECK_INT(n, 1);
	for (i = 0; i < 10000 && put(&out, "", 60000, &n) == IO_OK; i++)
		;
	CHECK(i < 10000);
	CHECK_INT(fcntl(p[0], F_GETFL) & O_NONBLOCK, 0);
	close_pair(p);
}

TEST(a_descriptor_must_be_open_for_what_it_is_to_do)
{
	struct fd fd;
	int p[2];

	CHECK_INT(pipe(p), 0);
	CHECK_INT(fd_inherit(&fd, p[1], O_RDONLY), -1);
	CHECK_INT(errno, EBADF);
	CHECK_INT(fd_inherit(&fd, p[0], O_WRONLY), -1);
	CHECK_INT(errno, EBADF);
	close_pair(p);
	CHECK_INT(fd_inherit(&fd, p[0], O_RDONLY), -1);
	CHECK_INT(errno, EBADF);
	CHECK_INT(fd.num, -1);
}

TEST(the_end_of_a_pipe_or_socket_is_an_end)
{
	static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET };
	struct fd fd;
	char buf[4];
	size_t n, i;
	int p[2];

	CHECK_INT(pipe(p), 0);
	CHECK_INT(fd_inherit(&fd, p[0], O_RDONLY), 0);
	(void)close(p[1]);
	CHECK_INT(get(&fd, buf, sizeof(buf), &n), IO_EOF);
	fd_close(&fd);
	CHECK_INT(fd.num, -1);
	CHECK_INT(fd.kind, FD_NONE);
	fd_close(&fd);
	for (i = 0; i < 2; i++) {
		CHECK_INT(socketpair(AF_UNIX, types[i], 0, p), 0);
		CHECK_INT(fd_inherit(&fd, p[0], O_RDONLY), 0);
		(void)close(p[1]);
		CHECK_INT(get(&fd, buf, sizeof(buf), &n), IO_EOF);
		fd_close(&fd);
	}
}

TEST(an_empty_datagram_is_not_the_end)
{
	struct fd fd;
	char buf[4];
	size_t n = 9;
	int p[2];

	CHECK_INT(socketpair(AF_UNIX, SOCK_DGRAM, 0, p), 0);
	CHECK_INT(fd_inherit(&fd, p[0], O_RDONLY), 0);
	CHECK_INT(send(p[1], "", 0, 0), 0);
	CHECK_INT(get(&fd, buf, sizeof(buf), &n), IO_OK);
	CHECK_INT(n, 0);
	close_pair(p);
}

/* One that is empty is no end, and takes nothing with it. */
TEST(an_empty_record_is_none_either)
{
	struct fd fd;
	char buf[4];
	size_t n = 9;
	int p[2];

	CHECK_INT(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, p), 0);
	CHECK_INT(fd_inherit(&fd, p[0], O_RDONLY), 0);
	CHECK_INT(send(p[1], "", 0, 0), 0);
	CHECK_INT(get(&fd, buf, sizeof(buf), &n), IO_OK);
	CHECK_INT(n, 0);
	CHECK_INT(get(&fd, buf, sizeof(buf), &n), IO_AGAIN);
	CHECK_INT(send(p[1], "", 0, 0), 0);
	CHECK_INT(send(p[1], "abc", 3, 0), 3);
	(void)close(p[1]);
	CHECK_INT(get(&fd, buf, sizeof(buf), &n), IO_OK);
	CHECK_INT(n, 0);
	CHECK_INT(get(&fd, buf, sizeof(buf), &n), IO_OK);
	CHECK_INT(n, 3);
	CHECK_INT(get(&fd, buf, sizeof(buf), &n), IO_EOF);
	fd_close(&fd);
}

TEST(own_descriptors_are_non_blocking_and_close_on_exec)
{
	struct fd in, out, s;

	CHECK_INT(fd_pipe(&in, &out), 0);
	CHECK_INT(fd_socket(&s, AF_INET, SOCK_DGRAM, 0), 0);
	CHECK_INT(s.kind, FD_DGRAM);
	CHECK(fcntl(in.num, F_GETFL) & O_NONBLOCK);
	CHECK(fcntl(out.num, F_GETFL) & O_NONBLOCK);
	CHECK(fcntl(s.num, F_GETFL) & O_NONBLOCK);
	CHECK(fcntl(in.num, F_GETFD) & FD_CLOEXEC);
	CHECK(fcntl(out.num, F_GETFD) & FD_CLOEXEC);
	CHECK(fcntl(s.num, F_GETFD) & FD_CLOEXEC);
	fd_close(&in);
	fd_close(&out);
	fd_close(&s);
}

/* In a child: which of 0, 1, 2 are closed first, as a mask. */
static int
plugged(int mask)
{
	struct fd fd;
	int num, kind;

	for (num = 0; num < 3; num++)
		if (mask & 1 << num)
			(void)close(num);
	if (fd_plug_std() != mask)
		return 1;
	for (num = 0; num < 3; num++) {
		kind = (int)fd_classify(num);
		if (kind == FD_NONE || (mask & 1 << num && kind != FD_NULL))
			return 2;
	}
	if (mask & 1 && fd_inherit(&fd, 0, O_WRONLY) == 0)
		return 3;
	if (mask & 2 && fd_inherit(&fd, 1, O_RDONLY) == 0)
		return 4;
	return fd_plug_std() != 0;
}

static void
in_child(int (*fn)(int), int arg)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(fn(arg));
	CHECK(pid != -1 && waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status));
	CHECK_INT(WEXITSTATUS(status), 0);
}

TEST(closed_standard_streams_are_plugged)
{
	int mask;

	for (mask = 0; mask < 8; mask++)
		in_child(plugged, mask);
}

static int
retired(int num)
{
	int p[2], keep;
	struct fd fd;
	char c;

	if (pipe(p) == -1 || dup2(p[1], num) != num)
		return 1;
	(void)close(p[1]);
	if (fd_inherit(&fd, num, O_WRONLY) == -1)
		return 2;
	fd_retire(&fd);
	if (fd_classify(num) != FD_NULL || fd.num != -1)
		return 3;
	keep = dup(p[0]);
	return keep == num || read(p[0], &c, 1) != 0;
}

TEST(a_retired_standard_stream_keeps_its_number)
{
	in_child(retired, 1);
}

TEST(a_full_device_fails)
{
	struct fd fd;
	size_t n;
	int num = open("/dev/full", O_WRONLY);

	if (num == -1)
		SKIP("no /dev/full");
	CHECK_INT(fd_inherit(&fd, num, O_WRONLY), 0);
	CHECK_INT(put(&fd, "x", 1, &n), IO_FAIL);
	CHECK_INT(errno, ENOSPC);
	fd_close(&fd);
}

TEST(a_pipe_without_a_reader_fails)
{
	struct fd fd;
	size_t n;
	int p[2];

	CHECK_INT(pipe(p), 0);
	CHECK_INT(fd_inherit(&fd, p[1], O_WRONLY), 0);
	(void)close(p[0]);
	CHECK_INT(put(&fd, "x", 1, &n), IO_FAIL);
	CHECK_INT(errno, EPIPE);
	fd_close(&fd);
}

/* What did not fit is known of, own socket or inherited. */
TEST(a_datagram_that_does_not_fit_gives_its_whole_length)
{
	char small[4];
	struct fd fd;
	size_t n;
	int pair[2];

	CHECK_INT(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	CHECK_INT(write(pair[1], "0123456789", 10), 10);
	CHECK_INT(write(pair[1], "01", 2), 2);
	CHECK_INT(fd_inherit(&fd, pair[0], O_RDONLY), 0);
	CHECK_INT(get(&fd, small, sizeof(small), &n), IO_OK);
	CHECK_INT(n, 10);
	fd_own(&fd, pair[0], FD_DGRAM);
	CHECK_INT(get(&fd, small, sizeof(small), &n), IO_OK);
	CHECK_INT(n, 2);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

TEST(what_has_nothing_yet_and_looks_like_a_file_is_not_waited_for)
{
	int kmsg = open("/dev/kmsg", O_RDONLY), num = eventfd(0, 0);
	uint64_t value;
	char buf[65536];
	struct fd fd;
	size_t n;

	CHECK_INT(fd_inherit(&fd, num, O_RDONLY), 0);
	CHECK_INT(get(&fd, &value, sizeof(value), &n), IO_AGAIN);
	CHECK_INT(eventfd_write(num, 7), 0);
	CHECK_INT(get(&fd, &value, sizeof(value), &n), IO_OK);
	CHECK_INT(value, 7);
	fd_close(&fd);
	/* Of no size, but not empty. */
	CHECK_INT(fd_inherit(&fd, open("/proc/version", O_RDONLY), O_RDONLY),
	    0);
	CHECK_INT(fd.way, FD_WAY_POLLED);
	CHECK_INT(get(&fd, buf, sizeof(buf), &n), IO_OK);
	CHECK(n > 0);
	CHECK_INT(get(&fd, buf, sizeof(buf), &n), IO_EOF);
	fd_close(&fd);
	if (kmsg == -1)
		return;
	CHECK(lseek(kmsg, 0, SEEK_END) != -1);
	CHECK_INT(fd_inherit(&fd, kmsg, O_RDONLY), 0);
	CHECK_INT(get(&fd, buf, sizeof(buf), &n), IO_AGAIN);
	fd_close(&fd);
}

/* Both ends of a new FIFO. */
static void
open_fifo(int p[2], int flags)
{
	char dir[] = "/tmp/sockcat-test-XXXXXX", path[40];

	CHECK(mkdtemp(dir) != NULL);
	(void)snprintf(path, sizeof(path), "%s/fifo", dir);
	CHECK_INT(mkfifo(path, 0600), 0);
	p[0] = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	p[1] = open(path, flags | O_CLOEXEC);
	CHECK(p[0] != -1 && p[1] != -1);
	CHECK_INT(unlink(path), 0);
	CHECK_INT(rmdir(dir), 0);
}

static void
fifo_anew(int flags)
{
	static char much[40000];
	struct fd fd;
	int p[2], theirs;
	size_t n;

	open_fifo(p, flags);
	theirs = fcntl(p[1], F_GETFL);
	CHECK_INT(fd_inherit(&fd, p[1], O_WRONLY), 0);
	fd_reopen_fifo(&fd);
	CHECK(fd.num != p[1]);
	CHECK_INT(fd.origin, p[1]);
	CHECK_INT(fcntl(fd.num, F_GETFD), FD_CLOEXEC);
	CHECK_INT(fcntl(p[1], F_GETFL), theirs);
	/* More than the last resort would write; and no wait when full. */
	CHECK_INT(write(fd.num, much, sizeof(much)), sizeof(much));
	CHECK_INT(put(&fd, "word", 4, &n), IO_OK);
	while (put(&fd, "word", 4, &n) == IO_OK)
		;
	CHECK_INT(errno, EAGAIN);
	while (read(p[0], much, sizeof(much)) > 0)
		;
	/* Not the end yet, and then the end. */
	CHECK_INT(errno, EAGAIN);
	fd_retire(&fd);
	CHECK_INT(fd.num, -1);
	CHECK_INT(fcntl(p[1], F_GETFD), -1);
	CHECK_INT(read(p[0], much, sizeof(much)), 0);
	(void)close(p[0]);
}

TEST(a_FIFO_is_opened_anew_and_ends_as_before)
{
	fifo_anew(O_WRONLY);
	fifo_anew(O_RDWR);
}

/* As before: an open FIFO without a reader, and a pipe without a name. */
TEST(other_pipes_are_not_opened_anew)
{
	struct fd fd;
	int p[2];
	size_t n;

	CHECK_INT(pipe(p), 0);
	CHECK_INT(fd_inherit(&fd, p[1], O_WRONLY), 0);
	fd_reopen_fifo(&fd);
	CHECK_INT(fd.num, p[1]);
	CHECK_INT(fd.way, FD_WAY_NOWAIT);
	close_pair(p);
	open_fifo(p, O_WRONLY);
	CHECK_INT(close(p[0]), 0);
	CHECK_INT(fd_inherit(&fd, p[1], O_WRONLY), 0);
	fd_reopen_fifo(&fd);
	CHECK_INT(fd.num, p[1]);
	CHECK_INT(put(&fd, "word", 4, &n), IO_FAIL);
	CHECK_INT(errno, EPIPE);
	fd_close(&fd);
}

static int
retired_fifo(int num)
{
	struct fd fd;
	int p[2];
	char c;

	open_fifo(p, O_WRONLY);
	if (dup2(p[1], num) != num || close(p[1]) == -1 ||
	    fd_inherit(&fd, num, O_WRONLY) == -1)
		return 1;
	fd_reopen_fifo(&fd);
	if (fd.origin != (unsigned)num)
		return 2;
	fd_retire(&fd);
	return fd_classify(num) != FD_NULL || fd.num != -1 ||
	    read(p[0], &c, 1) != 0;
}

TEST(a_retired_FIFO_that_was_standard_output_keeps_its_number)
{
	in_child(retired_fifo, 1);
}

/* Waits until the connection was idle for less, or no less, than a time. */
static void
await_idle(const struct fd *fd, bool less, int64_t time)
{
	int64_t end = clock_ms() + 10000;

	while ((fd_idle(fd) < time) != less && clock_ms() < end)
		nap_ms(1);
	CHECK((fd_idle(fd) < time) == less);
}

TEST(a_byte_in_either_direction_ends_idleness)
{
	const int64_t long_ago = 200 * NSEC_PER_MSEC;
	struct fd fd;
	int p[2];

	tcp_pair(p);
	fd_own(&fd, p[1], FD_STREAM);
	for (int way = 0; way < 2; way++) {
		await_idle(&fd, false, long_ago);
		CHECK(write(p[way], "x", 1) == 1);
		await_idle(&fd, true, long_ago);
	}
	CHECK_INT(fd_abort(&fd), 0);
	CHECK_INT(fd_idle(&fd), -1);
	CHECK_INT((int)fd_unacked(&fd), 0);
	close_pair(p);
}

static int
unacked_limit(const struct fd *fd)
{
	socklen_t len = sizeof(int);
	int limit = -1;

	CHECK_INT(getsockopt(fd->num, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit,
	    &len), 0);
	return limit;
}

/* The limit of bytes that are not acknowledged is off for so long. */
TEST(a_pause_of_the_reader_is_excused)
{
	const int64_t within = 30 * NSEC_PER_SEC;
	int64_t end = clock_ms() + 10000;
	char block[65536];
	struct fd fd;
	int p[2];

	tcp_pair(p);
	fd_own(&fd, p[0], FD_STREAM);
	CHECK(!fd_excuse_pause(&fd, within));
	CHECK_INT(unacked_limit(&fd), 60000);
	memset(block, 0, sizeof(block));
	for (int full = 0; full < 20 && clock_ms() < end; nap_ms(10))
		full = write(p[0], block, sizeof(block)) == -1 ? full + 1 : 0;
	while (fd_excuse_pause(&fd, within) && unacked_limit(&fd) != 0 &&
	    clock_ms() < end)
		nap_ms(10);
	CHECK_INT(unacked_limit(&fd), 0);
	while ((read(p[1], block, sizeof(block)) > 0 ||
	    fd_excuse_pause(&fd, within)) && clock_ms() < end)
		;
	CHECK_INT(unacked_limit(&fd), 60000);
	close_pair(p);
}

TEST(a_backlog_is_counted)
{
	struct addr at = addr_of("127.0.0.1", 0);
	struct fd fd;
	int socks[3];

	fd_own(&fd, serve(&at, SOCK_STREAM, 8), FD_STREAM);
	CHECK_INT((int)fd_backlog(&fd), 0);
	for (int i = 0; i < 3; i++)
		CHECK((socks[i] = call(&at, SOCK_STREAM)) != -1);
	for (int64_t end = clock_ms() + 10000; fd_backlog(&fd) < 3 &&
	    clock_ms() < end;)
		nap_ms(1);
	CHECK_INT((int)fd_backlog(&fd), 3);
	for (int i = 0; i < 3; i++)
		close(socks[i]);
	fd_close(&fd);
}
