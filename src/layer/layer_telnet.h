/*
 * Telnet negotiation (RFC 854): a machine that reads the peer's bytes and
 * answers questions, and a layer around it. This program is not a terminal and
 * has no options: DO is answered with WONT, and WILL with DONT.
 *
 * Laws of the machine: the result does not depend on where the bytes are
 * split; each question is answered once, and WONT and DONT are not answered
 * (answers to them could go on for ever); at most TELNET_ANSWERS answers are
 * kept for a peer that does not read: then a kept answer also serves the same
 * question asked again. A question costs the same, however many are kept.
 * Laws of the layer: an answer stands between two writes, never within a write
 * of which the kernel took a part; answers never wait for room by blocking.
 */
#ifndef LAYER_LAYER_TELNET_H
#define LAYER_LAYER_TELNET_H

#include "base/buf.h"
#include "layer/layer.h"

enum {
	TELNET_SB = 250, TELNET_WILL = 251,
	TELNET_WONT = 252, TELNET_DO = 253, TELNET_DONT = 254,
	TELNET_IAC = 255
};

/* Bytes of an answer, and the most answers that are kept. */
#define TELNET_ANSWER	((size_t)3)
#define TELNET_ANSWERS	1024

enum telnet_state {
	TELNET_DATA,
	TELNET_COMMAND,		/* after IAC */
	TELNET_OPTION,		/* after WILL, WONT, DO or DONT */
	TELNET_INSIDE,		/* of a subnegotiation, until IAC SE */
	TELNET_INSIDE_IAC
};

/* Zeroed at the start. */
struct telnet {
	enum telnet_state	 state;
	unsigned char		 verb;		/* of TELNET_OPTION */
	/* Takes negotiation out of the data, and makes IAC IAC one byte. */
	bool			 strip;
	bool			 mute;		/* answers cannot be sent */
	struct buf		 answers;	/* owned */
	bool			 kept[2][256];	/* WILL, DO: of an option; the
						   answer is in the second half
						   of a full buffer */
};

/*
 * Reads n bytes, and moves those that are data to their front; returns the
 * count of these. answers.failed: there was no memory for an answer.
 */
size_t	telnet_read(struct telnet *, unsigned char *, size_t n);

/*
 * Makes a layer, to be put above others; NULL: no memory. clean: reads give
 * data alone, and writes double the byte 255, the escape of that byte; else
 * the bytes pass unchanged. records: each write stays one record.
 */
struct layer	*layer_telnet(bool clean, bool records);

#endif
