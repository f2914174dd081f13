#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "sandbox/sandbox.h"

/* ---- Landlock(7), by its system calls ----------------------------------- */

/* As in <linux/landlock.h>, of which older systems have a part or nothing. */
enum {
	LANDLOCK_CREATE = 444, LANDLOCK_ADD = 445, LANDLOCK_RESTRICT = 446,

	LANDLOCK_VERSION = 1,		/* a flag of LANDLOCK_CREATE */
	LANDLOCK_PATH_BENEATH = 1,	/* kinds of rules */
	LANDLOCK_NET_PORT = 2,

	LANDLOCK_EXECUTE = 1 << 0,
	LANDLOCK_WRITE_FILE = 1 << 1,
	LANDLOCK_READ_FILE = 1 << 2,
	LANDLOCK_READ_DIR = 1 << 3,
	LANDLOCK_REMOVE_DIR = 1 << 4,
	LANDLOCK_REMOVE_FILE = 1 << 5,
	LANDLOCK_MAKE_DIR = 1 << 7,
	LANDLOCK_MAKE_FILE = 1 << 8,
	LANDLOCK_MAKE_SOCKET = 1 << 9,
	LANDLOCK_MAKE_FIFO = 1 << 10,
	LANDLOCK_MAKE_LINK = 1 << 12,
	LANDLOCK_REFER = 1 << 13,	/* between directories */
	LANDLOCK_TRUNCATE = 1 << 14,
	LANDLOCK_IOCTL = 1 << 15,	/* of devices */
	LANDLOCK_UNIX = 1 << 16,	/* reach sockets by path */

	/* What a file has that is no directory. */
	LANDLOCK_OF_FILES = LANDLOCK_EXECUTE | LANDLOCK_WRITE_FILE |
	    LANDLOCK_READ_FILE | LANDLOCK_TRUNCATE | LANDLOCK_IOCTL |
	    LANDLOCK_UNIX,
	LANDLOCK_LOCKS = LANDLOCK_READ_FILE | LANDLOCK_MAKE_FILE |
	    LANDLOCK_REMOVE_FILE,
	LANDLOCK_KEEPS = LANDLOCK_LOCKS | LANDLOCK_WRITE_FILE |
	    LANDLOCK_TRUNCATE,

	LANDLOCK_BIND_TCP = 1 << 0,
	LANDLOCK_CONNECT_TCP = 1 << 1,
	LANDLOCK_ABSTRACT = 1 << 0,
	LANDLOCK_SIGNAL = 1 << 1
};

struct landlock_attr {
	uint64_t	fs, net, scoped;
};

struct landlock_path_rule {
	uint64_t	allowed;
	int32_t		parent;
} __attribute__((packed));

struct landlock_port_rule {
	uint64_t	allowed, port;
};

/* All rights of this version; those of newer ones are not known here. */
static uint64_t
landlock_files(int version)
{
	return version >= 9 ? 0x1ffff :	/* paths of Unix sockets */
	    version >= 5 ? 0xffff :	/* ioctl of devices */
	    version >= 3 ? 0x7fff :	/* truncate */
	    version == 2 ? 0x3fff : 0x1fff;	/* rename between directories */
}

static uint64_t
landlock_rights(unsigned may)
{
	static const uint64_t rights[] = {
		LANDLOCK_READ_FILE | LANDLOCK_READ_DIR,
		LANDLOCK_REMOVE_FILE | LANDLOCK_REMOVE_DIR,
		LANDLOCK_MAKE_SOCKET, LANDLOCK_LOCKS, LANDLOCK_KEEPS,
		LANDLOCK_KEEPS | LANDLOCK_READ_DIR | LANDLOCK_REMOVE_DIR |
		    LANDLOCK_MAKE_DIR | LANDLOCK_MAKE_SOCKET |
		    LANDLOCK_MAKE_FIFO | LANDLOCK_MAKE_LINK | LANDLOCK_REFER,
		LANDLOCK_EXECUTE,
		/* Shells truncate a device, too. */
		LANDLOCK_READ_FILE | LANDLOCK_READ_DIR | LANDLOCK_WRITE_FILE |
		    LANDLOCK_TRUNCATE | LANDLOCK_IOCTL,
		LANDLOCK_UNIX
	};
	uint64_t all = 0;

	for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]); i++)
		if (may & 1U << i)
			all |= rights[i];
	return all;
}

static int
landlock_allow_path(int ruleset, const struct landlock_path *path, int version)
{
	struct landlock_path_rule rule = {
	    .allowed = landlock_rights(path->may) & landlock_files(version) };
	struct stat st;
	long rc;

	if ((rule.parent = open(path->path, O_PATH | O_CLOEXEC)) == -1)
		return errno == ENOENT || errno == EACCES ||
		    errno == ENOTDIR ? 0 : -1;
	if (fstat(rule.parent, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed &= LANDLOCK_OF_FILES;
	rc = rule.allowed == 0 ? 0 : syscall(LANDLOCK_ADD, ruleset,
	    LANDLOCK_PATH_BENEATH, &rule, 0);
	(void)close(rule.parent);
	return (int)rc;
}

/* Enters a sandbox, in this thread and its later threads. -1 with errno. */
static int
landlock_enter(const struct landlock_rules *rules, int version)
{
	struct landlock_attr attr = { .fs = landlock_files(version) };
	struct landlock_port_rule port = { .allowed = LANDLOCK_CONNECT_TCP };
	size_t size = version >= 6 ? sizeof(attr) : version >= 4 ?
	    sizeof(attr) - sizeof(attr.scoped) : sizeof(attr.fs);
	bool ports = version >= 4 && !rules->all_ports;
	int ruleset, num;
	long rc = 0;

	if (version >= 4)
		attr.net = (rules->binds ? 0 : LANDLOCK_BIND_TCP) |
		    (ports ? LANDLOCK_CONNECT_TCP : 0);
	if (version >= 6)
		attr.scoped = (rules->signals ? 0 : LANDLOCK_SIGNAL) |
		    (rules->abstract ? 0 : LANDLOCK_ABSTRACT);
	ruleset = (int)syscall(LANDLOCK_CREATE, &attr, size, 0);
	if (ruleset == -1)
		return -1;
	for (size_t i = 0; rc == 0 && i < rules->npaths; i++)
		rc = landlock_allow_path(ruleset, &rules->paths[i], version);
	for (size_t i = 0; rc == 0 && ports && i < rules->nports; i++) {
		port.port = rules->ports[i];
		rc = syscall(LANDLOCK_ADD, ruleset, LANDLOCK_NET_PORT, &port,
		    0);
	}
	if (rc == 0)
		rc = syscall(LANDLOCK_RESTRICT, ruleset, 0);
	num = errno;
	(void)close(ruleset);
	errno = num;
	return (int)rc;
}

/* ---- The sandbox -------------------------------------------------------- */

static int
sandbox_fail(struct error *err, const char *op, const char *object,
    const char *why)
{
	error_set(err, why != NULL ? ENOSYS : errno, op, "%s", object);
	if (why != NULL)
		(void)strlcpy(err->why, why, sizeof(err->why));
	return -1;
}

/*
 * Gives up the capabilities that do not stay. Most processes have none, and
 * make no second call, which a service manager may forbid.
 */
static int
sandbox_drop_capabilities(uint64_t stay)
{
	struct __user_cap_header_struct header = {
	    .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {
	    { 0, 0, 0 } };
	uint32_t more = 0;

	if (syscall(SYS_capget, &header, data) == -1)
		return -1;
	for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		more |= (data[i].permitted | data[i].inheritable) &
		    ~(uint32_t)(stay >> 32 * i);
		data[i].permitted &= (uint32_t)(stay >> 32 * i);
		data[i].effective &= data[i].permitted;
		data[i].inheritable = 0;
	}
	return more == 0 ? 0 : (int)syscall(SYS_capset, &header, data);
}

/*
 * ports: Landlock limits the ports of connections. A server has a filter that
 * allows no connection; Landlock of Linux before 6.18, if it limits them, also
 * refuses the two bytes of an address that resets one (fd_abort).
 */
static int
sandbox_enter_landlock(struct sandbox *s, const struct sandbox_plan *plan,
    bool ports, struct error *err)
{
	struct landlock_rules rules = plan->rules;
	/* The version of the kernel's interface. */
	long version = syscall(LANDLOCK_CREATE, NULL, 0, LANDLOCK_VERSION);

	if (version <= 0)
		return sandbox_fail(err, "enter", "Landlock",
		    "this kernel does not offer it");
	rules.all_ports |= !ports;
	if (landlock_enter(&rules, (int)version) == -1)
		return sandbox_fail(err, "enter", "Landlock", NULL);
	s->landlock = (int)version;
	return 0;
}

static int
sandbox_enter_filter(struct sandbox *s, const struct sandbox_plan *plan,
    struct error *err)
{
	unsigned needs = plan->needs;

	if (!filter_is_built())
		return sandbox_fail(err, "enter", "a seccomp filter",
		    "this build has none");
	/*
	 * Landlock alone knows which files. Files that have to be written are
	 * opened even without it.
	 */
	if (s->landlock == 0)
		needs &= FILTER_REMOVES | FILTER_WRITES;
	if (filter_enter(plan->kind, needs, &plan->sockets, plan->kills) == -1)
		return sandbox_fail(err, "enter", "a seccomp filter", NULL);
	s->filtered = true;
	return 0;
}

int
sandbox_enter(struct sandbox *s, const struct sandbox_plan *plan,
    struct error *err)
{
	bool ports = plan->kind != FILTER_SERVE || !filter_is_built();
	int rc = 0;

	/* A command has those of the user. */
	if (plan->kind != FILTER_COMMAND &&
	    sandbox_drop_capabilities(plan->capabilities) == -1) {
		rc = sandbox_fail(err, "give up", "capabilities", NULL);
		if (plan->strict)
			return rc;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return sandbox_fail(err, "give up", "new privileges", NULL);
	if (sandbox_enter_landlock(s, plan, ports, err) == -1)
		rc = -1;
	if ((rc == 0 || !plan->strict) &&
	    sandbox_enter_filter(s, plan, err) == -1) {
		rc = -1;
		/* This kernel has no filters. */
		if (!ports && s->landlock > 0 && !plan->strict)
			(void)landlock_enter(&plan->rules, s->landlock);
	}
	return rc;
}
