/*
 * Empty a pipe and say what came: consume [-c] [-o FD]
 *
 * Counts the bytes by splicing them into /dev/null, which costs nothing, so
 * that the consumer never limits; with -c reads them and checks every byte
 * against the stamped stream (stamp.h). Says on descriptor FD (1) when the
 * first and the last byte came, on the monotonic clock:
 *	bytes=N first=NS last=NS wrong=OFFSET (-1: all right)
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/clock.h"
#include "stamp.h"

#define CHUNK	((size_t)1 << 20)

struct tally {
	uint64_t	bytes;
	int64_t		first, last;
	int64_t		wrong;		/* offset of the first wrong byte */
};

/* Compare a piece of the stream, which starts anywhere within a page. */
static int64_t
check(const unsigned char *got, size_t len, uint64_t off)
{
	static unsigned char	want[STAMP_PAGE];
	size_t			at, n, i;

	stamp_fill(want, sizeof want);
	for (i = 0; i < len; i += n) {
		at = (size_t)((off + i) % STAMP_PAGE);
		n = STAMP_PAGE - at < len - i ? STAMP_PAGE - at : len - i;
		stamp_number(want, sizeof want, off + i);
		if (memcmp(got + i, want + at, n) == 0)
			continue;
		while (*(got + i) == want[at])
			i++, at++;
		return (int64_t)(off + i);
	}
	return -1;
}

static ssize_t
take_checked(struct tally *t)
{
	static unsigned char	buf[CHUNK];
	ssize_t			n = read(STDIN_FILENO, buf, sizeof buf);

	if (n > 0 && t->wrong == -1)
		t->wrong = check(buf, (size_t)n, t->bytes);
	return n;
}

static ssize_t
take_counted(int null)
{
	return splice(STDIN_FILENO, NULL, null, NULL, CHUNK, SPLICE_F_MOVE);
}

static void
consume(struct tally *t, bool checked)
{
	ssize_t	n;
	int	null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (null == -1)
		err(1, "/dev/null");
	for (;;) {
		n = checked ? take_checked(t) : take_counted(null);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			err(1, "read");
		t->last = clock_ns();
		if (n == 0)
			return;
		if (t->bytes == 0)
			t->first = t->last;
		t->bytes += (uint64_t)n;
	}
}

int
main(int argc, char *argv[])
{
	struct tally	t = { 0, 0, 0, -1 };
	bool		checked = false;
	int		ch, out = STDOUT_FILENO;

	while ((ch = getopt(argc, argv, "co:")) != -1) {
		if (ch == 'c')
			checked = true;
		else if (ch == 'o')
			out = atoi(optarg);
		else
			return 2;
	}
	consume(&t, checked);
	dprintf(out, "bytes=%llu first=%lld last=%lld wrong=%lld\n",
	    (unsigned long long)t.bytes, (long long)t.first,
	    (long long)t.last, (long long)t.wrong);
	return t.wrong == -1 ? 0 : 1;
}
