/*
 * Where to connect to: the addresses of the plan's host, our own address if
 * one was asked for, and the ports in the order in which to try them.
 */
#ifndef RUN_DESTINATIONS_H
#define RUN_DESTINATIONS_H

#include "run/net_options.h"
#include "run/proxy_target.h"
#include "run/retry.h"
#include "run/run.h"

struct destinations {
	struct run		*run;
	struct resolve		*resolve;
	struct route		*route;
	struct timer		 limit;		/* of a lookup */
	bool			 asks_local;	/* ... of our own address */
	struct retry		 retry;
	unsigned		 port;		/* the last one */
	bool			 once_more;	/* that one again */
	/* remote: or the proxy's, which is asked for the goal */
	struct addr_list	 remote, local, hops;
	struct proxy_target		 proxy_target;
	uint16_t		*ports;		/* NULL: as the plan has them */
	size_t			 nports, next;
	size_t			 range, within;	/* the plan's: where we are */
	void			(*found)(void *arg);
	void			*arg;
};

/*
 * Look all of it up; found() is called from a turn, or the run is stopped
 * after the words about what failed. 0, or an exit status.
 */
int	destinations_find(struct destinations *, struct run *,
    void (*found)(void *),
	    void *arg);
/*
 * The next port (0: the address has all there is); false when there is none
 * left.
 */
bool	destinations_next(struct destinations *, unsigned *port);
/* What a dial to this port takes; the addresses are those found. */
struct dial_options destinations_dial_options(const struct destinations *,
	    unsigned port);
/* Connecting failed as err tells: is the same port to be tried again? */
bool	destinations_may_retry(const struct destinations *,
    const struct error *err);
/*
 * A socket of ours was bound, and then connected or not: the path that it has
 * as a Unix socket is ours to remove, at the end and before the next try.
 */
void	destinations_claim(struct destinations *);
/* The same of a connection that failed, if it came as far as that. */
void	destinations_claim_failed(struct destinations *, const struct error *);
/* Tell of the failure: of one that is tried again at -v only. The status. */
int	destinations_failed(struct destinations *, const struct target *,
	    const struct error *err, bool last, bool retry);
/*
 * Try it again: that is told, the host is looked up anew after a pause,
 * found() is called again, and targets_next gives the same port.
 */
void	destinations_retry(struct destinations *, const struct error *err);
/* Look the host up anew, now, and call found() again; nothing else. */
void	destinations_refresh(struct destinations *);
/* As targets_retry, of a connection that has ended; false: a signal ends us. */
bool	destinations_return(struct destinations *);
size_t	destinations_left(const struct destinations *);
void	destinations_free(struct destinations *);

#endif
