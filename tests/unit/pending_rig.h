/*
 * What the tests of work on a socket share: the socket and its peer, what has
 * become of the work, and the clients of a listener that have to do it.
 */
#ifndef PENDING_RIG_H
#define PENDING_RIG_H

#include "layer/layer.h"
#include "net.h"
#include "door/pending_clients.h"

static int		done, failed;
static struct fd	got;
static struct error	error;
static struct addr_pair	met[8];		/* of clients that were accepted */

/* Our end of a connection; *other: the peer's. */
static inline struct fd
connection(int *other)
{
	int pair[2];
	struct fd fd;

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	fd_own(&fd, pair[0], FD_STREAM);
	*other = pair[1];
	return fd;
}

static inline void
say(int sock, const char *text, size_t n)
{
	CHECK_INT((int)write(sock, text, n), (int)n);
}

static void
on_failed(void *arg, const struct error *err)
{
	CHECK(arg == &got);
	error = *err;
	failed++;
}

static void
on_client_accepted(void *arg, struct fd *fd, const struct addr_pair *ends,
    struct layer *tls)
{
	CHECK(arg == &got);
	met[done++ % 8] = *ends;
	if (tls != NULL)
		layer_close(tls);
	fd_close(fd);
}

static void
on_client_failed(void *arg, const struct addr *peer, const struct error *err)
{
	met[7].peer = *peer;
	on_failed(arg, err);
}

static inline struct pending_clients *
start_clients(const struct pending_kind *kind)
{
	static const struct pending_clients_ops ops = { on_client_accepted,
	    on_client_failed };

	begin();
	done = failed = 0;
	return pending_clients_new(loop, kind, &ops, &got);
}

/* Adds a client of this host and port; returns the client's socket. */
static inline int
add_client_of(struct pending_clients *s, const char *host, unsigned port,
    struct layer *tls)
{
	struct addr_pair ends = { .peer = addr_of(host, port) };
	int other;
	struct fd fd = connection(&other);

	pending_clients_add(s, &fd, &ends, tls);
	return other;
}

static inline int
add_client(struct pending_clients *s, unsigned port, struct layer *tls)
{
	return add_client_of(s, "127.0.0.1", port, tls);
}

#endif
