/*
 * Feeds a reader that never keeps up.
 *
 *	refill COUNT SIZE	writes so many pieces of this size to standard
 *				output, a pipe: each as soon as the reader has
 *				emptied the pipe. Ends when the last has been
 *				read.
 */
#include <sys/ioctl.h>
#include <sched.h>

#include "lib/tool.h"

static void
await_empty(void)
{
	int n = 1;

	while (ioctl(STDOUT_FILENO, FIONREAD, &n) == 0 && n > 0)
		(void)sched_yield();
}

int
main(int argc, char *argv[])
{
	static char piece[4096];
	long count, size;

	if (argc != 3)
		tool_fail("usage: refill count size");
	count = tool_number(argv[1]);
	size = tool_number(argv[2]);
	if (size < 1 || (size_t)size > sizeof(piece))
		tool_fail("refill: no such size: %s", argv[2]);
	memset(piece, 'x', sizeof(piece));
	for (; count > 0; count--) {
		if (write(STDOUT_FILENO, piece, (size_t)size) != size)
			tool_fail("refill: %s", strerror(errno));
		await_empty();
	}
	return 0;
}
