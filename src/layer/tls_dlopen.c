/*
 * Opens the module. It is looked for beside the program, where a build has
 * it, in ../lib/sockcat from there, and where make install puts it. The first
 * two must belong to root or to the owner of the program, since the program
 * may stand in a directory where others can make files; a set-user-ID program
 * takes the third alone.
 */
#include <sys/auxv.h>
#include <sys/stat.h>
#include <dlfcn.h>
#include <errno.h>
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

static bool
tls_dlopen_may(const char *path, const struct stat *program)
{
	struct stat st;

	return stat(path, &st) == 0 &&
	    (st.st_uid == 0 || st.st_uid == program->st_uid);
}

/* The module near the program; false: there is none. */
static bool
tls_dlopen_near(char *path, size_t size)
{
	static const char *const places[] = { "", "../lib/sockcat/" };
	char program[PATH_MAX], *slash;
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
	struct stat st;
	int n;

	if (len == -1 || stat("/proc/self/exe", &st) == -1)
		return false;
	program[len] = '\0';
	if ((slash = strrchr(program, '/')) == NULL)
		return false;
	*slash = '\0';
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		n = snprintf(path, size, "%s/%s" TLS_MODULE_FILE, program,
		    places[i]);
		if (n > 0 && (size_t)n < size && tls_dlopen_may(path, &st))
			return true;
	}
	return false;
}

const struct tls_module *
tls_module_open(struct error *err)
{
	const struct tls_module *m;
	char path[PATH_MAX];
	void *object;

	if (getauxval(AT_SECURE) != 0 || !tls_dlopen_near(path, sizeof(path))) {
		(void)strlcpy(path, TLS_MODULE_DIR "/" TLS_MODULE_FILE,
		    sizeof(path));
		if (access(path, F_OK) == -1)
			return tls_dlopen_fail(err, "the module "
			    TLS_MODULE_FILE " is not installed");
	}
	if ((object = dlopen(path, RTLD_NOW | RTLD_LOCAL)) == NULL)
		return tls_dlopen_fail(err, dlerror());
	m = dlsym(object, TLS_MODULE_SYMBOL);
	if (m == NULL || m->size != sizeof(*m) ||
	    strcmp(m->version, TLS_MODULE_VERSION) != 0)
		return tls_dlopen_fail(err, "the module " TLS_MODULE_FILE
		    " is of another version");
	return m;
}
