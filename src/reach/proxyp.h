/*
 * The header of the PROXY protocol, versions 1 and 2, as HAProxy's
 * specification of 2020/03/05 has it: made and parsed; and set-up layers that
 * send a header, or receive one, and no other byte.
 *
 * Laws: the parser takes no byte after the header, however the header is split;
 * a header has at most PROXYP_V1_MAX or PROXYP_V2_MAX bytes; the parser's
 * memory does not grow with the header.
 */
#ifndef REACH_PROXYP_H
#define REACH_PROXYP_H

#include <stdint.h>

#include "base/addr.h"
#include "layer/layer.h"

/* The longest headers that are taken; the CRLF of version 1 is included. */
#define PROXYP_V1_MAX	107
#define PROXYP_V2_MAX	(16 + 16384)
/* The fixed part of version 2 with the longest addresses: of Unix sockets. */
#define PROXYP_FIXED_MAX	(16 + 216)

/*
 * The ends of the announced connection: IPv4 or IPv6 addresses. len 0: not
 * announced; then the connection's own addresses count.
 */
struct proxyp_ends {
	struct addr	 source, dest;
	bool		 dgram;		/* datagrams were sent */
};

enum proxyp_state { PROXYP_MORE, PROXYP_DONE, PROXYP_BAD };

struct proxyp_parser {
	struct proxyp_ends ends;	/* of PROXYP_DONE */
	const char	*fault;		/* of PROXYP_BAD: the reason */
	size_t		 n;		/* bytes taken */
	size_t		 total;		/* of version 2; 0: not known yet */
	size_t		 tlvs_at;	/* where the TLVs begin; 0: ignored */
	size_t		 tlv_n;		/* bytes of this TLV, with its head */
	size_t		 tlv_len;	/* length of its value */
	unsigned char	 tlv_type;
	bool		 summed;	/* there is a checksum */
	uint32_t	 sum_told;	/* by the header */
	uint32_t	 sum;		/* CRC32C of the bytes so far */
	unsigned char	 fixed[PROXYP_FIXED_MAX];
};

void	proxyp_begin(struct proxyp_parser *);
/*
 * Takes the next bytes of the connection, of which *taken belong to the header:
 * all of them, if the state is PROXYP_MORE. Unix addresses count as not
 * announced: a listener's lists of addresses could not judge them.
 */
enum proxyp_state	proxyp_feed(struct proxyp_parser *, const void *,
			    size_t n, size_t *taken);

/*
 * Makes a header of this version, 1 or 2, of at most PROXYP_FIXED_MAX bytes;
 * returns the length. Ends without addresses of the net become UNKNOWN in
 * version 1 and LOCAL in version 2; so do datagrams in version 1.
 */
size_t	proxyp_build(unsigned version, const struct proxyp_ends *,
	    unsigned char buf[PROXYP_FIXED_MAX]);

/*
 * Fills the ends, which outlive the layer, when the header has come. NULL: no
 * memory.
 */
struct layer	*proxyp_receiver(struct proxyp_ends *);
/* Sends a header of this version. NULL: no memory. */
struct layer	*proxyp_sender(unsigned version, const struct proxyp_ends *);

#endif
