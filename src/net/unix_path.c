#include <sys/file.h>
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

/* Does the file at this path have the lock, and not one that was removed? */
static bool
unix_path_is_locked(const char *name, int lock)
{
	struct stat held, there;

	return fstat(lock, &held) == 0 && lstat(name, &there) == 0 &&
	    held.st_dev == there.st_dev && held.st_ino == there.st_ino;
}

int
unix_path_lock(const char *path)
{
	char name[LOCK_NAME_MAX];
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
		if (unix_path_is_locked(name, lock))
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
