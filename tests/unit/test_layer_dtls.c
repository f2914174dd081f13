/* DTLS as a layer, over queues of datagrams in memory. */
#include <errno.h>
#include <time.h>

#include "layer/tls.h"
#include "loop/loop.h"
#include "unit.h"

#define QUEUE	64
#define DGRAM	20000

struct queue {
	struct {
		unsigned char	 bytes[DGRAM];
		size_t		 len;
	}		 dgrams[QUEUE];
	unsigned	 first, last;
	unsigned	 sent;
	uint64_t	 lose;		/* bit N: the Nth datagram is lost */
	bool		 full;
	int		 num;		/* errno of one read */
};

struct end {
	struct layer	 bottom;
	struct layer	*top;
	struct queue	*in, *out;
};

static struct queue	up, down;
static struct end	client, server;
static struct tls_context *client_ctx, *server_ctx;

static enum io
queue_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct queue *q = ((struct end *)l)->in;
	size_t len;

	(void)cnt;
	*n = 0;
	if (q->num != 0) {
		errno = q->num;
		q->num = 0;
		return IO_FAIL;
	}
	if (q->first == q->last)
		return IO_AGAIN;
	*n = len = q->dgrams[q->first % QUEUE].len;
	if (len > iov->iov_len)
		len = iov->iov_len;
	memcpy(iov->iov_base, q->dgrams[q->first++ % QUEUE].bytes, len);
	return IO_OK;
}

static enum io
queue_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct queue *q = ((struct end *)l)->out;

	(void)cnt;
	*n = 0;
	if (q->full || q->last - q->first == QUEUE)
		return IO_AGAIN;
	*n = iov->iov_len;
	if (iov->iov_len > DGRAM) {
		errno = EMSGSIZE;
		return IO_FAIL;
	}
	if (q->sent < 64 && (q->lose >> q->sent++ & 1) != 0)
		return IO_OK;
	memcpy(q->dgrams[q->last % QUEUE].bytes, iov->iov_base, iov->iov_len);
	q->dgrams[q->last++ % QUEUE].len = iov->iov_len;
	return IO_OK;
}

static void
queue_close(struct layer *l)
{
	(void)l;
}

static const struct layer_ops queue_ops = { .read = queue_read,
    .write = queue_write, .close = queue_close };

static void
ends_open(void)
{
	struct tls_options copt = { .on = true, .verify = TLS_VERIFY_NONE };
	struct tls_options sopt = { .on = true };
	struct error err;

	memset(&up, 0, sizeof(up));
	memset(&down, 0, sizeof(down));
	client_ctx = tls_context_new(&copt, TLS_CLIENT, true, &err);
	server_ctx = tls_context_new(&sopt, TLS_SERVER, true, &err);
	client = (struct end){ .bottom.ops = &queue_ops, .in = &down,
	    .out = &up, .top = layer_tls(client_ctx, "example.org") };
	server = (struct end){ .bottom.ops = &queue_ops, .in = &up,
	    .out = &down, .top = layer_tls(server_ctx, NULL) };
	client.top->below = &client.bottom;
	server.top->below = &server.bottom;
}

static void
ends_close(void)
{
	layer_close(client.top);
	layer_close(server.top);
	tls_context_free(client_ctx);
	tls_context_free(server_ctx);
}

/* Waits for the earlier of both dates, if there is one. */
static void
ends_wait(void)
{
	int64_t c = layer_tls_date(client.top), s = layer_tls_date(server.top);
	int64_t ns = c == -1 || (s != -1 && s < c) ? s : c;
	struct timespec ts = { .tv_sec = ns / 1000000000,
	    .tv_nsec = ns % 1000000000 };

	if (ns > 0)
		(void)nanosleep(&ts, NULL);
}

static enum io
ends_handshake(void)
{
	enum io c = IO_AGAIN, s = IO_AGAIN;

	for (int i = 0; i < 1000 && (c == IO_AGAIN || s == IO_AGAIN); i++) {
		if (c == IO_AGAIN)
			c = layer_handshake(&client.top);
		if (s == IO_AGAIN)
			s = layer_handshake(&server.top);
		if (up.first == up.last && down.first == down.last &&
		    (c == IO_AGAIN || s == IO_AGAIN))
			ends_wait();
	}
	return c == IO_OK ? s : c;
}

static enum io
get(struct end *e, void *buf, size_t size, size_t *n)
{
	struct iovec iov[2] = { { buf, size / 2 },
	    { (char *)buf + size / 2, size - size / 2 } };

	return e->top->ops->read(e->top, iov, 2, n);
}

static enum io
put(struct end *e, const void *buf, size_t size, size_t *n)
{
	struct iovec iov[2] = { { (void *)(uintptr_t)buf, size / 3 },
	    { (char *)(uintptr_t)buf + size / 3, size - size / 3 } };

	return e->top->ops->write(e->top, iov, 2, n);
}

TEST(records_keep_their_boundaries)
{
	static unsigned char big[17000], buf[17000];
	struct tls_facts facts;
	size_t n;

	ends_open();
	CHECK_INT(ends_handshake(), IO_OK);
	(void)layer_facts(client.top, &facts);
	CHECK_STR(facts.version, "DTLSv1.2");
	CHECK_INT(layer_tls_date(client.top), -1);
	CHECK_INT(layer_tls_date(server.top), -1);
	memset(big, 'x', sizeof(big));
	CHECK_INT(put(&client, "one", 3, &n), IO_OK);
	CHECK_INT(n, 3);
	CHECK_INT(put(&client, big, 1, &n), IO_OK);
	CHECK_INT(put(&client, big, 16384, &n), IO_OK);
	CHECK_INT(n, 16384);
	CHECK_INT(get(&server, buf, sizeof(buf), &n), IO_OK);
	CHECK_INT(n, 3);
	CHECK(memcmp(buf, "one", 3) == 0);
	CHECK_INT(get(&server, buf, sizeof(buf), &n), IO_OK);
	CHECK_INT(n, 1);
	CHECK_INT(get(&server, buf, sizeof(buf), &n), IO_OK);
	CHECK_INT(n, 16384);
	CHECK(memcmp(buf, big, n) == 0);
	CHECK_INT(get(&server, buf, sizeof(buf), &n), IO_AGAIN);
	CHECK_INT(layer_pending(server.top), 0);
	/* What does not fit is lost, and counted. */
	CHECK_INT(put(&server, big, 1500, &n), IO_OK);
	CHECK_INT(put(&server, "two", 3, &n), IO_OK);
	CHECK_INT(get(&client, buf, 10, &n), IO_OK);
	CHECK_INT(n, 1500);
	CHECK_INT(get(&client, buf, 10, &n), IO_OK);
	CHECK_INT(n, 3);
	CHECK(memcmp(buf, "two", 3) == 0);
	ends_close();
}

TEST(sizes_that_cannot_be_are_refused)
{
	static unsigned char big[17000];
	char buf[10];
	size_t n;

	ends_open();
	CHECK_INT(ends_handshake(), IO_OK);
	CHECK_INT(put(&client, big, 16385, &n), IO_FAIL);
	CHECK_INT(errno, EMSGSIZE);
	CHECK(layer_fault(client.top) == NULL);
	CHECK_INT(put(&client, big, 0, &n), IO_OK);
	CHECK_INT(n, 0);
	CHECK_INT(get(&server, buf, sizeof(buf), &n), IO_AGAIN);
	CHECK_INT(put(&client, "on", 2, &n), IO_OK);
	CHECK_INT(get(&server, buf, sizeof(buf), &n), IO_OK);
	CHECK_INT(n, 2);
	ends_close();
}

TEST(a_full_queue_is_waited_for)
{
	char buf[10];
	size_t n;

	ends_open();
	CHECK_INT(ends_handshake(), IO_OK);
	up.full = true;
	CHECK_INT(put(&client, "hello", 5, &n), IO_AGAIN);
	CHECK_INT(n, 0);
	CHECK_INT(layer_want(client.top, LOOP_OUT), LOOP_OUT);
	up.full = false;
	CHECK_INT(put(&client, "hello", 5, &n), IO_OK);
	CHECK_INT(n, 5);
	CHECK_INT(get(&server, buf, sizeof(buf), &n), IO_OK);
	CHECK_INT(n, 5);
	CHECK_INT(get(&server, buf, sizeof(buf), &n), IO_AGAIN);
	ends_close();
}

TEST(strange_datagrams_are_dropped)
{
	char buf[10];
	size_t n;

	ends_open();
	CHECK_INT(ends_handshake(), IO_OK);
	CHECK_INT(put(&client, "1", 1, &n), IO_OK);
	CHECK_INT(put(&client, "2", 1, &n), IO_OK);
	CHECK_INT(put(&client, "3", 1, &n), IO_OK);
	/* Damaged, empty, and once more. */
	up.dgrams[up.first % QUEUE].bytes[20] ^= 1;
	up.dgrams[(up.first + 1) % QUEUE].len = 0;
	memcpy(&up.dgrams[up.last % QUEUE], &up.dgrams[(up.last - 1) % QUEUE],
	    sizeof(up.dgrams[0]));
	up.last++;
	while (get(&server, buf, sizeof(buf), &n) == IO_AGAIN &&
	    up.first != up.last)
		continue;
	CHECK_INT(n, 1);
	CHECK_INT(buf[0], '3');
	CHECK_INT(get(&server, buf, sizeof(buf), &n), IO_AGAIN);
	ends_close();
}

TEST(an_error_of_the_socket_passes)
{
	char buf[10];
	size_t n;

	ends_open();
	CHECK_INT(ends_handshake(), IO_OK);
	up.num = ECONNREFUSED;
	CHECK_INT(get(&server, buf, sizeof(buf), &n), IO_FAIL);
	CHECK_INT(errno, ECONNREFUSED);
	CHECK(layer_fault(server.top) == NULL);
	CHECK_INT(get(&server, buf, sizeof(buf), &n), IO_AGAIN);
	CHECK_INT(put(&client, "1", 1, &n), IO_OK);
	CHECK_INT(get(&server, buf, sizeof(buf), &n), IO_OK);
	ends_close();
}

TEST(close_notify_is_the_end)
{
	char buf[10];
	size_t n;

	ends_open();
	CHECK_INT(ends_handshake(), IO_OK);
	CHECK_INT(put(&client, "last", 4, &n), IO_OK);
	up.full = true;
	CHECK_INT(layer_shut(client.top), IO_AGAIN);
	up.full = false;
	CHECK_INT(layer_shut(client.top), IO_OK);
	CHECK_INT(get(&server, buf, sizeof(buf), &n), IO_OK);
	CHECK_INT(n, 4);
	CHECK_INT(get(&server, buf, sizeof(buf), &n), IO_EOF);
	CHECK_INT(put(&server, "answer", 6, &n), IO_OK);
	CHECK_INT(get(&client, buf, sizeof(buf), &n), IO_OK);
	CHECK_INT(n, 6);
	ends_close();
}

TEST(lost_datagrams_of_a_handshake_are_sent_again)
{
	static const struct {
		uint64_t up, down;
	} loss[] = { { 1, 0 }, { 0, 1 }, { 2, 0 }, { 0, 4 } };

	for (size_t i = 0; i < sizeof(loss) / sizeof(loss[0]); i++) {
		ends_open();
		up.lose = loss[i].up;
		down.lose = loss[i].down;
		CHECK_INT(ends_handshake(), IO_OK);
		ends_close();
	}
}
