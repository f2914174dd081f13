/*
 * Files that get a copy of the traffic: hex dumps and plain bytes. A copy has
 * the bytes that each connection's reads returned and its writes took, in
 * order.
 *
 * Laws: a file that cannot be written is reported once and given up, and the
 * sessions go on; the exit status is then 1 where the personality says so. A
 * file that takes nothing for now (a pipe) never delays a session. At the end
 * of the program the files have all that passed.
 */
#ifndef RUN_TAPS_H
#define RUN_TAPS_H

#include "base/diag.h"
#include "endpoint/endpoint.h"

struct plan;
struct run;
struct taps;

/*
 * Checks, before any is opened, that the files which a plan writes to are
 * different files by whatever names; devices may be named twice. Returns -1
 * with the error.
 */
int	taps_check_files(const struct plan *, struct error *);
/* Opens the plan's files as r->taps. Reports errors; the exit status, or 0. */
int	taps_open(struct run *);
/* Copies from now on what passes the endpoint. Returns -1 with errno. */
int	taps_wrap(struct run *, struct endpoint *);
/* Writes the backlogs and closes the files; may set r->status. */
void	taps_close(struct run *);

#endif
