#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "sandbox/landlock.h"

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

int
landlock_version(void)
{
	long version = syscall(LANDLOCK_CREATE, NULL, 0, LANDLOCK_VERSION);

	return version > 0 ? (int)version : 0;
}

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

static int
landlock_allow_paths(int ruleset, const struct landlock_rules *rules,
    int version)
{
	for (size_t i = 0; i < rules->npaths; i++)
		if (landlock_allow_path(ruleset, &rules->paths[i],
		    version) == -1)
			return -1;
	return 0;
}

static int
landlock_allow_ports(int ruleset, const struct landlock_rules *rules)
{
	struct landlock_port_rule rule = { .allowed = LANDLOCK_CONNECT_TCP };

	for (size_t i = 0; i < rules->nports; i++) {
		rule.port = rules->ports[i];
		if (syscall(LANDLOCK_ADD, ruleset, LANDLOCK_NET_PORT, &rule,
		    0) == -1)
			return -1;
	}
	return 0;
}

static int
landlock_create(const struct landlock_rules *rules, int version)
{
	struct landlock_attr attr = { .fs = landlock_files(version) };
	size_t size = version >= 6 ? sizeof(attr) : version >= 4 ?
	    sizeof(attr) - sizeof(attr.scoped) : sizeof(attr.fs);

	if (version >= 4)
		attr.net = (rules->binds ? 0 : LANDLOCK_BIND_TCP) |
		    (rules->all_ports ? 0 : LANDLOCK_CONNECT_TCP);
	if (version >= 6)
		attr.scoped = (rules->signals ? 0 : LANDLOCK_SIGNAL) |
		    (rules->abstract ? 0 : LANDLOCK_ABSTRACT);
	return (int)syscall(LANDLOCK_CREATE, &attr, size, 0);
}

int
landlock_enter(const struct landlock_rules *rules, int version)
{
	int ruleset = landlock_create(rules, version), num;
	long rc;

	if (ruleset == -1)
		return -1;
	rc = landlock_allow_paths(ruleset, rules, version);
	if (rc == 0 && version >= 4 && !rules->all_ports)
		rc = landlock_allow_ports(ruleset, rules);
	if (rc == 0)
		rc = syscall(LANDLOCK_RESTRICT, ruleset, 0);
	num = errno;
	(void)close(ruleset);
	errno = num;
	return (int)rc;
}
