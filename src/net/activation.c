#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/addr.h"
#include "net/activation.h"

static int
activation_refuse(struct error *err, const char *why)
{
	err->num = EINVAL;
	(void)snprintf(err->why, sizeof(err->why), "%s", why);
	return -1;
}

static bool
activation_at_unix(int num)
{
	struct addr a;

	return addr_local(&a, num) == 0 && addr_family(&a) == AF_UNIX;
}

bool
activation_is_unix(const struct plan *plan)
{
	return plan->family == FAMILY_UNIX || (plan->service.activated > 0 &&
	    activation_at_unix(ACTIVATED_FIRST));
}

static int
activation_take_one(const struct plan *plan, bool is_unix, int num,
    struct fd *fd, struct error *err)
{
	error_set(err, 0, "listen on", "descriptor %d", num);
	if (fd_inherit_socket(fd, num) == -1) {
		err->num = errno;
		return -1;
	}
	if (fd->kind != FD_STREAM && fd_listens(num))
		return activation_refuse(err, "it is for sequenced packets");
	if (plan->type == TYPE_STREAM && fd->kind != FD_STREAM)
		return activation_refuse(err, "it is for datagrams, use -u");
	if (plan->type == TYPE_DGRAM && fd->kind != FD_DGRAM)
		return activation_refuse(err, "it is not for datagrams");
	if (fd->kind == FD_STREAM && !fd_listens(num))
		return activation_refuse(err,
		    "it has a peer already, use --peer-fd");
	if (activation_at_unix(num) != is_unix)
		return activation_refuse(err, is_unix ?
		    "it is no Unix socket" : "it is a Unix socket");
	return 0;
}

int
activation_take(const struct plan *plan, bool is_unix, struct fd *fds,
    struct error *err)
{
	int i;

	for (i = 0; i < plan->service.activated; i++)
		if (activation_take_one(plan, is_unix, ACTIVATED_FIRST + i,
		    &fds[i], err) == -1)
			return -1;
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_PIDFDID");
	(void)unsetenv("LISTEN_FDNAMES");
	return 0;
}
