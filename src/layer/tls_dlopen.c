/*
 * Opens the module. It is looked for beside the program, where a build has
 * it, in ../lib/sockcat from there, and where make install puts it; a
 * set-user-ID program takes the third alone.
 *
 * Law: the code of others is never loaded. A place counts only if its directory
 * and the module in it belong to root, to the user or to the owner of the
 * program, and nobody else can write to them; and the file that was checked is
 * the file that is loaded.
 */
#include <sys/auxv.h>
#include <sys/stat.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "layer/tls_module.h"

#define TLS_MODULE_FILE	"sockcat-tls.so"

static const struct tls_module *
tls_dlopen_fail(struct error *err, const char *why)
{
	error_set(err, ENOSYS, "use", "TLS");
	(void)strlcpy(err->why, why, sizeof(err->why));
	return NULL;
}

/*
 * Whether only those can change the file who can change the program, too. A
 * build with umask 002 lets a group write to both.
 */
static bool
tls_dlopen_is_safe(int fd, const struct stat *program)
{
	mode_t others = S_IWGRP | S_IWOTH;
	struct stat st;

	if (fstat(fd, &st) == -1)
		return false;
	if ((program->st_mode & S_IWGRP) != 0 && st.st_gid == program->st_gid)
		others = S_IWOTH;
	return (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)) &&
	    (st.st_mode & others) == 0 && (st.st_uid == 0 ||
	    st.st_uid == geteuid() || st.st_uid == program->st_uid);
}

/*
 * Returns the module of this directory, open; -1 with errno: ENOENT if there is
 * none, EPERM if it is not safe.
 */
static int
tls_dlopen_in(const char *dir, const struct stat *program)
{
	int at = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC), fd, num = EPERM;

	if (at == -1)
		return -1;
	fd = openat(at, TLS_MODULE_FILE,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		num = errno == ELOOP ? EPERM : errno;
	else if (tls_dlopen_is_safe(at, program) &&
	    tls_dlopen_is_safe(fd, program))
		num = 0;
	(void)close(at);
	if (num == 0)
		return fd;
	if (fd != -1)
		(void)close(fd);
	errno = num;
	return -1;
}

/* Fills the directory of the program; false: it is not to be searched. */
static bool
tls_dlopen_program(char dir[PATH_MAX], struct stat *program)
{
	ssize_t len;
	char *slash;

	if (getauxval(AT_SECURE) != 0 ||
	    (len = readlink("/proc/self/exe", dir, PATH_MAX - 1)) == -1 ||
	    stat("/proc/self/exe", program) == -1)
		return false;
	dir[len] = '\0';
	if ((slash = strrchr(dir, '/')) == NULL)
		return false;
	*slash = '\0';
	return true;
}

/* Returns the module, open, and fills its path; -1 with errno. */
static int
tls_dlopen_find(char path[PATH_MAX])
{
	static const char *const places[] = { "", "/../lib/sockcat" };
	const size_t nplaces = sizeof(places) / sizeof(places[0]);
	struct stat program = { .st_uid = 0 };
	char dir[PATH_MAX];
	size_t i = tls_dlopen_program(dir, &program) ? 0 : nplaces;
	int fd, num = ENOENT;

	for (; i <= nplaces; i++) {
		if (i == nplaces)
			(void)strlcpy(path, TLS_MODULE_DIR, PATH_MAX);
		else if (snprintf(path, PATH_MAX, "%s%s", dir, places[i]) >=
		    PATH_MAX)
			continue;
		if ((fd = tls_dlopen_in(path, &program)) != -1) {
			(void)strlcat(path, "/" TLS_MODULE_FILE, PATH_MAX);
			return fd;
		}
		if (num != EPERM)
			num = errno;
	}
	errno = num;
	return -1;
}

/* Without /proc, the path has to do. */
static void *
tls_dlopen_load(int fd, const char *path)
{
	char pinned[sizeof("/proc/self/fd/") + 3 * sizeof(fd)];

	(void)snprintf(pinned, sizeof(pinned), "/proc/self/fd/%d", fd);
	if (access(pinned, F_OK) == 0)
		path = pinned;
	return dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

const struct tls_module *
tls_module_open(struct error *err)
{
	const struct tls_module *m;
	char path[PATH_MAX];
	void *object;
	int fd = tls_dlopen_find(path);

	if (fd == -1)
		return tls_dlopen_fail(err, errno == EPERM ?
		    "others can change the module " TLS_MODULE_FILE :
		    errno == ENOENT || errno == ENOTDIR ?
		    "the module " TLS_MODULE_FILE " is not installed" :
		    "the module " TLS_MODULE_FILE " cannot be opened");
	object = tls_dlopen_load(fd, path);
	(void)close(fd);
	if (object == NULL)
		return tls_dlopen_fail(err, dlerror());
	m = dlsym(object, TLS_MODULE_SYMBOL);
	if (m == NULL || m->size != sizeof(*m) ||
	    strcmp(m->version, TLS_MODULE_VERSION) != 0)
		return tls_dlopen_fail(err, "the module " TLS_MODULE_FILE
		    " is of another version");
	return m;
}
