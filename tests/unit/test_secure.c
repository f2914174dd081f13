/*
 * Handshakes under way, with a layer that plays TLS: the byte "y" ends its
 * handshake well, "n" badly.
 */
#include <stdlib.h>

#include "layer/tls_module.h"
#include "reach/secure.h"
#include "pending_rig.h"

static int		closed;
static struct layer	*got_layer;

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

static const struct secure_ops ops = { on_done, on_failed };

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

static void
clients_shake_hands_beside_each_other(void)
{
	int fds = open_fds(), silent, other, refused;
	struct pending_clients *s = start_clients(&pending_handshakes);

	closed = 0;
	silent = add_client(s, 1, fake_layer());
	other = add_client(s, 2, fake_layer());
	refused = add_client(s, 3, fake_layer());
	say(other, "y", 1);
	CHECK(turn_until(&done, 1));
	CHECK_INT((int)addr_port(&met[0].peer), 2);
	say(refused, "n", 1);
	CHECK(turn_until(&failed, 1));
	CHECK_STR(error.why, "it said no");
	CHECK_INT((int)addr_port(&met[7].peer), 3);
	CHECK_INT((int)pending_clients_close(s), 1);
	pending_clients_free(s);
	close(silent);
	close(other);
	close(refused);
	finish();
	CHECK_INT(closed, 3);
	CHECK_INT(open_fds(), fds);
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
	unit_run("clients shake hands beside each other",
	    clients_shake_hands_beside_each_other);
	return unit_end();
}
