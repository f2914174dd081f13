/*
 * Batches of datagrams, and how many the kernel has dropped.
 */
#include <sys/socket.h>
#include <unistd.h>

#include "io/fd_batch.h"
#include "net.h"

#define ROOM	((size_t)64 << 10)
#define PAGE	4096
#define LINE	64
#define MANY	32

static bool	line_taken[PAGE / LINE];
static unsigned	seen;

static bool
note_line(void *arg, const struct dgram *d)
{
	size_t line = (size_t)d->data % PAGE / LINE;

	(void)arg;
	CHECK(!line_taken[line]);
	line_taken[line] = true;
	seen++;
	return true;
}

TEST(short_datagrams_share_no_line_of_a_cache)
{
	struct batch *b = batch_new(ROOM, NULL);
	struct fd fd;
	int s[2];

	CHECK_INT(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, s), 0);
	fd_own(&fd, s[0], FD_DGRAM);
	seen = 0;
	/* The queue of a Unix socket may be shorter than a batch. */
	while (seen < MANY && send(s[1], "x", 1, 0) == 1)
		seen++;
	CHECK(seen > 1);
	seen = 0;
	CHECK_INT(batch_read(b, &fd), IO_OK);
	batch_sift(b, note_line, NULL);
	CHECK_INT(seen, batch_left(b));
	batch_free(b);
	close(s[1]);
	fd_close(&fd);
}

TEST(the_memory_of_a_batch_comes_from_its_cache_and_goes_back)
{
	struct buf_cache cache = { .of = { { NULL, 0 } } };
	struct batch *b = batch_new(ROOM, &cache), *was = b;

	batch_free(b);
	b = batch_new(2 * ROOM, &cache);
	CHECK(b != was);
	batch_free(b);
	b = batch_new(ROOM, &cache);
	CHECK(b == was);
	CHECK_INT(batch_left(b), 0);
	batch_free(b);
	batch_free(NULL);
	buf_cache_free(&cache);
}

/* Also those after the last one that is read. */
TEST(what_was_read_and_what_was_dropped_are_all_that_was_sent)
{
	struct dgram_drops drops = { .n = 0 };
	struct addr a = addr_of("127.0.0.1", 0);
	int least = 1, out = socket(AF_INET, SOCK_DGRAM, 0);
	uint64_t got = 0;
	struct fd fd;
	char byte;

	CHECK_INT(fd_socket(&fd, AF_INET, SOCK_DGRAM, 0), 0);
	CHECK_INT(setsockopt(fd.num, SOL_SOCKET, SO_RCVBUF, &least,
	    sizeof(least)), 0);
	CHECK_INT(bind(fd.num, &a.u.sa, a.len), 0);
	CHECK_INT(addr_local(&a, fd.num), 0);
	dgram_add_drops(&fd, &drops);
	CHECK_INT(drops.n, 0);
	for (int i = 0; i < 200; i++)
		CHECK_INT(sendto(out, "x", 1, 0, &a.u.sa, a.len), 1);
	while (recv(fd.num, &byte, 1, MSG_DONTWAIT) == 1)
		got++;
	CHECK(got > 0);
	dgram_add_drops(&fd, &drops);
	CHECK_INT(drops.n + got, 200);
	CHECK(!drops.at_least);
	fd_join(&fd);
	dgram_add_drops(&fd, &drops);
	CHECK_INT(drops.n + 2 * got, 400);
	CHECK(drops.at_least);
	close(out);
	fd_close(&fd);
	dgram_add_drops(&fd, &drops);
	CHECK_INT(drops.n + 2 * got, 400);
}
