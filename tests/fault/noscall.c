/*
 * Run a command on a system that lacks some system calls:
 *
 *	noscall splice=EINVAL,sendfile=ENOSYS,epoll_create1=ENOSYS -- COMMAND
 *
 * Each call named fails at once with that error, at full speed, in the
 * command and its children (a seccomp(2) filter). A call may be given as a
 * number. Not a sandbox: the filter looks at the number alone.
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

#define RULES_MAX	32
#define ERRNO_MAX	133

struct call {
	const char	*name;
	int		 nr;
};

/* Those that a program can be expected to live without. */
static const struct call calls[] = {
	{ "accept4", SYS_accept4 },
	{ "clone3", SYS_clone3 },
	{ "close_range", SYS_close_range },
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
	const char	*known;
	int		 n;

	for (n = 1; n <= ERRNO_MAX; n++) {
		known = strerrorname_np(n);
		if (known != NULL && strcmp(known, name) == 0)
			return (unsigned)n;
	}
	if (strcmp(name, "EOPNOTSUPP") == 0)
		return EOPNOTSUPP;
	errx(2, "unknown error: %s", name);
}

/* "call=ERROR,..." to two instructions each, after one that loads. */
static unsigned short
compile(char *rules, struct sock_filter *prog)
{
	unsigned short	len = 0;
	char		*rule, *equals;

	prog[len++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
	    offsetof(struct seccomp_data, nr));
	for (; (rule = strsep(&rules, ",")) != NULL; ) {
		if ((equals = strchr(rule, '=')) == NULL)
			errx(2, "not CALL=ERROR: %s", rule);
		if (len > 2 * RULES_MAX)
			errx(2, "more than %d rules", RULES_MAX);
		*equals = '\0';
		prog[len++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ |
		    BPF_K, (unsigned)call_number(rule), 0, 1);
		prog[len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
		    SECCOMP_RET_ERRNO | error_number(equals + 1));
	}
	prog[len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
	    SECCOMP_RET_ALLOW);
	return len;
}

int
main(int argc, char *argv[])
{
	struct sock_filter	filter[2 * RULES_MAX + 2];
	struct sock_fprog	prog = { 0, filter };

	if (argc < 4 || strcmp(argv[2], "--") != 0)
		errx(2, "usage: noscall call=ERROR,... -- command ...");
	prog.len = compile(argv[1], filter);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) == -1)
		err(125, "seccomp");
	execvp(argv[3], argv + 3);
	err(127, "%s", argv[3]);
}
