/*
 * Files that are made at a path of the user.
 */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "io/fd.h"

/* Opens the directory of a path; -1 with errno. *name is the rest. */
static int
fd_create_dir(const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX] = ".";

	*name = slash != NULL ? slash + 1 : path;
	if (slash != NULL) {
		size_t len = slash == path ? 1 : (size_t)(slash - path);

		if (len >= sizeof(dir)) {
			errno = ENAMETOOLONG;
			return -1;
		}
		memcpy(dir, path, len);
		dir[len] = '\0';
	}
	return open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Whether another user may have put the open file there. */
static bool
fd_create_is_foreign(int num, const struct stat *dir)
{
	struct stat st;

	return fstat(num, &st) == 0 &&
	    (S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode)) &&
	    st.st_uid != geteuid() && st.st_uid != dir->st_uid;
}

int
fd_create(const char *path, int flags, unsigned mode)
{
	int all = flags | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, num, at;
	const char *name;
	struct stat dir;

	if ((at = fd_create_dir(path, &name)) == -1)
		return -1;
	if (fstat(at, &dir) == -1 ||
	    (dir.st_mode & (S_ISVTX | S_IWOTH)) != (S_ISVTX | S_IWOTH)) {
		(void)close(at);
		return open(path, all, (mode_t)mode);
	}
	num = openat(at, name, (all & ~O_TRUNC) | O_NOFOLLOW, (mode_t)mode);
	(void)close(at);
	if (num != -1 && (fd_create_is_foreign(num, &dir) ||
	    ((flags & O_TRUNC) != 0 && ftruncate(num, 0) == -1 &&
	    errno != EINVAL))) {
		(void)close(num);
		num = -1;
		errno = EACCES;
	}
	return num;
}
