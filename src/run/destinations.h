/*
 * The destinations of a program that connects: the addresses of the plan's
 * host (or of its proxy), the local address, and the ports in the order in
 * which they are tried.
 */
#ifndef RUN_DESTINATIONS_H
#define RUN_DESTINATIONS_H

#include "reach/lookups.h"
#include "run/net_options.h"
#include "run/retry.h"
#include "run/run.h"

struct destinations {
	struct run		*run;
	/* The local address (-s, -p), that of the host or of the proxy, and of
	   the host that the proxy dials (empty: the proxy is given the name) */
	struct addresses	 local, remote, target;
	struct addresses	 route[HOPS_MAX];	/* -g */
	struct lookups_step	 steps[HOPS_MAX + 3];
	size_t			 nsteps;
	size_t			 again;		/* the first step of a retry */
	struct lookups		 lookups;
	struct retry		 retry;
	unsigned		 port;		/* the latest */
	bool			 once_more;	/* try that port again */
	struct addr		 hop[HOPS_MAX];
	struct addr_list	 hops;		/* into hop */
	uint16_t		*ports;		/* NULL: as the plan has them */
	size_t			 nports, next;
	size_t			 range, within;	/* position in plan->ports */
	char			 holder[48];	/* who has the local port; "":
						   not known */
	void			(*found)(void *arg);
	void			*arg;
};

/*
 * Looks all names up and calls found() from a turn of the loop; if a lookup
 * fails, the failure is reported and the run stopped. Returns 0, or the exit
 * status after a report.
 */
int	destinations_find(struct destinations *, struct run *,
	    void (*found)(void *), void *arg);
/* Takes the next port (0: none, or in the address); false: none is left. */
bool	destinations_next(struct destinations *, unsigned *port);
/* Returns the options of a dial to this port of the addresses found. */
struct dial_options destinations_dial_options(const struct destinations *,
	    unsigned port);
/* Returns the number of ports that are left. */
size_t	destinations_left(const struct destinations *);
/* Returns whether to try the port again after this failure. */
bool	destinations_may_retry(const struct destinations *,
	    const struct error *);
/*
 * Reports a failed connection; if it is tried again, at -v only. last: no
 * other address is left. Returns the exit status.
 */
int	destinations_failed(struct destinations *, const struct target *,
	    const struct error *, bool last, bool retry);
/*
 * Tries the latest port again: reports the try, pauses, looks the host up anew
 * and calls found(). err: why; NULL: nothing failed.
 */
void	destinations_retry(struct destinations *, const struct error *err);
/* Connects again after a connection has ended; false: a signal ends the run. */
bool	destinations_return(struct destinations *);
/* Looks the host up anew, without a pause, and calls found(). */
void	destinations_refresh(void *destinations);
/*
 * A socket was bound to the local address: the path of a Unix socket is
 * removed at the end and before the next try.
 */
void	destinations_claim(struct destinations *);
/* Claims the path if the failed connection came as far as connect(2). */
void	destinations_claim_failed(struct destinations *, const struct error *);
void	destinations_free(struct destinations *);

#endif
