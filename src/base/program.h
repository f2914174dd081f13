/* Programs by name: their files, and the symbolic links that lead to them. */
#ifndef BASE_PROGRAM_H
#define BASE_PROGRAM_H

#include <limits.h>
#include <stdbool.h>

/* Returns 0 if this process may execute the file, or -1 with errno. */
int	program_check(const char *path);
/*
 * Finds a program as execvp(3) does, in PATH unless the name has a slash.
 * Returns 0, or -1 with errno: EACCES if the only files of that name may not
 * be executed.
 */
int	program_find(const char *name, char path[PATH_MAX]);
/*
 * Replaces the path of a symbolic link by the target's path. Returns -1 with
 * errno (EINVAL: no symbolic link); the path is then unchanged.
 */
int	program_follow(char path[PATH_MAX]);
/* Whether this process runs that file; true without /proc. */
bool	program_is_ours(const char *path);

#endif
