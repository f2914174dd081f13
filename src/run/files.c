/*
 * One file that several are to write to: they would make nonsense of it. The
 * plan has compared the names; here is what they stand for.
 */
#include <sys/stat.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "run/files.h"

/* A file; or the directory of one that is not there yet, and its name. */
struct file_place {
	const char	*path, *name;
	dev_t		 dev;
	ino_t		 ino;
};

/* False of what may be told all, and of what will fail by itself. */
static bool
files_find(struct file_place *p, const char *path)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX] = ".";
	struct stat st;

	*p = (struct file_place){ .path = path, .name = "" };
	if (stat(path, &st) == -1) {
		p->name = slash != NULL ? slash + 1 : path;
		if (slash != NULL)
			(void)snprintf(dir, sizeof(dir), "%.*s",
			    (int)(slash - path) + 1, path);
		if (errno != ENOENT || stat(dir, &st) == -1)
			return false;
	}
	p->dev = st.st_dev;
	p->ino = st.st_ino;
	return !S_ISCHR(st.st_mode);
}

static bool
files_is_same(const struct file_place *a, const struct file_place *b)
{
	return a->dev == b->dev && a->ino == b->ino &&
	    strcmp(a->name, b->name) == 0;
}

int
files_check(const struct plan *plan, struct error *err)
{
	const char *const paths[] = { plan->taps.dump, plan->taps.dump_bare,
	    plan->taps.output, plan->chat.log, plan->service.port_file,
	    plan->service.tcp_info };
	struct file_place at[sizeof(paths) / sizeof(paths[0])];
	size_t i, j, n = 0;

	if (!plan->service.distinct_files)
		return 0;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (paths[i] == NULL || !files_find(&at[n], paths[i]))
			continue;
		for (j = 0; j < n; j++)
			if (files_is_same(&at[n], &at[j])) {
				error_set(err, EINVAL, "write to", "%s",
				    paths[i]);
				(void)snprintf(err->why, sizeof(err->why),
				    "it is the same file as %s", at[j].path);
				return -1;
			}
		n++;
	}
	return 0;
}
