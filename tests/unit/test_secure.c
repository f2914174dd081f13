/*
 * Handshakes under way, with a layer that plays TLS: the byte "y" ends its
 * handshake well, "n" badly.
 */
#include <sys/resource.h>
#include <stdlib.h>

#include "layer/tls_module.h"
#include "net.h"
#include "net/secure.h"

static int		done, failed, closed;
static struct fd	got;
static struct layer	*got_layer;
static struct error	error;
static struct addr	peers[8];

static enum io
fake_handshake(struct layer *l)
{
	char byte;
	struct iovec iov = { &byte, 1 };
	size_t n;
	enum io io = l->below->ops->read(l->below, &iov, 1, &n);

	if (io != IO_OK || byte == 'y')
		return io;
	errno = EPROTO;
	return IO_FAIL;
}

static enum io
fake_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	return l->below->ops->read(l->below, iov, cnt, n);
}

static const char *
fake_fault(const struct layer *l)
{
	(void)l;
	return "it said no";
}

static void
fake_close(struct layer *l)
{
	closed++;
	free(l);
}

/* No flight is to be sent again. */
static int64_t
fake_date(const struct layer *l)
{
	(void)l;
	return -1;
}

static struct layer *
fake_layer(void)
{
	static const struct tls_module module = { .date = fake_date };
	static const struct layer_ops ops = { .handshake = fake_handshake,
	    .read = fake_read, .fault = fake_fault, .close = fake_close };

	struct tls_layer_head *l = layer_new(sizeof(*l), &ops);

	l->module = &module;
	return &l->layer;
}

static void
on_done(void *arg, struct fd *fd, struct layer *tls)
{
	CHECK(arg == &got);
	got = *fd;
	got_layer = tls;
	done++;
}

static void
on_failed(void *arg, const struct error *err)
{
	CHECK(arg == &got);
	error = *err;
	failed++;
}

static void
on_accepted(void *arg, struct fd *fd, const struct addr_pair *ends,
    struct layer *tls)
{
	peers[done % 8] = ends->peer;
	on_done(arg, fd, tls);
	layer_close(tls);
	fd_close(fd);
}

static void
on_not_secured(void *arg, const struct addr *peer, const struct error *err)
{
	(void)peer;
	on_failed(arg, err);
}

static const struct secure_ops ops = { on_done, on_failed };
static const struct secure_clients_ops clients_ops = { on_accepted,
    on_not_secured };

/* Our end of a connection; *other: the peer's. */
static struct fd
connection(int *other)
{
	int pair[2];
	struct fd fd;

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	fd_own(&fd, pair[0], FD_STREAM);
	*other = pair[1];
	return fd;
}

static struct secure *
start(int64_t until, int *other)
{
	struct fd fd = connection(other);

	begin();
	done = failed = closed = 0;
	return secure_start(loop, &fd, fake_layer(), until, &ops, &got);
}

static void
the_socket_and_the_layer_are_handed_on(void)
{
	int peer;

	CHECK(start(0, &peer) != NULL);
	turn(0);
	CHECK_INT(done, 0);
	CHECK_INT(write(peer, "yes", 3), 3);
	CHECK(turn_until(&done, 1));
	CHECK_INT(failed + closed, 0);
	CHECK(got_layer->below == NULL);
	layer_close(got_layer);
	fd_close(&got);
	close(peer);
	finish();
}

static void
a_failure_is_told_with_its_reason(void)
{
	int fds = open_fds(), peer;

	CHECK(start(0, &peer) != NULL);
	CHECK_INT(write(peer, "no", 2), 2);
	CHECK(turn_until(&failed, 1));
	CHECK_INT(error.num, EPROTO);
	CHECK_STR(error.why, "it said no");
	CHECK_INT(done, 0);
	CHECK_INT(closed, 1);
	close(peer);
	finish();
	CHECK_INT(open_fds(), fds);
}

static void
a_peer_that_hangs_up_fails(void)
{
	int peer;

	CHECK(start(0, &peer) != NULL);
	close(peer);
	CHECK(turn_until(&failed, 1));
	CHECK_INT(error.num, ECONNRESET);
	CHECK_INT(closed, 1);
	finish();
}

static void
a_silent_peer_fails_in_time(void)
{
	int peer;

	CHECK(start(clock_now() + NSEC_PER_MSEC, &peer) != NULL);
	CHECK(turn_until(&failed, 1));
	CHECK_INT(error.num, ETIMEDOUT);
	CHECK_STR(error.why, "");
	CHECK_INT(closed, 1);
	close(peer);
	finish();
}

static void
after_a_cancel_nothing_is_called(void)
{
	int fds = open_fds(), peer;
	struct secure *s = start(0, &peer);

	CHECK(s != NULL);
	CHECK_INT(write(peer, "y", 1), 1);
	secure_cancel(s);
	turn(0);
	CHECK_INT(done + failed, 0);
	CHECK_INT(closed, 1);
	close(peer);
	finish();
	CHECK_INT(open_fds(), fds);
}

/* ---- Clients ------------------------------------------------------------ */

static struct secure_clients *
start_clients(void)
{
	begin();
	done = failed = closed = 0;
	return secure_clients_new(loop, &clients_ops, &got);
}

static int
add(struct secure_clients *s, unsigned port)
{
	struct addr_pair a = { .peer = addr_of("127.0.0.1", port) };
	int other;
	struct fd fd = connection(&other);

	secure_clients_add(s, &fd, &a, fake_layer());
	return other;
}

static void
a_silent_client_keeps_nobody_out(void)
{
	int fds = open_fds(), silent, other;
	struct secure_clients *s = start_clients();

	silent = add(s, 1);
	other = add(s, 2);
	CHECK_INT(write(other, "y", 1), 1);
	CHECK(turn_until(&done, 1));
	CHECK_INT((int)addr_port(&peers[0]), 2);
	CHECK_INT((int)secure_clients_close(s), 1);
	secure_clients_free(s);
	close(silent);
	close(other);
	finish();
	CHECK_INT(closed, 2);
	CHECK_INT(open_fds(), fds);
}

static void
during_a_pause_clients_wait_in_order(void)
{
	struct secure_clients *s = start_clients();
	int first, second;

	secure_clients_pause(s, true);
	first = add(s, 1);
	second = add(s, 2);
	CHECK_INT(write(second, "y", 1), 1);
	turn(0);
	turn(0);
	CHECK_INT(write(first, "y", 1), 1);
	turn(0);
	turn(0);
	CHECK_INT(done, 0);
	secure_clients_pause(s, false);
	CHECK(turn_until(&done, 2));
	CHECK_INT((int)addr_port(&peers[0]), 2);
	CHECK_INT((int)addr_port(&peers[1]), 1);
	secure_clients_free(s);
	close(first);
	close(second);
	finish();
}

static void
the_oldest_makes_room(void)
{
	const struct rlimit wanted = { 3 * SECURE_CLIENTS_MAX,
	    3 * SECURE_CLIENTS_MAX };
	struct rlimit limit;
	struct secure_clients *s;
	static int others[SECURE_CLIENTS_MAX + 1];

	(void)getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_max != RLIM_INFINITY &&
	    limit.rlim_max < wanted.rlim_cur)
		SKIP("too few descriptors are allowed");
	(void)setrlimit(RLIMIT_NOFILE, &(struct rlimit){ wanted.rlim_cur,
	    limit.rlim_max });
	s = start_clients();
	for (unsigned i = 0; i < SECURE_CLIENTS_MAX; i++)
		others[i] = add(s, i + 1);
	CHECK_INT(failed, 0);
	others[SECURE_CLIENTS_MAX] = add(s, 9999);
	CHECK_INT(failed, 1);
	CHECK_STR(error.why, "too many handshakes at once");
	CHECK_INT(read(others[0], &(char){ 0 }, 1), 0);
	CHECK_INT((int)secure_clients_close(s), SECURE_CLIENTS_MAX);
	secure_clients_free(s);
	for (int i = 0; i <= SECURE_CLIENTS_MAX; i++)
		close(others[i]);
	finish();
}

int
main(void)
{
	unit_run("the socket and the layer are handed on",
	    the_socket_and_the_layer_are_handed_on);
	unit_run("a failure is told with its reason",
	    a_failure_is_told_with_its_reason);
	unit_run("a peer that hangs up fails", a_peer_that_hangs_up_fails);
	unit_run("a silent peer fails in time", a_silent_peer_fails_in_time);
	unit_run("after a cancel nothing is called",
	    after_a_cancel_nothing_is_called);
	unit_run("a silent client keeps nobody out",
	    a_silent_client_keeps_nobody_out);
	unit_run("during a pause clients wait in order",
	    during_a_pause_clients_wait_in_order);
	unit_run("the oldest makes room", the_oldest_makes_room);
	return unit_end();
}
