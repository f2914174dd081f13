/*
 * A program of the build, not of the user: has libseccomp compile the lists of
 * system calls below, and prints the filters as a table of C. So a run needs
 * neither libseccomp nor the time to compile. Its argument is the processor, in
 * the words of libseccomp; without one, it is that of this machine.
 */
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/prctl.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <byteswap.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "sandbox/filter.h"

static uint32_t processor;

#ifndef PR_SET_VMA
#define PR_SET_VMA	0x53564d41
#endif

/* The kinds of filters that have a call. */
#define TRANSFER	(1U << FILTER_TRANSFER)
#define SERVE		(1U << FILTER_SERVE)
#define AWAIT		(1U << FILTER_AWAIT)
#define USER		(1U << FILTER_DIAL_USER)
#define DIAL		(1U << FILTER_DIAL | USER)
#define LEAD		(1U << FILTER_LEAD)
#define ALL		(TRANSFER | SERVE | AWAIT | DIAL | LEAD)
/* Those after which a narrower filter follows. */
#define WIDE		(AWAIT | DIAL)
/* Those whose sockets may be without a connection. */
#define SENDERS		(SERVE | WIDE | LEAD)

struct call {
	const char	*name;
	unsigned	 kinds;
};

static const struct call calls[] = {
	/* Bytes */
	{ "read", ALL }, { "readv", ALL }, { "preadv2", ALL },
	{ "pread64", ALL }, { "preadv", ALL },
	{ "write", ALL }, { "writev", ALL }, { "pwritev2", ALL },
	{ "pwrite64", ALL }, { "pwritev", ALL },
	{ "recvfrom", ALL }, { "recvmsg", ALL }, { "recvmmsg", ALL },
	{ "recv", ALL }, { "send", ALL }, { "recvmmsg_time64", ALL },
	{ "sendto", TRANSFER }, { "sendmsg", TRANSFER },
	{ "sendmmsg", TRANSFER },
	{ "splice", ALL }, { "tee", ALL }, { "vmsplice", ALL },
	{ "sendfile", ALL }, { "sendfile64", ALL },
	{ "copy_file_range", ALL },
	/* Descriptors that are open */
	{ "close", ALL }, { "close_range", ALL }, { "dup", ALL },
	{ "dup2", ALL }, { "dup3", ALL }, { "fcntl", ALL },
	{ "fcntl64", ALL }, { "lseek", ALL }, { "_llseek", ALL },
	{ "fstat", ALL }, { "fstat64", ALL }, { "fstatfs", ALL },
	{ "fstatfs64", ALL }, { "ftruncate", ALL }, { "ftruncate64", ALL },
	{ "fsync", ALL }, { "fdatasync", ALL }, { "fadvise64", ALL },
	{ "fadvise64_64", ALL }, { "fallocate", ALL }, { "flock", ALL },
	{ "pipe", ALL }, { "pipe2", ALL },
	/* Facts about files, which the C library asks by name alone */
	{ "stat", ALL }, { "stat64", ALL }, { "lstat", ALL },
	{ "lstat64", ALL }, { "newfstatat", ALL }, { "fstatat64", ALL },
	{ "statx", ALL },
	/* Sockets that are open */
	{ "shutdown", ALL }, { "getsockopt", ALL }, { "setsockopt", ALL },
	{ "getsockname", ALL }, { "getpeername", ALL },
	{ "accept", SERVE | WIDE }, { "accept4", SERVE | WIDE },
	{ "connect", WIDE }, { "bind", DIAL },
	/* Waiting and time */
	{ "epoll_create1", ALL }, { "epoll_create", ALL },
	{ "epoll_ctl", ALL }, { "epoll_wait", ALL }, { "epoll_pwait", ALL },
	{ "epoll_pwait2", ALL }, { "poll", ALL }, { "ppoll", ALL },
	{ "ppoll_time64", ALL }, { "select", ALL }, { "pselect6", ALL },
	{ "pselect6_time64", ALL }, { "eventfd2", ALL },
	{ "clock_gettime", ALL }, { "clock_gettime64", ALL },
	{ "clock_getres", ALL }, { "clock_getres_time64", ALL },
	{ "clock_nanosleep", ALL }, { "clock_nanosleep_time64", ALL },
	{ "nanosleep", ALL }, { "gettimeofday", ALL }, { "time", ALL },
	{ "setitimer", ALL }, { "getitimer", ALL }, { "alarm", ALL },
	{ "times", ALL }, { "getrusage", ALL },
	/* Signals */
	{ "rt_sigaction", ALL }, { "rt_sigprocmask", ALL },
	{ "rt_sigreturn", ALL }, { "rt_sigpending", ALL },
	{ "rt_sigtimedwait", ALL }, { "rt_sigsuspend", ALL },
	{ "sigreturn", ALL }, { "sigaltstack", ALL }, { "pause", ALL },
	{ "restart_syscall", ALL },
	/* Memory and threads */
	{ "brk", ALL }, { "munmap", ALL }, { "mremap", ALL },
	{ "madvise", ALL }, { "msync", ALL }, { "mlock", ALL },
	{ "munlock", ALL }, { "mincore", ALL },
	{ "futex", ALL }, { "futex_time64", ALL }, { "get_robust_list", ALL },
	{ "set_robust_list", ALL }, { "set_tid_address", ALL },
	{ "rseq", ALL }, { "membarrier", ALL }, { "sched_yield", ALL },
	{ "sched_getaffinity", ALL }, { "sched_getscheduler", ALL },
	{ "sched_getparam", ALL }, { "getcpu", ALL }, { "arch_prctl", ALL },
	{ "exit", ALL }, { "exit_group", ALL },
	/* Facts about this process and this system */
	{ "getpid", ALL }, { "gettid", ALL }, { "getppid", ALL },
	{ "getpgrp", ALL }, { "getpgid", ALL }, { "getsid", ALL },
	{ "getuid", ALL }, { "geteuid", ALL }, { "getgid", ALL },
	{ "getegid", ALL }, { "getuid32", ALL }, { "geteuid32", ALL },
	{ "getgid32", ALL }, { "getegid32", ALL }, { "getgroups", ALL },
	{ "getresuid", ALL }, { "getresgid", ALL }, { "getrlimit", ALL },
	{ "ugetrlimit", ALL }, { "uname", ALL }, { "sysinfo", ALL },
	{ "umask", ALL }, { "getrandom", ALL }, { "getcwd", ALL },
	/* Other processes */
	{ "kill", LEAD }, { "wait4", LEAD }, { "waitpid", LEAD },
	{ "waitid", LEAD },
	/* Names, and files that are read for them; Landlock says which */
	{ "access", DIAL }, { "faccessat", DIAL }, { "readlink", DIAL },
	{ "readlinkat", DIAL }, { "getdents64", DIAL }, { "getdents", DIAL },
	{ "statfs", DIAL }, { "statfs64", DIAL },
	/* The user, when the socket is connected */
	{ "setresuid", USER }, { "setresgid", USER }, { "setgroups", USER },
	{ "setresuid32", USER }, { "setresgid32", USER },
	{ "setgroups32", USER },
	/* A narrower sandbox */
	{ "capget", WIDE }, { "capset", WIDE }, { "seccomp", WIDE },
	{ "landlock_create_ruleset", WIDE }, { "landlock_add_rule", WIDE },
	{ "landlock_restrict_self", WIDE }
};

/* Calls of new C libraries, which use an older one where these are missing. */
static const char *const missing[] = {
	"clone3", "faccessat2", "openat2", "fchmodat2"
};

/* A call that is allowed if (arg & mask) == value. */
struct argument {
	const char	*name;
	unsigned	 kinds;
	unsigned	 arg;
	scmp_datum_t	 mask, value;
};

#define WHOLE		((scmp_datum_t)-1)
/* Of an int: the kernel looks at no more. */
#define LOW		((scmp_datum_t)0xffffffff)
#define IOCTL(what)	{ "ioctl", ALL, 1, LOW, (unsigned)(what) }

static const struct argument arguments[] = {
	/*
	 * No code but the program's: memory is never made executable. The
	 * modules of nsswitch.conf are loaded before.
	 */
	{ "mmap", ALL, 2, PROT_EXEC, 0 },
	{ "mmap2", ALL, 2, PROT_EXEC, 0 },
	{ "mprotect", ALL, 2, PROT_EXEC, 0 },
	/*
	 * TCP fast open connects without connect(2), which Landlock does not
	 * see. A socket that a plain transfer has is connected already.
	 */
	{ "sendto", SENDERS, 3, MSG_FASTOPEN, 0 },
	{ "sendmsg", SENDERS, 2, MSG_FASTOPEN, 0 },
	{ "sendmmsg", SENDERS, 3, MSG_FASTOPEN, 0 },
	/*
	 * A server resets a connection by an address of AF_UNSPEC. The address
	 * is not seen here, but that of every other family is longer.
	 */
	{ "connect", SERVE, 2, LOW, sizeof(sa_family_t) },
	/* Threads, and no processes. */
	{ "clone", ALL, 0, CLONE_THREAD, CLONE_THREAD },
	/* Signals to this process alone. */
	{ "kill", ALL, 0, LOW, FILTER_PID },
	{ "tgkill", ALL, 0, LOW, FILTER_PID },
	{ "tkill", ALL, 0, LOW, FILTER_PID },
	{ "prlimit64", ALL, 2, WHOLE, 0 },
	/* A scan raises its own limit of descriptors. */
	{ "prlimit64", DIAL, 0, LOW, 0 },
	{ "prctl", ALL, 0, LOW, PR_SET_DUMPABLE },
	{ "prctl", ALL, 0, LOW, PR_GET_DUMPABLE },
	{ "prctl", ALL, 0, LOW, PR_SET_NAME },
	{ "prctl", ALL, 0, LOW, PR_GET_SECCOMP },
	{ "prctl", ALL, 0, LOW, PR_SET_VMA },
	{ "prctl", USER, 0, LOW, PR_GET_PDEATHSIG },
	{ "prctl", USER, 0, LOW, PR_SET_PDEATHSIG },
	{ "prctl", WIDE, 0, LOW, PR_SET_NO_NEW_PRIVS },
	{ "prctl", WIDE, 0, LOW, PR_SET_SECCOMP },
	/* Terminals and sockets; none that puts keys into a terminal. */
	IOCTL(TCGETS), IOCTL(TCSETS), IOCTL(TCSETSW), IOCTL(TCSETSF),
	IOCTL(TCSBRK), IOCTL(TCXONC), IOCTL(TCFLSH), IOCTL(TIOCGWINSZ),
	IOCTL(TIOCSWINSZ), IOCTL(TIOCGPGRP), IOCTL(TIOCGSID),
	IOCTL(FIONREAD), IOCTL(FIONBIO), IOCTL(TIOCOUTQ), IOCTL(SIOCATMARK),
	IOCTL(SIOCOUTQNSD), IOCTL(SIOCGIFNAME),
	{ "ioctl", DIAL, 1, LOW, SIOCGIFINDEX },
	/* Paths for the rules of a narrower sandbox; nothing can be read. */
	{ "open", WIDE, 1, O_PATH, O_PATH },
	{ "openat", WIDE, 2, O_PATH, O_PATH }
};

/* A family of sockets: its place, or all of it (type 0). */
struct sockets {
	unsigned	place;
	scmp_datum_t	mask;		/* of the type */
	unsigned	type, protocol;
};

#define KIND		0xf		/* of a type, without its flags */
#define INTERNET(place)	\
	{ (place), KIND, SOCK_STREAM, 0 }, \
	{ (place), KIND, SOCK_STREAM, IPPROTO_TCP }, \
	{ (place), KIND, SOCK_DGRAM, 0 }, \
	{ (place), KIND, SOCK_DGRAM, IPPROTO_UDP }, \
	{ (place), LOW, FILTER_TYPE, FILTER_PROTOCOL }

/*
 * The sockets that a dial or a lookup has. Landlock limits the ports of TCP
 * alone, so that MPTCP and the like are for those who have asked for them.
 */
static const struct sockets sockets[] = {
	INTERNET(FILTER_INET), INTERNET(FILTER_INET6),
	{ FILTER_UNIX, 0, 0, 0 }, { FILTER_VSOCK, 0, 0, 0 },
	{ FILTER_ROUTE, KIND, SOCK_RAW, NETLINK_ROUTE }
};

/* Only to read; Landlock says which files. */
#define NOT_TO_READ	(O_ACCMODE | O_CREAT | O_TRUNC)
static const struct argument opens[] = {
	{ "open", ALL, 1, NOT_TO_READ, O_RDONLY },
	{ "openat", ALL, 2, NOT_TO_READ, O_RDONLY }
};

/* Files that go at the end; Landlock says where. */
static const char *const removing[] = { "unlink", "unlinkat", "rmdir" };

/* A lock is a file that is made, and of which no byte is read or written. */
static const struct argument locking[] = {
	{ "open", ALL, 1, O_ACCMODE | O_TRUNC, O_RDONLY },
	{ "openat", ALL, 2, O_ACCMODE | O_TRUNC, O_RDONLY }
};

/* Files that are kept; Landlock says where. */
static const char *const writing[] = {
	"open", "openat", "rename", "renameat", "renameat2", "mkdir",
	"mkdirat", "chmod", "fchmod", "fchmodat", "access", "faccessat"
};

/*
 * What no command needs that serves a peer: calls that change or look into
 * the system and other processes, even as root.
 */
static const char *const commanding[] = {
	/* Other processes */
	"ptrace", "process_vm_readv", "process_vm_writev", "process_madvise",
	"pidfd_getfd", "kcmp", "perf_event_open",
	/* The file system and its names */
	"mount", "umount", "umount2", "pivot_root", "mount_setattr",
	"move_mount", "open_tree", "open_tree_attr", "fsopen", "fsmount",
	"fsconfig", "fspick", "setns", "unshare", "swapon", "swapoff",
	"quotactl", "quotactl_fd", "open_by_handle_at", "fanotify_init",
	"acct",
	/* The kernel */
	"init_module", "finit_module", "delete_module", "create_module",
	"kexec_load", "kexec_file_load", "bpf", "userfaultfd", "syslog",
	"reboot", "iopl", "ioperm", "add_key", "keyctl", "request_key",
	"uselib", "lookup_dcookie", "nfsservctl", "vm86", "vm86old",
	/* The time and the names of the machine */
	"settimeofday", "stime", "clock_settime", "clock_settime64",
	"clock_adjtime", "clock_adjtime64", "adjtimex", "sethostname",
	"setdomainname"
};

/* Calls whose attacks are many, and that all programs can do without. */
static const char *const avoided[] = { "io_uring_setup", "clone3" };

/* New namespaces, keys put into a terminal, packets of the network. */
static const struct argument commanding_by[] = {
	{ "clone", 0, 0, CLONE_NEWUSER, CLONE_NEWUSER },
	{ "clone", 0, 0, CLONE_NEWNS, CLONE_NEWNS },
	{ "clone", 0, 0, CLONE_NEWPID, CLONE_NEWPID },
	{ "clone", 0, 0, CLONE_NEWNET, CLONE_NEWNET },
	{ "clone", 0, 0, CLONE_NEWIPC, CLONE_NEWIPC },
	{ "clone", 0, 0, CLONE_NEWUTS, CLONE_NEWUTS },
	{ "clone", 0, 0, CLONE_NEWCGROUP, CLONE_NEWCGROUP },
	{ "ioctl", 0, 1, LOW, TIOCSTI },
	{ "ioctl", 0, 1, LOW, TIOCLINUX },
	{ "socket", 0, 0, LOW, AF_PACKET },
	{ "socket", 0, 0, LOW, AF_ALG }
};

#define COUNT(array)	(sizeof(array) / sizeof(*(array)))
#define REFUSED		SCMP_ACT_ERRNO(EPERM)
#define UNKNOWN		SCMP_ACT_ERRNO(ENOSYS)

static void
gen_filters_check(int rc, const char *what)
{
	/* A call that this processor does not have. */
	if (rc == 0 || rc == -EDOM || rc == -EEXIST)
		return;
	fprintf(stderr, "gen_filters: %s: error %d\n", what, -rc);
	exit(1);
}

static void
gen_filters_call(scmp_filter_ctx ctx, uint32_t action, const char *name)
{
	int nr = seccomp_syscall_resolve_name(name);

	if (nr != __NR_SCMP_ERROR)
		gen_filters_check(seccomp_rule_add(ctx, action, nr, 0), name);
}

static void
gen_filters_calls(scmp_filter_ctx ctx, uint32_t action,
    const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		gen_filters_call(ctx, action, names[i]);
}

/* Those of a kind, or all. */
static void
gen_filters_arguments(scmp_filter_ctx ctx, uint32_t action, unsigned kinds,
    const struct argument *a, size_t n)
{
	int nr;

	for (; n > 0; a++, n--)
		if ((a->kinds & kinds) == kinds &&
		    (nr = seccomp_syscall_resolve_name(a->name)) !=
		    __NR_SCMP_ERROR)
			gen_filters_check(seccomp_rule_add(ctx, action, nr, 1,
			    SCMP_CMP(a->arg, SCMP_CMP_MASKED_EQ, a->mask,
			    a->value)), a->name);
}

/*
 * The C library asks nscd(8) by a Unix socket before it looks names up itself:
 * it is told that there are no such sockets.
 */
static void
gen_filters_sockets(scmp_filter_ctx ctx)
{
	int nr = SCMP_SYS(socket);

	for (size_t i = 0; i < COUNT(sockets); i++) {
		const struct sockets *s = &sockets[i];

		gen_filters_check(seccomp_rule_add(ctx, SCMP_ACT_ALLOW, nr,
		    s->mask == 0 ? 1 : 3,
		    SCMP_CMP(0, SCMP_CMP_MASKED_EQ, LOW, s->place),
		    SCMP_CMP(1, SCMP_CMP_MASKED_EQ, s->mask, s->type),
		    SCMP_CMP(2, SCMP_CMP_MASKED_EQ, LOW, s->protocol)),
		    "socket");
	}
	gen_filters_check(seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EAFNOSUPPORT),
	    nr, 1, SCMP_CMP(0, SCMP_CMP_MASKED_EQ, LOW, FILTER_NO_UNIX)),
	    "socket");
}

static scmp_filter_ctx
gen_filters_new(uint32_t otherwise)
{
	scmp_filter_ctx ctx = seccomp_init(otherwise);

	if (ctx == NULL)
		exit(1);
	if (processor != seccomp_arch_native()) {
		gen_filters_check(seccomp_arch_remove(ctx,
		    SCMP_ARCH_NATIVE), "this processor");
		gen_filters_check(seccomp_arch_add(ctx, processor),
		    "processor");
	}
	/* A tree, not a list; older versions of libseccomp have none. */
	(void)seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	return ctx;
}

static void
gen_filters_add_needs(scmp_filter_ctx ctx, unsigned kinds, unsigned variant)
{
	bool locks = variant == FILTER_OF_LOCKS;
	bool writes = variant == FILTER_OF_WRITES;

	if (!writes && !locks && (variant & FILTER_OPENS || kinds & DIAL))
		gen_filters_arguments(ctx, SCMP_ACT_ALLOW, kinds, opens,
		    COUNT(opens));
	if (writes || locks || variant & FILTER_REMOVES)
		gen_filters_calls(ctx, SCMP_ACT_ALLOW, removing,
		    COUNT(removing));
	if (locks)
		gen_filters_arguments(ctx, SCMP_ACT_ALLOW, kinds, locking,
		    COUNT(locking));
	if (writes)
		gen_filters_calls(ctx, SCMP_ACT_ALLOW, writing, COUNT(writing));
}

/* Refuses all but the calls that this program needs. */
static scmp_filter_ctx
gen_filters_make(unsigned kind, unsigned variant)
{
	scmp_filter_ctx ctx = gen_filters_new(REFUSED);
	unsigned kinds = 1U << kind;

	for (size_t i = 0; i < COUNT(calls); i++)
		if (calls[i].kinds & kinds)
			gen_filters_call(ctx, SCMP_ACT_ALLOW, calls[i].name);
	gen_filters_calls(ctx, UNKNOWN, missing, COUNT(missing));
	gen_filters_arguments(ctx, SCMP_ACT_ALLOW, kinds, arguments,
	    COUNT(arguments));
	if (kinds & DIAL)
		gen_filters_sockets(ctx);
	gen_filters_add_needs(ctx, kinds, variant);
	return ctx;
}

/* Programs of the same processor that call the system in an older way. */
static void
gen_filters_add_processors(scmp_filter_ctx ctx)
{
	switch (processor) {
	case SCMP_ARCH_X86_64:
		(void)seccomp_arch_add(ctx, SCMP_ARCH_X86);
		break;
	case SCMP_ARCH_AARCH64:
		(void)seccomp_arch_add(ctx, SCMP_ARCH_ARM);
		break;
	default:
		break;
	}
}

/* Allows all but the calls that no command needs. */
static scmp_filter_ctx
gen_filters_make_command(void)
{
	scmp_filter_ctx ctx = gen_filters_new(SCMP_ACT_ALLOW);

	gen_filters_add_processors(ctx);
	gen_filters_calls(ctx, REFUSED, commanding, COUNT(commanding));
	gen_filters_calls(ctx, UNKNOWN, avoided, COUNT(avoided));
	gen_filters_arguments(ctx, REFUSED, 0, commanding_by,
	    COUNT(commanding_by));
	return ctx;
}

/* Returns the number of instructions. */
static size_t
gen_filters_print(scmp_filter_ctx ctx, unsigned kind, unsigned needs)
{
	FILE *f = tmpfile();
	struct sock_filter code;
	bool swapped = false;
	size_t n = 0;

	if (f == NULL || seccomp_export_bpf(ctx, fileno(f)) != 0 ||
	    lseek(fileno(f), 0, SEEK_SET) != 0)
		exit(1);
	printf("static const struct sock_filter filter_%u_%u[] = {\n", kind,
	    needs);
	for (; fread(&code, sizeof(code), 1, f) == 1; n++) {
		/* libseccomp writes them in the processor's byte order. */
		if (n == 0)
			swapped = code.code > UINT8_MAX;
		if (swapped) {
			code.code = bswap_16(code.code);
			code.k = bswap_32(code.k);
		}
		printf("\t{ 0x%02x, %u, %u, 0x%08x },\n", code.code, code.jt,
		    code.jf, code.k);
	}
	printf("};\n\n");
	(void)fclose(f);
	return n;
}

static unsigned
gen_filters_variants(unsigned kind)
{
	return kind == FILTER_COMMAND ? 1 : FILTER_VARIANTS;
}

/* Returns the number of instructions of the longest. */
static size_t
gen_filters_print_kind(unsigned kind)
{
	scmp_filter_ctx ctx;
	size_t n, longest = 0;

	for (unsigned i = 0; i < gen_filters_variants(kind); i++) {
		ctx = kind == FILTER_COMMAND ? gen_filters_make_command() :
		    gen_filters_make(kind, i);
		n = gen_filters_print(ctx, kind, i);
		if (n > longest)
			longest = n;
		seccomp_release(ctx);
	}
	return longest;
}

int
main(int argc, char **argv)
{
	size_t n, longest = 0;

	processor = argc > 1 ? seccomp_arch_resolve_name(argv[1]) :
	    seccomp_arch_native();
	if (processor == 0) {
		fprintf(stderr, "gen_filters: unknown processor %s\n", argv[1]);
		return 1;
	}
	for (unsigned kind = 0; kind < FILTER_KINDS; kind++)
		if ((n = gen_filters_print_kind(kind)) > longest)
			longest = n;
	printf("enum { FILTER_LONGEST = %zu };\n\n", longest);
	printf("#define FILTER(k, n) { filter_##k##_##n, \\\n"
	    "\tsizeof(filter_##k##_##n) / sizeof(filter_##k##_##n[0]) }\n"
	    "static const struct filter {\n\tconst struct sock_filter *code;\n"
	    "\tsize_t len;\n} filters[FILTER_KINDS][FILTER_VARIANTS] = {\n");
	for (unsigned kind = 0; kind < FILTER_KINDS; kind++) {
		printf("\t{ ");
		for (unsigned i = 0; i < gen_filters_variants(kind); i++)
			printf("FILTER(%u, %u), ", kind, i);
		printf("},\n");
	}
	printf("};\n");
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
