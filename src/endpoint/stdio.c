/*
 * The standard streams as an endpoint.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "endpoint/endpoint.h"

static int
stdio_open_in(struct endpoint *ep, struct error *err)
{
	static const char name[] = "standard input";
	struct fd fd;

	if (fd_inherit(&fd, STDIN_FILENO, O_RDONLY) == -1)
		goto bad;
	if (endpoint_add_in(ep, &fd, name) == 0)
		return 0;
bad:
	error_set(err, errno, "read from", "%s", name);
	return -1;
}

int
endpoint_stdout(struct endpoint *ep, struct error *err)
{
	static const char name[] = "standard output";
	struct fd fd;

	if (fd_inherit(&fd, STDOUT_FILENO, O_WRONLY) == 0 &&
	    endpoint_add_out(ep, &fd, name) == 0)
		return 0;
	error_set(err, errno, "write to", "%s", name);
	return -1;
}

int
endpoint_stdio(struct endpoint *ep, struct loop *loop,
    const struct stdio_options *opt, struct error *err)
{
	endpoint_init(ep, loop);
	if (!opt->no_in && stdio_open_in(ep, err) == -1)
		return -1;
	if (!opt->no_out && endpoint_stdout(ep, err) == -1)
		return -1;
	return 0;
}
