#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "sandbox/filter.h"
#include "sandbox/filters.inc"

/* Of seccomp(2), which older headers lack. */
enum {
	FILTER_TSYNC = 1,	/* for all threads */
	FILTER_SPEC_ALLOW = 4	/* without the slower code that Linux before
				   5.16 gives to filtered processes */
};

bool
filter_is_built(void)
{
	return true;
}

#define FILTER_COUNT	(FILTER_PLACES - FILTER_PID)

/* Fills the places; those that stay as they are match no argument. */
static void
filter_fill(uint32_t places[FILTER_COUNT], const struct filter_sockets *s)
{
	const uint32_t filled[FILTER_COUNT] = {
		[0] = (uint32_t)getpid(),
		[FILTER_INET - FILTER_PID] = s->inet ? AF_INET : 0,
		[FILTER_INET6 - FILTER_PID] = s->inet ? AF_INET6 : 0,
		[FILTER_UNIX - FILTER_PID] = s->unix_paths ? AF_UNIX : 0,
		[FILTER_ROUTE - FILTER_PID] = s->route ? AF_NETLINK : 0,
		[FILTER_VSOCK - FILTER_PID] = s->vsock ? AF_VSOCK : 0,
		[FILTER_NO_UNIX - FILTER_PID] = s->unix_paths ? 0 : AF_UNIX,
		[FILTER_TYPE - FILTER_PID] = s->type == 0 ? 0 :
		    (uint32_t)s->type | SOCK_NONBLOCK | SOCK_CLOEXEC,
		[FILTER_PROTOCOL - FILTER_PID] = (uint32_t)s->protocol
	};

	for (uint32_t i = 0; i < FILTER_COUNT; i++)
		places[i] = filled[i] != 0 || i == FILTER_PROTOCOL -
		    FILTER_PID ? filled[i] : FILTER_PID + i;
}

/* What depends on the process and on the run. */
static void
filter_adapt(struct sock_filter *code, size_t len,
    const struct filter_sockets *sockets, bool kills)
{
	const uint32_t refuse = SECCOMP_RET_ERRNO | EPERM;
	uint32_t places[FILTER_COUNT];

	filter_fill(places, sockets);
	for (size_t i = 0; i < len; i++) {
		if (BPF_CLASS(code[i].code) == BPF_JMP &&
		    code[i].k - FILTER_PID < FILTER_COUNT)
			code[i].k = places[code[i].k - FILTER_PID];
		if (BPF_CLASS(code[i].code) == BPF_RET && kills &&
		    code[i].k == refuse)
			code[i].k = SECCOMP_RET_KILL_PROCESS;
	}
}

/* Without malloc(3): the memory may have run out. */
int
filter_enter(enum filter_kind kind, unsigned needs,
    const struct filter_sockets *sockets, bool kills)
{
	/* Commands have one filter, whatever this program needs beside them. */
	const struct filter *from = &filters[kind][kind == FILTER_COMMAND ? 0 :
	    needs & FILTER_WRITES ? FILTER_OF_WRITES :
	    needs & FILTER_LOCKS ? FILTER_OF_LOCKS :
	    needs & (FILTER_OPENS | FILTER_REMOVES)];
	struct sock_filter code[FILTER_LONGEST];
	struct sock_fprog program = { .len = (unsigned short)from->len,
	    .filter = code };
	long rc;

	memcpy(code, from->code, from->len * sizeof(*from->code));
	filter_adapt(code, from->len, sockets, kills);
	rc = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	    FILTER_TSYNC | FILTER_SPEC_ALLOW, &program);
	if (rc == -1 && errno == EINVAL)
		rc = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		    FILTER_TSYNC, &program);
	/* The number of a thread that has another filter. */
	if (rc > 0)
		errno = EBUSY;
	return rc == 0 ? 0 : -1;
}
