/*
 * Files that get a copy of the traffic: hex dumps and plain ones. What is
 * seen is what each connection's read gave and its write took, in order.
 *
 * Laws: a file that cannot be written is told of once and given up, the
 * sessions go on, and the program's status tells it where the personality
 * keeps its promises; a file that takes nothing at the moment (a pipe) never
 * holds up a session; what was seen is in the files when the program ends.
 */
#ifndef RUN_TAPS_H
#define RUN_TAPS_H

#include "endpoint/endpoint.h"

struct run;
struct taps;

/* Open what the plan asks for: r->taps; 0 or the exit status after words. */
int	taps_open(struct run *);
/* From now on what passes ep is seen, if it is to be; -1 with errno. */
int	taps_wrap(struct run *, struct endpoint *);
/* The rest goes into the files; r->status may become worse. */
void	taps_close(struct run *);

#endif
