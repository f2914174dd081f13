/*
 * Access lists: who may come in, by --allow, --deny and their files, or by
 * traditional's operands.
 *
 * Laws: a peer must match no rule that denies, and, if there is any that
 * allows (be it an empty file), one of those. Whoever comes through a Unix
 * socket may: it has no address, and the file's permissions have spoken. A
 * rule that cannot be understood, read or looked up makes the whole list
 * fail: nobody is let in by mistake.
 */
#ifndef NET_ACCESS_H
#define NET_ACCESS_H

#include "base/addr.h"
#include "loop/loop.h"
#include "plan/plan.h"

struct access;

/*
 * Read the plan's rules and their files, and look names up, all addresses of
 * both families; they stay what they were then. done() is called exactly
 * once, from a turn of the loop (never from within this call), unless
 * access_free comes first; its access_error is NULL if all is well. Returns
 * NULL with errno when it cannot begin.
 */
struct access	*access_start(struct loop *, const struct plan *,
		    void (*done)(void *arg, const struct access_error *),
		    void *arg);
/* At any time; also from within done(), whose access_error it frees. */
void		 access_free(struct access *);

/* Once done() has said that all is well; NULL: there are no rules. */
bool		 access_allows(const struct access *,
		    const struct addr *peer);

#endif
