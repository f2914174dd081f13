/*
 * Probes a datagram port: sends datagrams until an answer or a refusal comes,
 * or the time is over. Most systems refuse only a few ports a second, and each
 * packet may be lost: so several are sent, with growing pauses.
 */
#ifndef SCAN_UDP_PROBE_H
#define SCAN_UDP_PROBE_H

#include "io/fd.h"
#include "loop/loop.h"
#include "scan/scan_results.h"

struct udp_probe;

struct udp_probe_options {
	struct addr	 addr;	/* of the port, for the finding */
	int64_t	 wait;		/* ns in total */
	int	 probes;	/* most datagrams; 0: no limit */
	char	 byte;		/* content of each datagram */
	/* Called once, from a turn. */
	void	(*done)(void *arg, const struct finding *);
	void	*arg;
};

/* Owns the fd, which is connected. Returns NULL with errno on failure. */
struct udp_probe	*udp_probe_start(struct loop *, struct fd *,
		    const struct udp_probe_options *);
/* Frees the probe (or NULL); done() is not called. */
void		 udp_probe_cancel(struct udp_probe *);

#endif
