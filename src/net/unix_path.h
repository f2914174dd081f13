/*
 * The path of a Unix socket while a listener is opened on it, or removed from
 * it: several programs may do so at once, and a socket that is bound but does
 * not listen yet looks like one that no process serves.
 *
 * Law: the file PATH.lock exists only while the lock is held, but for a program
 * that was killed meanwhile, whose lock is free.
 */
#ifndef NET_UNIX_PATH_H
#define NET_UNIX_PATH_H

/*
 * Locks a path. Returns a descriptor, or -1 with errno: EADDRINUSE if another
 * program has the lock; else there can be no lock.
 */
int	unix_path_lock(const char *path);
/* Takes a descriptor of unix_path_lock; -1: does nothing. */
void	unix_path_unlock(const char *path, int lock);

#endif
