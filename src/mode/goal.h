/*
 * The address that a proxy is asked for, where the plan says that the name
 * is looked up here and not by the proxy.
 */
#ifndef MODE_GOAL_H
#define MODE_GOAL_H

#include "mode/run.h"

struct goal {
	struct run		*run;
	struct resolve		*resolve;
	struct timer		 limit;
	struct plan		 plan;	/* what the lookup goes by */
	struct addr_list	 list;	/* none: the proxy is told the name */
	void			(*found)(void *arg);
	void			*arg;
};

/*
 * Look it up if that is to be done; found() is called at once if not, else
 * from a turn, or the run is stopped after the words about what failed.
 */
void	goal_find(struct goal *, struct run *, void (*found)(void *),
	    void *arg);
void	goal_free(struct goal *);

#endif
