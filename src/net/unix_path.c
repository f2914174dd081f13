#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/addr.h"
#include "net/unix_path.h"

#define LOCK_NAME_MAX	(ADDR_HOST_MAX + sizeof(".lock"))
/* How often the file of the lock may be replaced while it is locked. */
#define LOCK_TRIES	16

int
unix_path_lock(const char *path)
{
	char name[LOCK_NAME_MAX];
	struct stat held, there;
	int lock, num;

	(void)snprintf(name, sizeof(name), "%s.lock", path);
	for (int i = 0; i < LOCK_TRIES; i++) {
		/* No byte of the file is read or written. */
		lock = open(name, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW |
		    O_NONBLOCK | O_NOCTTY, 0600);
		if (lock == -1)
			return -1;
		if (flock(lock, LOCK_EX | LOCK_NB) == -1) {
			num = errno;
			(void)close(lock);
			if (num == EWOULDBLOCK)
				break;
			(void)unlink(name);
			errno = num;
			return -1;
		}
		/* Has this file the lock, and not one that was removed? */
		if (fstat(lock, &held) == 0 && lstat(name, &there) == 0 &&
		    held.st_dev == there.st_dev && held.st_ino == there.st_ino)
			return lock;
		(void)close(lock);
	}
	errno = EADDRINUSE;
	return -1;
}

void
unix_path_unlock(const char *path, int lock)
{
	char name[LOCK_NAME_MAX];
	int num = errno;

	if (lock == -1)
		return;
	(void)snprintf(name, sizeof(name), "%s.lock", path);
	(void)unlink(name);
	(void)close(lock);
	errno = num;
}

const char *
unix_path_of(const struct addr *addr, char buf[ADDR_HOST_MAX])
{
	return addr_family(addr) != AF_UNIX ||
	    addr_host(addr, buf, ADDR_HOST_MAX)[0] == '\0' ||
	    addr->u.un.sun_path[0] == '\0' ? NULL : buf;
}

/*
 * 0: no process serves the Unix socket at this address; else -1 with errno. A
 * datagram socket asks, for its connect(2) sends nothing, and a socket of
 * another type answers EPROTOTYPE: a probing client would end a server that
 * waits for a single one.
 */
static int
unix_path_is_free(const struct addr *addr)
{
	struct fd fd;
	int num;

	if (fd_socket(&fd, AF_UNIX, SOCK_DGRAM, 0) == -1)
		return -1;
	num = connect(fd.num, &addr->u.sa, addr->len) == -1 ? errno : 0;
	fd_close(&fd);
	if (num == ECONNREFUSED || num == ENOENT)
		return 0;
	/* Another type, a full backlog, no permission: leave the file alone. */
	errno = EADDRINUSE;
	return -1;
}

/* Looks again after the probe: another process may have done the same. */
static int
unix_path_clear(const struct addr *addr, bool empty)
{
	char path[ADDR_HOST_MAX];
	struct stat before, after;

	if (unix_path_of(addr, path) == NULL)
		return 0;
	if (lstat(path, &before) == -1)
		return 0;		/* bind(2) will report the reason */
	if (empty && S_ISREG(before.st_mode) && before.st_size == 0)
		return unlink(path);
	if (!S_ISSOCK(before.st_mode)) {
		errno = ENOTSOCK;
		return -1;
	}
	if (unix_path_is_free(addr) == -1)
		return -1;
	if (lstat(path, &after) == -1)
		return 0;
	if (!S_ISSOCK(after.st_mode) || before.st_dev != after.st_dev ||
	    before.st_ino != after.st_ino) {
		errno = EADDRINUSE;
		return -1;
	}
	return unlink(path) == -1 && errno != ENOENT ? -1 : 0;
}

int
unix_path_bind(const struct fd *fd, const struct addr *addr,
    bool empty)
{
	return addr_family(addr) == AF_UNIX &&
	    unix_path_clear(addr, empty) == -1 ? -1 :
	    bind(fd->num, &addr->u.sa, addr->len);
}
