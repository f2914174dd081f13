#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/program.h"

/* The effective user counts, as in execve(2). */
int
program_check(const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return -1;
	if (!S_ISREG(st.st_mode)) {
		errno = EACCES;
		return -1;
	}
	return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS);
}

int
program_find(const char *name, char path[PATH_MAX])
{
	const char *at = getenv("PATH"), *end;
	bool forbidden = false;
	size_t len;

	if (strchr(name, '/') != NULL) {
		(void)snprintf(path, PATH_MAX, "%s", name);
		return program_check(path);
	}
	if (at == NULL)
		at = "/bin:/usr/bin";
	for (;; at = end + 1) {
		end = at + strcspn(at, ":");
		len = (size_t)(end - at);
		(void)snprintf(path, PATH_MAX, "%.*s%s%s", (int)len, at,
		    len > 0 ? "/" : "", name);
		if (program_check(path) == 0)
			return 0;
		forbidden |= errno == EACCES;
		if (*end == '\0')
			break;
	}
	errno = forbidden ? EACCES : ENOENT;
	return -1;
}

int
program_follow(char path[PATH_MAX])
{
	char target[PATH_MAX], *slash = strrchr(path, '/');
	ssize_t n = readlink(path, target, sizeof(target) - 1);
	size_t dir;

	if (n == -1)
		return -1;
	target[n] = '\0';
	/* A relative target begins at the directory of the link. */
	dir = *target == '/' || slash == NULL ? 0 :
	    (size_t)(slash - path) + 1;
	if (dir + (size_t)n >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(path + dir, target, (size_t)n + 1);
	return 0;
}

bool
program_is_ours(const char *path)
{
	struct stat self, st;

	if (stat("/proc/self/exe", &self) == -1)
		return true;
	return stat(path, &st) == 0 && st.st_dev == self.st_dev &&
	    st.st_ino == self.st_ino;
}
