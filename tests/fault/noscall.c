/*
 * Runs a command on a system that lacks some system calls:
 *
 *	noscall splice=EINVAL,sendfile=ENOSYS,epoll_create1=ENOSYS -- COMMAND
 *
 * Each call named fails at once with that error, at full speed, in the
 * command and its children (a seccomp(2) filter). A call may be given as a
 * number. With a number after a colon it fails only if that is its first
 * argument: socket:10=EAFNOSUPPORT is a kernel without IPv6 (AF_INET6 is 10).
 * Not a sandbox: the filter looks at the numbers alone.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <err.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/errname.h"

#define FILTER_MAX	128

struct call {
	const char	*name;
	int		 nr;
};

/* Those that a program can be expected to live without. */
static const struct call calls[] = {
	{ "accept4", SYS_accept4 },
	{ "capset", SYS_capset },
	{ "clone3", SYS_clone3 },
	{ "close_range", SYS_close_range },
	{ "connect", SYS_connect },
	{ "copy_file_range", SYS_copy_file_range },
	{ "epoll_create1", SYS_epoll_create1 },
	{ "epoll_ctl", SYS_epoll_ctl },
	{ "epoll_pwait", SYS_epoll_pwait },
	{ "epoll_pwait2", SYS_epoll_pwait2 },
	{ "eventfd2", SYS_eventfd2 },
	{ "fcntl", SYS_fcntl },
	{ "getpeername", SYS_getpeername },
	{ "getrandom", SYS_getrandom },
	{ "getsockname", SYS_getsockname },
	{ "getsockopt", SYS_getsockopt },
	{ "io_uring_setup", SYS_io_uring_setup },
	{ "ioctl", SYS_ioctl },
	{ "landlock_create_ruleset", SYS_landlock_create_ruleset },
	{ "memfd_create", SYS_memfd_create },
	{ "pidfd_open", SYS_pidfd_open },
	{ "pidfd_send_signal", SYS_pidfd_send_signal },
	{ "pipe2", SYS_pipe2 },
	{ "ppoll", SYS_ppoll },
	{ "prctl", SYS_prctl },
	{ "preadv2", SYS_preadv2 },
	{ "pwritev2", SYS_pwritev2 },
	{ "recvmmsg", SYS_recvmmsg },
	{ "recvmsg", SYS_recvmsg },
	{ "seccomp", SYS_seccomp },
	{ "sendfile", SYS_sendfile },
	{ "sendmmsg", SYS_sendmmsg },
	{ "sendmsg", SYS_sendmsg },
	{ "setsockopt", SYS_setsockopt },
	{ "shutdown", SYS_shutdown },
	{ "signalfd4", SYS_signalfd4 },
	{ "socket", SYS_socket },
	{ "socketpair", SYS_socketpair },
	{ "splice", SYS_splice },
	{ "statx", SYS_statx },
	{ "tee", SYS_tee },
	{ "timerfd_create", SYS_timerfd_create },
	{ "vmsplice", SYS_vmsplice }
};

static int
call_number(const char *name)
{
	size_t	i;
	char	*end;
	long	n;

	for (i = 0; i < sizeof calls / sizeof calls[0]; i++)
		if (strcmp(calls[i].name, name) == 0)
			return calls[i].nr;
	n = strtol(name, &end, 10);
	if (end == name || *end != '\0' || n < 0 || n > 100000)
		errx(2, "unknown system call: %s", name);
	return (int)n;
}

static unsigned
error_number(const char *name)
{
	int n = errname_number(name);

	if (n == 0)
		errx(2, "unknown error: %s", name);
	return (unsigned)n;
}

/* Appends one instruction of the filter. */
static void
filter_add(struct sock_fprog *prog, unsigned short code, unsigned k,
    unsigned char skip_if_unequal)
{
	if (prog->len == FILTER_MAX)
		errx(2, "too many rules");
	prog->filter[prog->len++] = (struct sock_filter)BPF_JUMP(code, k, 0,
	    skip_if_unequal);
}

/*
 * Appends one rule, "call=ERROR" or "call:ARG=ERROR". The lower half of the
 * first argument is compared: the machine's byte order is taken for little.
 */
static void
filter_add_rule(struct sock_fprog *prog, char *rule)
{
	char	*arg, *error = rule;

	rule = strsep(&error, "=");
	if (error == NULL)
		errx(2, "not CALL=ERROR: %s", rule);
	arg = rule;
	rule = strsep(&arg, ":");
	filter_add(prog, BPF_LD | BPF_W | BPF_ABS,
	    offsetof(struct seccomp_data, nr), 0);
	filter_add(prog, BPF_JMP | BPF_JEQ | BPF_K,
	    (unsigned)call_number(rule), arg == NULL ? 1 : 3);
	if (arg != NULL) {
		filter_add(prog, BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, args), 0);
		filter_add(prog, BPF_JMP | BPF_JEQ | BPF_K,
		    (unsigned)strtoul(arg, NULL, 10), 1);
	}
	filter_add(prog, BPF_RET | BPF_K,
	    SECCOMP_RET_ERRNO | error_number(error), 0);
}

int
main(int argc, char *argv[])
{
	struct sock_filter	filter[FILTER_MAX];
	struct sock_fprog	prog = { 0, filter };
	char			*rules, *rule;

	if (argc < 4 || strcmp(argv[2], "--") != 0)
		errx(2, "usage: noscall call=ERROR,... -- command ...");
	rules = argv[1];
	while ((rule = strsep(&rules, ",")) != NULL)
		filter_add_rule(&prog, rule);
	filter_add(&prog, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) == -1)
		err(125, "seccomp");
	execvp(argv[3], argv + 3);
	err(127, "%s", argv[3]);
}
