/*
 * The datagrams of a command.
 *
 * Datagrams to the command pass through a pipe, each only after the command
 * has read all of the last. So a read gives one datagram, or part of a
 * datagram to a command that reads in small pieces, as sed -u or the read of
 * a shell do; a socket that keeps records would drop the rest of each. A pipe
 * of one page is writable exactly while empty, which epoll reports. A larger
 * pipe has to be polled by a timer.
 *
 * Datagrams from the command come through a socket that keeps records: one
 * record for each write, and several for a write that no datagram could hold.
 */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "endpoint/endpoint.h"

/* ns between two looks, at first and at most. */
#define LOOK_FIRST	NSEC_PER_MSEC
#define LOOK_MOST	(50 * NSEC_PER_MSEC)

struct dgram_pipe {
	struct layer	 layer;
	struct fd	 fd;
	struct endpoint	*ep;
	struct timer	 look;
	int64_t		 wait;
	size_t		 size;		/* bytes, of the pipe */
	bool		 one;		/* one page: epoll reports when the pipe
					   is empty */
	size_t		 rest;		/* of a datagram half written */
	void		(*unended)(void *arg);	/* or NULL */
	void		*arg;
};

static bool
dgram_pipe_is_empty(struct dgram_pipe *m)
{
	struct loop *loop = m->ep->loop;

	if (fd_readable(&m->fd) == 0) {
		m->wait = LOOK_FIRST;
		return true;
	}
	if (m->one)
		return false;
	timer_set(loop, &m->look, loop_now(loop) + m->wait);
	if (m->wait < LOOK_MOST)
		m->wait *= 2;
	return false;
}

static enum io
dgram_pipe_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct dgram_pipe *m = (struct dgram_pipe *)l;
	size_t size = fd_total(iov, cnt);
	const char *text;
	bool ended = false;
	enum io io;

	if (m->rest == 0) {
		if (!dgram_pipe_is_empty(m))
			return IO_AGAIN;
		/* The smallest pipe for the datagram: epoll can report. */
		if (size > m->size || (!m->one && size < m->size / 2))
			m->size = fd_fit(&m->fd, size, &m->one);
	}
	io = fd_write(&m->fd, iov, cnt, n);
	if (io != IO_OK)
		return io;
	m->rest = size - *n;
	while (cnt > 0 && iov[cnt - 1].iov_len == 0)
		cnt--;
	if (cnt > 0) {
		text = iov[cnt - 1].iov_base;
		ended = text[iov[cnt - 1].iov_len - 1] == '\n';
	}
	if (m->rest == 0 && m->unended != NULL && !ended)
		m->unended(m->arg);
	return io;
}

static enum io
dgram_pipe_shut(struct layer *l)
{
	struct dgram_pipe *m = (struct dgram_pipe *)l;

	timer_clear(m->ep->loop, &m->look);
	fd_close(&m->fd);
	return IO_OK;
}

static unsigned
dgram_pipe_want(const struct layer *l, unsigned wish)
{
	return timer_is_set(&((const struct dgram_pipe *)l)->look) ? 0 : wish;
}

static void
dgram_pipe_close(struct layer *l)
{
	(void)dgram_pipe_shut(l);
	free(l);
}

static const struct layer_ops dgram_pipe_ops = {
	.write = dgram_pipe_write,
	.shut = dgram_pipe_shut,
	.want = dgram_pipe_want,
	.close = dgram_pipe_close
};

int
endpoint_add_dgram_pipe(struct endpoint *ep, const struct fd *fd,
    const char *name)
{
	struct dgram_pipe *m = layer_new(sizeof(*m), &dgram_pipe_ops);

	if (m == NULL)
		return -1;
	if (endpoint_add_out(ep, fd, name) == -1) {
		free(m);
		return -1;
	}
	m->fd = *fd;
	m->ep = ep;
	m->wait = LOOK_FIRST;
	m->size = fd_fit(fd, 1, &m->one);
	m->look = (struct timer){ .fire = endpoint_wake_out, .arg = ep };
	ep->out.top = &m->layer;
	ep->out.fd = NULL;
	ep->out.packets = true;
	return 0;
}

void
endpoint_dgram_pipe_tells(struct endpoint *ep, void (*unended)(void *),
    void *arg)
{
	struct dgram_pipe *m = (struct dgram_pipe *)ep->out.top;

	m->unended = unended;
	m->arg = arg;
}

/* ---- Datagrams that the command writes ---------------------------------- */

struct dgram_reader {
	struct layer	 layer;
	struct fd	 fd;
	size_t		 max;
	unsigned char	*large;		/* a record above max; or NULL */
	size_t		 from, len;	/* the unread part of large */
};

static void
dgram_reader_drop_large(struct dgram_reader *o)
{
	free(o->large);
	o->large = NULL;
	o->from = o->len = 0;
}

/*
 * Reads a record into the first iovec: the ring of the flow is empty. A record
 * above max is returned in pieces.
 */
static enum io
dgram_reader_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct dgram_reader *o = (struct dgram_reader *)l;
	struct iovec all;
	enum io io;

	(void)cnt;
	*n = 0;
	if (o->large == NULL) {
		/* The sum of all waiting records: the next is no larger. */
		all.iov_len = fd_readable(&o->fd);
		if (all.iov_len <= o->max && all.iov_len <= iov->iov_len)
			return fd_read(&o->fd, iov, 1, n);
		all.iov_base = o->large = malloc(all.iov_len);
		if (o->large == NULL)
			return IO_FAIL;
		io = fd_read(&o->fd, &all, 1, &o->len);
		if (io != IO_OK || o->len == 0) {
			dgram_reader_drop_large(o);
			return io;
		}
	}
	*n = o->len - o->from < o->max ? o->len - o->from : o->max;
	if (*n > iov->iov_len)
		*n = iov->iov_len;
	memcpy(iov->iov_base, o->large + o->from, *n);
	o->from += *n;
	if (o->from == o->len)
		dgram_reader_drop_large(o);
	return IO_OK;
}

static size_t
dgram_reader_pending(const struct layer *l)
{
	const struct dgram_reader *o = (const struct dgram_reader *)l;

	return o->len - o->from;
}

static void
dgram_reader_close(struct layer *l)
{
	dgram_reader_drop_large((struct dgram_reader *)l);
	fd_close(&((struct dgram_reader *)l)->fd);
	free(l);
}

static const struct layer_ops dgram_reader_ops = {
	.read = dgram_reader_read,
	.pending = dgram_reader_pending,
	.close = dgram_reader_close
};

int
endpoint_add_dgram_reader(struct endpoint *ep, const struct fd *fd, size_t max,
    const char *name)
{
	struct dgram_reader *o = layer_new(sizeof(*o), &dgram_reader_ops);

	if (o == NULL)
		return -1;
	if (endpoint_add_in(ep, fd, name) == -1) {
		free(o);
		return -1;
	}
	o->fd = *fd;
	o->max = max;
	ep->in.top = &o->layer;
	ep->in.fd = NULL;
	return 0;
}
