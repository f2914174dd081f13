/*
 * Is there anybody at a datagram port? Datagrams are sent until one comes
 * back, a refusal comes, or the time is over. Few systems refuse more than
 * some ports a second, and any of the packets may be lost: so more than one
 * is sent, at growing distances.
 */
#ifndef SCAN_UDP_PROBE_H
#define SCAN_UDP_PROBE_H

#include "io/fd.h"
#include "loop/loop.h"

enum answer { ANSWER_OPEN, ANSWER_REFUSED, ANSWER_NONE };

struct udp_probe;

struct udp_probe_options {
	int64_t	 wait;		/* ns, in all */
	int	 probes;	/* datagrams, at most; 0: no limit */
	char	 byte;		/* content of each of them */
	/* Called once, from a turn; num is the errno of a refusal. */
	void	(*done)(void *arg, enum answer, int num);
	void	*arg;
};

/* fd is connected, and ours from now on. NULL with errno: it is closed. */
struct udp_probe	*udp_probe_start(struct loop *, struct fd *,
		    const struct udp_probe_options *);
/* done() is not called any more. */
void		 udp_probe_cancel(struct udp_probe *);

#endif
