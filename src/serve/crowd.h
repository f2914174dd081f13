/*
 * Many clients at once on the standard streams: one session, whose far
 * endpoint gathers what the clients send, and scatters the input over them.
 *
 * Laws: what fails for one client ends that client alone, and is told; a
 * client that has ended gets what was on its way to it, and is closed; a
 * limit of silence or time is each client's own. The session begins with the
 * first client, so that the input is not read before there is one.
 */
#ifndef SERVE_CROWD_H
#define SERVE_CROWD_H

#include "endpoint/gather.h"
#include "endpoint/scatter.h"
#include "frame/frame.h"
#include "serve/conn.h"

struct crowd {
	struct run	*run;
	struct gather	 gather;
	struct scatter	 scatter;
	struct frame_reader frames;	/* of what is scattered */
	bool		 begun;
};

void		 crowd_init(struct crowd *, struct run *);
/* A client; conn_start.common is the crowd. */
struct conn	*conn_crowd(const struct conn_start *, int *status);
/* What the clients held as the session was over. */
void		 crowd_add_losses(const struct crowd *, struct outcome *);

#endif
