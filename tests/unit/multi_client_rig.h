/*
 * An endpoint that is the port of a hub with scripted members: sources, or
 * sinks.
 */
#ifndef CROWD_RIG_H
#define CROWD_RIG_H

#include "fake.h"
#include "hub/hub_port.h"
#include "unit.h"

#define N(n)		{ FAKE_SOME, (n), 0 }
#define FULL		{ FAKE_SOME, FAKE_FULL, 0 }
#define AGAIN		{ FAKE_AGAIN, 0, 0 }
#define END		{ FAKE_EOF, 0, 0 }
#define ERR(num)	{ FAKE_ERR, 0, (num) }
#define LEN(a)		((unsigned)(sizeof(a) / sizeof((a)[0])))

#define MANY	4

static struct loop	*loop;
static struct endpoint	 ep;
static struct fake	 ends[MANY];
/* How each of them came to its end: -1 not yet, else the errno. */
static int		 outcome[MANY];
static unsigned		 notified;

static inline void
note_notify(void *user)
{
	(void)user;
	notified++;
}

static inline void
rig_open(void)
{
	unsigned i;

	loop = loop_new();
	endpoint_init(&ep, loop);
	ep.notify = note_notify;
	notified = 0;
	for (i = 0; i < MANY; i++)
		outcome[i] = -1;
}

static inline void
rig_close(void)
{
	unsigned i;

	endpoint_close(&ep);
	loop_free(loop);
	for (i = 0; i < MANY; i++) {
		if (ends[i].broke != NULL) {
			printf("broken: %s\n", ends[i].broke);
			unit_bad = true;
		}
	}
}

#endif
