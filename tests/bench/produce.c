/*
 * Feed a pipe: produce [-f] [-c CHUNK] [-w SIZE] BYTES
 *
 * Writes the stamped stream (stamp.h). With -f the pages are lent to the
 * pipe (vmsplice(2)) instead of copied, so that feeding is free; they are
 * then all numbered 0, for a lent page cannot be changed. With -w no write(2)
 * has more than SIZE bytes.
 */
#include <sys/uio.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "stamp.h"

#define CHUNK_MAX	((size_t)1 << 20)

static size_t
lend(unsigned char *buf, size_t len)
{
	struct iovec	iov = { buf, len };
	ssize_t		n;

	while ((n = vmsplice(STDOUT_FILENO, &iov, 1, 0)) == -1)
		if (errno != EINTR)
			err(1, "vmsplice");
	return (size_t)n;
}

static size_t
copy(unsigned char *buf, size_t len, size_t most)
{
	ssize_t		n;
	size_t		done = 0;

	while (done < len) {
		n = write(STDOUT_FILENO, buf + done,
		    len - done < most ? len - done : most);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			err(1, "write");
		done += (size_t)n;
	}
	return done;
}

static void
produce(unsigned char *buf, size_t chunk, size_t most, uint64_t bytes,
    bool lent)
{
	uint64_t	off;
	size_t		len;

	for (off = 0; off < bytes; ) {
		len = bytes - off < chunk ? (size_t)(bytes - off) : chunk;
		if (lent) {
			/* Go on where it stopped: the stream has no seams. */
			off += lend(buf + off % STAMP_PAGE, len);
			continue;
		}
		stamp_number(buf, chunk, off);
		off += copy(buf, len, most);
	}
}

static size_t
whole_pages(const char *arg)
{
	size_t	n = strtoul(arg, NULL, 10);

	if (n < STAMP_PAGE || n > CHUNK_MAX || n % STAMP_PAGE != 0)
		errx(2, "a chunk is whole pages, at most 1 MiB: %s", arg);
	return n;
}

int
main(int argc, char *argv[])
{
	unsigned char	*buf;
	size_t		 chunk = 256 * 1024, most = CHUNK_MAX;
	bool		 lent = false;
	int		 ch;

	while ((ch = getopt(argc, argv, "c:fw:")) != -1) {
		if (ch == 'c')
			chunk = whole_pages(optarg);
		else if (ch == 'f')
			lent = true;
		else if (ch == 'w')
			most = strtoul(optarg, NULL, 10);
		else
			return 2;
	}
	if (optind != argc - 1 || most == 0)
		errx(2, "usage: produce [-f] [-c chunk] [-w size] bytes");
	/* One page more than a chunk: lend() may start within a page. */
	buf = aligned_alloc(STAMP_PAGE, CHUNK_MAX + STAMP_PAGE);
	if (buf == NULL)
		err(1, "memory");
	stamp_fill(buf, CHUNK_MAX + STAMP_PAGE);
	stamp_number(buf, STAMP_PAGE, 0);
	if (lent)
		for (size_t i = 0; i <= CHUNK_MAX; i += STAMP_PAGE)
			stamp_number(buf + i, STAMP_PAGE, 0);
	produce(buf, chunk, most, strtoull(argv[optind], NULL, 10), lent);
	return 0;
}
