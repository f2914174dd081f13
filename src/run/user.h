/*
 * --user: the user that the program becomes once its sockets are bound and its
 * files are open.
 *
 * Laws: the user is looked up before anything is opened. After user_become no
 * identity of before can be regained, which is tried; a failure ends the
 * program before the first byte of a peer is read.
 */
#ifndef RUN_USER_H
#define RUN_USER_H

#include "run/run.h"

/* Finds the plan's user, if there is one. Returns -1 with the error. */
int	user_find(struct run *, struct error *);
/*
 * Becomes the user, the first time. Returns whether the run goes on; if not, it
 * was stopped after a message.
 */
bool	user_become(struct run *);
/* Whether options of a socket may need the rights of root. */
bool	user_sets_as_root(const struct plan *);
/* Whether connecting may need these. */
bool	user_connects_as_root(const struct plan *);

#endif
