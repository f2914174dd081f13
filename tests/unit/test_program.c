/*
 * Programs by name, and the symbolic links that lead to them.
 */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/program.h"
#include "unit.h"

static char	dir[64];

static const char *
in_dir(const char *name)
{
	static char path[2][PATH_MAX];
	static int which;

	which = !which;
	(void)snprintf(path[which], PATH_MAX, "%s/%s", dir, name);
	return path[which];
}

static void
make_file(const char *name, mode_t mode)
{
	int num = open(in_dir(name), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	CHECK(num != -1 && fchmod(num, mode) == 0);
	close(num);
}

static void
expect_path(const char *name, const char *want)
{
	char path[PATH_MAX];

	CHECK_INT(program_find(name, path), 0);
	CHECK_STR(path, want);
}

TEST(the_first_that_can_be_executed_is_found)
{
	char path[PATH_MAX];

	CHECK_INT(mkdir(in_dir("a"), 0700), 0);
	CHECK_INT(mkdir(in_dir("b"), 0700), 0);
	CHECK_INT(mkdir(in_dir("a/x"), 0700), 0);
	make_file("a/y", 0600);
	make_file("b/x", 0700);
	make_file("b/z", 0700);
	make_file("a/z", 0700);
	(void)snprintf(path, sizeof(path), "/nonexistent:%s/a:%s/b", dir, dir);
	setenv("PATH", path, 1);
	expect_path("x", in_dir("b/x"));
	expect_path("z", in_dir("a/z"));
	expect_path(in_dir("b/z"), in_dir("b/z"));
	CHECK_INT(program_find("y", path), -1);
	CHECK_INT(errno, EACCES);
	CHECK_INT(program_find("none", path), -1);
	CHECK_INT(errno, ENOENT);
}

TEST(a_link_is_followed_from_where_it_stands)
{
	char path[PATH_MAX];

	CHECK_INT(mkdir(in_dir("c"), 0700), 0);
	CHECK_INT(symlink("../b/x", in_dir("c/relative")), 0);
	CHECK_INT(symlink("/bin/sh", in_dir("c/absolute")), 0);
	(void)snprintf(path, sizeof(path), "%s/c/relative", dir);
	CHECK_INT(program_follow(path), 0);
	CHECK_STR(path, in_dir("c/../b/x"));
	CHECK_INT(program_follow(path), -1);
	CHECK_INT(errno, EINVAL);
	CHECK_STR(path, in_dir("c/../b/x"));
	(void)snprintf(path, sizeof(path), "%s/c/absolute", dir);
	CHECK_INT(program_follow(path), 0);
	CHECK_STR(path, "/bin/sh");
}

TEST(what_would_be_too_long_is_not_followed)
{
	char path[PATH_MAX], target[PATH_MAX];

	memset(target, 'x', sizeof(target) - 10);
	target[sizeof(target) - 10] = '\0';
	CHECK_INT(symlink(target, in_dir("long")), 0);
	(void)snprintf(path, sizeof(path), "%s/long", dir);
	CHECK_INT(program_follow(path), -1);
	CHECK_INT(errno, ENAMETOOLONG);
	CHECK_STR(path, in_dir("long"));
}

TEST(only_the_file_that_runs_is_ours)
{
	CHECK(program_is_ours("/proc/self/exe"));
	CHECK(access("/proc/self/exe", F_OK) == -1 ||
	    !program_is_ours(in_dir("b/x")));
	CHECK(access("/proc/self/exe", F_OK) == -1 ||
	    !program_is_ours(in_dir("none")));
}

static void
tidy(void)
{
	static const char *const files[] = { "a/y", "a/z", "b/x", "b/z",
	    "c/relative", "c/absolute", "long" };
	static const char *const dirs[] = { "a/x", "a", "b", "c", "." };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		(void)unlink(in_dir(files[i]));
	for (size_t i = 0; i + 1 < sizeof(dirs) / sizeof(dirs[0]); i++)
		(void)rmdir(in_dir(dirs[i]));
	(void)rmdir(dir);
}

BEFORE
{
	const char *room = getenv("TEST_TMPDIR");

	(void)snprintf(dir, sizeof(dir), "/tmp/program.XXXXXX");
	if (room != NULL && strlen(room) < sizeof(dir) - 16)
		(void)snprintf(dir, sizeof(dir), "%s/program.XXXXXX", room);
	CHECK(mkdtemp(dir) != NULL);
}

AFTER
{
	tidy();
}
