/*
 * Telnet negotiation (RFC 854), as a machine: it reads what a peer sends and
 * answers what is asked. We are no terminal and have no options: what is
 * asked of us (DO) we will not (WONT), what is offered (WILL) we do not want
 * (DONT).
 *
 * Laws: the result does not depend on where the bytes are split; each
 * question is answered once, and nothing else is: a WONT or a DONT changes
 * nothing here, and two that answer those would go on for ever; no more than
 * TELNET_ANSWERS are kept for a peer that does not read them: then one that
 * waits is an answer to the same question, too.
 */
#ifndef LAYER_TELNET_H
#define LAYER_TELNET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum {
	TELNET_SE = 240, TELNET_SB = 250, TELNET_WILL = 251,
	TELNET_WONT = 252, TELNET_DO = 253, TELNET_DONT = 254,
	TELNET_IAC = 255
};

/* Bytes of one answer, and the most answers that wait. */
#define TELNET_ANSWER	((size_t)3)
#define TELNET_ANSWERS	1024

enum telnet_state {
	TELNET_DATA,
	TELNET_COMMAND,		/* behind an IAC */
	TELNET_OPTION,		/* behind WILL, WONT, DO or DONT */
	TELNET_INSIDE,		/* a subnegotiation, which ends by IAC SE */
	TELNET_INSIDE_IAC
};

struct telnet {
	enum telnet_state	 state;
	unsigned char		 verb;		/* of TELNET_OPTION */
	bool			 strip;
	bool			 mute;		/* nobody reads answers */
	struct buf		 answers;
};

/* strip: negotiation is no data, and IAC IAC is the one byte it stands for. */
void	telnet_init(struct telnet *, bool strip);
void	telnet_free(struct telnet *);
/*
 * n bytes have come; what is data stays at their front. How many these are.
 * Answers may wait afterwards; answers.failed: there was no memory for one.
 */
size_t	telnet_read(struct telnet *, unsigned char *, size_t n);
/* No answer can be sent any more. */
void	telnet_mute(struct telnet *);

#endif
