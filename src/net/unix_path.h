/*
 * The path of a Unix socket: bound where a dead socket may still be, and locked
 * while a listener is opened on it, or removed from it. Several programs may do
 * so at once, and a socket that is bound but does not listen yet looks like one
 * that no process serves.
 *
 * Law: the file PATH.lock exists only while the lock is held, but for a program
 * that was killed meanwhile, whose lock is free.
 */
#ifndef NET_UNIX_PATH_H
#define NET_UNIX_PATH_H

#include "base/addr.h"
#include "io/fd.h"

/*
 * Locks a path. Returns a descriptor, or -1 with errno: EADDRINUSE if another
 * program has the lock; else there can be no lock.
 */
int	unix_path_lock(const char *path);
/* Takes a descriptor of unix_path_lock; -1: does nothing. */
void	unix_path_unlock(const char *path, int lock);
/*
 * Returns the path of a Unix socket, in buf; NULL: the address is not in the
 * file system.
 */
const char	*unix_path_of(const struct addr *, char buf[ADDR_HOST_MAX]);
/*
 * Binds a socket to any address. A Unix socket that no process serves is
 * removed first, and so is an empty file if empty is true; symbolic links are
 * not followed. Returns -1 with errno: EADDRINUSE if a process serves the path,
 * ENOTSOCK if a file of another kind is there.
 */
int	unix_path_bind(const struct fd *, const struct addr *, bool empty);

#endif
