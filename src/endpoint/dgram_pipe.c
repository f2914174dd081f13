/*
 * A pipe into a command that is given datagrams: the next one only when all
 * of the last has been taken. So a read gives one datagram, or a part of it
 * to whoever reads in small pieces, as sed -u or a shell's read does; a
 * socket that keeps records would throw the rest of each away.
 *
 * A pipe of one page is writable exactly while it is empty, so that a poller
 * tells of it. For what needs a larger one, one has to look.
 */
#include <stdlib.h>

#include "base/num.h"
#include "endpoint/endpoint.h"

#define LOOK_FIRST	NSEC_PER_MSEC
#define LOOK_MOST	(50 * NSEC_PER_MSEC)

struct dgram_pipe {
	struct layer	 layer;
	struct fd	 fd;
	struct endpoint	*ep;
	struct timer	 look;
	int64_t		 wait;
	size_t		 size;		/* the pipe's */
	bool		 one;		/* a poller tells when it is empty */
	size_t		 rest;		/* of the one that is going in */
	void		(*unended)(void *arg);	/* or NULL */
	void		*arg;
};

static struct dgram_pipe *
dgram_pipe_self(struct layer *l)
{
	return (struct dgram_pipe *)l;
}

static enum io
dgram_pipe_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	(void)l, (void)iov, (void)cnt, (void)n;
	return IO_EOF;
}

static void
dgram_pipe_on_look(void *arg)
{
	struct endpoint *ep = ((struct dgram_pipe *)arg)->ep;

	ep->out.ready = true;
	if (ep->notify != NULL)
		ep->notify(ep->user);
}

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

/* Small again when it may be, for the poller's sake. */
static void
dgram_pipe_fit(struct dgram_pipe *m, size_t n)
{
	if (n > m->size || (!m->one && n < m->size / 2))
		m->size = fd_fit(&m->fd, n, &m->one);
}

static bool
dgram_pipe_ends_line(const struct iovec *iov, int cnt)
{
	while (cnt > 0 && iov[cnt - 1].iov_len == 0)
		cnt--;
	return cnt > 0 && ((const char *)iov[cnt - 1].iov_base)
	    [iov[cnt - 1].iov_len - 1] == '\n';
}

static enum io
dgram_pipe_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct dgram_pipe *m = dgram_pipe_self(l);
	size_t size = fd_total(iov, cnt);
	enum io io;

	if (m->rest == 0) {
		if (!dgram_pipe_is_empty(m))
			return IO_AGAIN;
		dgram_pipe_fit(m, size);
	}
	io = fd_write(&m->fd, iov, cnt, n);
	if (io != IO_OK)
		return io;
	m->rest = size - *n;
	if (m->rest == 0 && m->unended != NULL &&
	    !dgram_pipe_ends_line(iov, cnt))
		m->unended(m->arg);
	return io;
}

static enum io
dgram_pipe_shut(struct layer *l)
{
	struct dgram_pipe *m = dgram_pipe_self(l);

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
	.read = dgram_pipe_read,
	.write = dgram_pipe_write,
	.shut = dgram_pipe_shut,
	.want = dgram_pipe_want,
	.close = dgram_pipe_close
};

int
endpoint_add_dgram_pipe(struct endpoint *ep, const struct fd *fd,
    const char *name)
{
	struct dgram_pipe *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return -1;
	if (endpoint_add_out(ep, fd, name) == -1) {
		free(m);
		return -1;
	}
	m->layer.ops = &dgram_pipe_ops;
	m->fd = *fd;
	m->ep = ep;
	m->wait = LOOK_FIRST;
	m->size = fd_fit(fd, 1, &m->one);
	m->look = (struct timer){ .fire = dgram_pipe_on_look, .arg = m };
	ep->out.top = &m->layer;
	ep->out.fd = NULL;
	ep->out.packets = true;
	return 0;
}

void
endpoint_dgram_pipe_tells(struct endpoint *ep, void (*unended)(void *),
    void *arg)
{
	struct dgram_pipe *m = dgram_pipe_self(ep->out.top);

	m->unended = unended;
	m->arg = arg;
}
