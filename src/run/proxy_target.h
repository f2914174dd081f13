/*
 * The address that a proxy is asked for, where the plan says that the name
 * is looked up here and not by the proxy.
 */
#ifndef RUN_PROXY_TARGET_H
#define RUN_PROXY_TARGET_H

#include "run/run.h"

struct proxy_target {
	struct run		*run;
	struct resolve		*resolve;
	struct timer		 limit;
	struct addr_list	 list;	/* none: the proxy is told the name */
	void			(*found)(void *arg);
	void			(*failed)(void *arg, const struct error *);
	void			*arg;
};

/*
 * Look it up if that is to be done; found() is called at once if not, else
 * from a turn, or failed() is told why not.
 */
void	proxy_target_find(struct proxy_target *, struct run *,
    void (*found)(void *),
	    void (*failed)(void *, const struct error *), void *arg);
void	proxy_target_free(struct proxy_target *);

#endif
