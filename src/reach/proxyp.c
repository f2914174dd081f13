#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "loop/loop.h"
#include "reach/proxyp.h"

/* The fields of version 2. */
#define PROXYP_SIGNATURE	"\r\n\r\n\0\r\nQUIT\n"
#define PROXYP_SIGNATURE_LEN	12
#define PROXYP_AT_COMMAND	12
#define PROXYP_AT_FAMILY	13
#define PROXYP_AT_LENGTH	14
#define PROXYP_AT_ADDRESSES	16
#define PROXYP_LOCAL		0x20
#define PROXYP_PROXY		0x21
#define PROXYP_STREAM		0x01
#define PROXYP_DGRAM		0x02
#define PROXYP_INET		0x10
#define PROXYP_INET6		0x20
#define PROXYP_TLV_HEAD		3	/* type, length */
#define PROXYP_TLV_CRC32C	0x03

#define PROXYP_V1_BEGIN		"PROXY "
#define PROXYP_V1_BEGIN_LEN	6

/* ---- Addresses ---------------------------------------------------------- */

static void
proxyp_set_inet(struct addr *a, const void *host, const void *port)
{
	memset(a, 0, sizeof(*a));
	a->len = sizeof(a->u.in);
	a->u.in.sin_family = AF_INET;
	memcpy(&a->u.in.sin_addr, host, sizeof(a->u.in.sin_addr));
	memcpy(&a->u.in.sin_port, port, sizeof(a->u.in.sin_port));
}

static void
proxyp_set_inet6(struct addr *a, const void *host, const void *port)
{
	memset(a, 0, sizeof(*a));
	a->len = sizeof(a->u.in6);
	a->u.in6.sin6_family = AF_INET6;
	memcpy(&a->u.in6.sin6_addr, host, sizeof(a->u.in6.sin6_addr));
	memcpy(&a->u.in6.sin6_port, port, sizeof(a->u.in6.sin6_port));
}

/* Makes an IPv4 address ::ffff:192.0.2.1, as its partner is IPv6. */
static void
proxyp_map(struct addr *a)
{
	const struct addr v4 = *a;
	unsigned char host[16] = { [10] = 0xff, [11] = 0xff };

	if (addr_family(a) != AF_INET)
		return;
	memcpy(host + 12, &v4.u.in.sin_addr, 4);
	proxyp_set_inet6(a, host, &v4.u.in.sin_port);
}

/* ---- Parsing ------------------------------------------------------------ */

void
proxyp_begin(struct proxyp_parser *p)
{
	memset(p, 0, sizeof(*p));
	p->sum = UINT32_MAX;
}

static enum proxyp_state
proxyp_refuse(struct proxyp_parser *p, const char *why)
{
	p->fault = why;
	memset(&p->ends, 0, sizeof(p->ends));
	return PROXYP_BAD;
}

/* Reads a port without a sign or a zero in front, in the net's order. */
static bool
proxyp_read_port(const char *word, in_port_t *port)
{
	unsigned n = 0;

	if (*word == '\0' || strlen(word) > 5 ||
	    (word[0] == '0' && word[1] != '\0'))
		return false;
	for (; *word >= '0' && *word <= '9'; word++)
		n = n * 10 + (unsigned)(*word - '0');
	*port = htons((uint16_t)n);
	return *word == '\0' && n <= UINT16_MAX;
}

static bool
proxyp_read_end(struct addr *a, int family, const char *host, const char *port)
{
	unsigned char number[16];
	in_port_t n;

	if (inet_pton(family, host, number) != 1 || !proxyp_read_port(port, &n))
		return false;
	(family == AF_INET ? proxyp_set_inet : proxyp_set_inet6)(a, number,
	    &n);
	return true;
}

/*
 * Cuts the text at exactly n - 1 spaces. False: there are more, or fewer, or
 * a byte that no word has.
 */
static bool
proxyp_cut(char *text, char **words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		words[i] = text;
		text += strcspn(text, " ");
		if ((*text == ' ') != (i + 1 < n))
			return false;
		if (*text == ' ')
			*text++ = '\0';
	}
	return true;
}

/* The line after "PROXY ", without its CRLF. */
static enum proxyp_state
proxyp_read_line(struct proxyp_parser *p, char *line, size_t len)
{
	char *words[5];
	int family;

	if (strncmp(line, "UNKNOWN", 7) == 0 && (len == 7 || line[7] == ' '))
		return PROXYP_DONE;
	if (strlen(line) != len || !proxyp_cut(line, words, 5))
		return proxyp_refuse(p, "the PROXY line has a wrong form");
	if (strcmp(words[0], "TCP4") == 0)
		family = AF_INET;
	else if (strcmp(words[0], "TCP6") == 0)
		family = AF_INET6;
	else
		return proxyp_refuse(p, "the PROXY line has an unknown "
		    "protocol");
	if (!proxyp_read_end(&p->ends.source, family, words[1], words[3]) ||
	    !proxyp_read_end(&p->ends.dest, family, words[2], words[4]))
		return proxyp_refuse(p, "the PROXY line has a wrong address "
		    "or port");
	return PROXYP_DONE;
}

/* Takes a byte of version 1, which is in fixed already. */
static enum proxyp_state
proxyp_take_v1(struct proxyp_parser *p)
{
	char line[PROXYP_V1_MAX + 1];
	size_t len;

	if (p->n <= PROXYP_V1_BEGIN_LEN)
		return p->fixed[p->n - 1] == PROXYP_V1_BEGIN[p->n - 1] ?
		    PROXYP_MORE : proxyp_refuse(p, "there is no PROXY header");
	if (p->fixed[p->n - 2] == '\r' && p->fixed[p->n - 1] == '\n') {
		len = p->n - PROXYP_V1_BEGIN_LEN - 2;
		memcpy(line, p->fixed + PROXYP_V1_BEGIN_LEN, len);
		line[len] = '\0';
		return proxyp_read_line(p, line, len);
	}
	return p->n < PROXYP_V1_MAX ? PROXYP_MORE :
	    proxyp_refuse(p, "the PROXY line is longer than 107 bytes");
}

/* Reads the fixed part before the addresses. */
static enum proxyp_state
proxyp_read_fixed(struct proxyp_parser *p)
{
	unsigned char command = p->fixed[PROXYP_AT_COMMAND];
	unsigned char family = p->fixed[PROXYP_AT_FAMILY];
	size_t length = (size_t)p->fixed[PROXYP_AT_LENGTH] << 8 |
	    p->fixed[PROXYP_AT_LENGTH + 1];
	static const size_t lens[] = { 0, 12, 36, 216 };

	if (command != PROXYP_LOCAL && command != PROXYP_PROXY)
		return proxyp_refuse(p, "the PROXY header has an unknown "
		    "version or command");
	p->total = PROXYP_AT_ADDRESSES + length;
	if (p->total > PROXYP_V2_MAX)
		return proxyp_refuse(p, "the PROXY header is too long");
	/* Without addresses the block has no known form, and is skipped. */
	if (command == PROXYP_LOCAL || family == 0)
		return PROXYP_MORE;
	if (family >> 4 > 3 || (family & 0x0f) > PROXYP_DGRAM)
		return proxyp_refuse(p, "the PROXY header has an unknown "
		    "family of addresses");
	/* The addresses of a family, with the ports. */
	if (lens[family >> 4] > length)
		return proxyp_refuse(p, "the PROXY header is too short for "
		    "its addresses");
	p->tlvs_at = PROXYP_AT_ADDRESSES + lens[family >> 4];
	return PROXYP_MORE;
}

static void
proxyp_read_addresses(struct proxyp_parser *p)
{
	const unsigned char *a = p->fixed + PROXYP_AT_ADDRESSES;
	unsigned char family = p->fixed[PROXYP_AT_FAMILY];

	p->ends.dgram = (family & 0x0f) == PROXYP_DGRAM;
	if ((family & 0x0f) == 0)
		return;
	if ((family & 0xf0) == PROXYP_INET) {
		proxyp_set_inet(&p->ends.source, a, a + 8);
		proxyp_set_inet(&p->ends.dest, a + 4, a + 10);
	} else if ((family & 0xf0) == PROXYP_INET6) {
		proxyp_set_inet6(&p->ends.source, a, a + 32);
		proxyp_set_inet6(&p->ends.dest, a + 16, a + 34);
	}
}

/* Takes a byte of a TLV. Returns the byte that the checksum is made of. */
static unsigned char
proxyp_take_tlv(struct proxyp_parser *p, unsigned char byte)
{
	size_t at = p->tlv_n++;

	if (at == 0) {
		p->tlv_type = byte;
		p->tlv_len = 0;
	} else if (at < PROXYP_TLV_HEAD) {
		p->tlv_len = p->tlv_len << 8 | byte;
		if (at + 1 == PROXYP_TLV_HEAD &&
		    p->tlv_type == PROXYP_TLV_CRC32C && (p->summed ||
		    p->tlv_len != sizeof(p->sum_told)))
			p->fault = "the PROXY header has a wrong checksum";
		p->summed |= at + 1 == PROXYP_TLV_HEAD &&
		    p->tlv_type == PROXYP_TLV_CRC32C;
	} else if (p->tlv_type == PROXYP_TLV_CRC32C) {
		p->sum_told = p->sum_told << 8 | byte;
		byte = 0;
	}
	if (p->tlv_n >= PROXYP_TLV_HEAD &&
	    p->tlv_n == PROXYP_TLV_HEAD + p->tlv_len)
		p->tlv_n = 0;
	return byte;
}

static enum proxyp_state
proxyp_end_v2(struct proxyp_parser *p)
{
	if (p->tlvs_at == 0)
		return PROXYP_DONE;
	if (p->tlv_n != 0)
		return proxyp_refuse(p, "the PROXY header ends within a TLV");
	if (p->summed && p->sum_told != (p->sum ^ UINT32_MAX))
		return proxyp_refuse(p, "the PROXY header has a wrong "
		    "checksum");
	proxyp_read_addresses(p);
	return PROXYP_DONE;
}

static enum proxyp_state
proxyp_take_v2(struct proxyp_parser *p, unsigned char byte)
{
	unsigned char summed = byte;
	uint32_t sum;

	if (p->n <= PROXYP_SIGNATURE_LEN &&
	    byte != (unsigned char)PROXYP_SIGNATURE[p->n - 1])
		return proxyp_refuse(p, "there is no PROXY header");
	if (p->tlvs_at != 0 && p->n > p->tlvs_at)
		summed = proxyp_take_tlv(p, byte);
	/* CRC32C (RFC 4960, appendix B), bit by bit. */
	sum = p->sum ^ summed;
	for (int i = 0; i < 8; i++)
		sum = sum >> 1 ^ (sum & 1 ? 0x82f63b78 : 0);
	p->sum = sum;
	if (p->fault != NULL)
		return proxyp_refuse(p, p->fault);
	if (p->n == PROXYP_AT_ADDRESSES &&
	    proxyp_read_fixed(p) == PROXYP_BAD)
		return PROXYP_BAD;
	return p->total != 0 && p->n == p->total ? proxyp_end_v2(p) :
	    PROXYP_MORE;
}

enum proxyp_state
proxyp_feed(struct proxyp_parser *p, const void *bytes, size_t n, size_t *taken)
{
	const unsigned char *at = bytes;
	enum proxyp_state state = p->fault != NULL ? PROXYP_BAD : PROXYP_MORE;

	for (*taken = 0; state == PROXYP_MORE && *taken < n; ++*taken) {
		if (p->n < sizeof(p->fixed))
			p->fixed[p->n] = at[*taken];
		p->n++;
		state = p->fixed[0] == PROXYP_SIGNATURE[0] ?
		    proxyp_take_v2(p, at[*taken]) : proxyp_take_v1(p);
	}
	return state;
}

/* ---- Making ------------------------------------------------------------- */

static size_t
proxyp_build_v1(const struct addr *source, const struct addr *dest,
    unsigned char *buf)
{
	bool four = addr_family(source) == AF_INET;
	char from[INET6_ADDRSTRLEN] = "", to[INET6_ADDRSTRLEN] = "";
	char line[PROXYP_V1_MAX + 1];
	int n;

	if (four) {
		(void)inet_ntop(AF_INET, &source->u.in.sin_addr, from,
		    sizeof(from));
		(void)inet_ntop(AF_INET, &dest->u.in.sin_addr, to, sizeof(to));
	} else {
		(void)inet_ntop(AF_INET6, &source->u.in6.sin6_addr, from,
		    sizeof(from));
		(void)inet_ntop(AF_INET6, &dest->u.in6.sin6_addr, to,
		    sizeof(to));
	}
	n = snprintf(line, sizeof(line), "PROXY TCP%c %s %s %u %u\r\n",
	    four ? '4' : '6', from, to, addr_port(source), addr_port(dest));
	memcpy(buf, line, (size_t)n);
	return (size_t)n;
}

/* Adds the two addresses, and then the two ports; returns the length. */
static size_t
proxyp_put_addresses(const struct addr *source, const struct addr *dest,
    unsigned char *buf)
{
	const void *from = &source->u.in6.sin6_addr;
	const void *to = &dest->u.in6.sin6_addr;
	uint16_t ports[2] = { htons((uint16_t)addr_port(source)),
	    htons((uint16_t)addr_port(dest)) };
	size_t len = 16;

	if (addr_family(source) == AF_INET) {
		from = &source->u.in.sin_addr;
		to = &dest->u.in.sin_addr;
		len = 4;
	}
	memcpy(buf, from, len);
	memcpy(buf + len, to, len);
	memcpy(buf + 2 * len, ports, sizeof(ports));
	return 2 * len + sizeof(ports);
}

size_t
proxyp_build(unsigned version, const struct proxyp_ends *ends,
    unsigned char buf[PROXYP_FIXED_MAX])
{
	struct addr source = ends->source, dest = ends->dest;
	bool known = addr_is_inet(&source) && addr_is_inet(&dest);
	size_t len = 0;

	addr_unmap(&source);
	addr_unmap(&dest);
	if (known && addr_family(&source) != addr_family(&dest)) {
		proxyp_map(&source);
		proxyp_map(&dest);
	}
	if (version == 1 && known && !ends->dgram)
		return proxyp_build_v1(&source, &dest, buf);
	if (version == 1) {
		memcpy(buf, "PROXY UNKNOWN\r\n", 15);
		return 15;
	}
	memset(buf, 0, PROXYP_AT_ADDRESSES);
	memcpy(buf, PROXYP_SIGNATURE, PROXYP_SIGNATURE_LEN);
	buf[PROXYP_AT_COMMAND] = PROXYP_LOCAL;
	if (known) {
		buf[PROXYP_AT_COMMAND] = PROXYP_PROXY;
		buf[PROXYP_AT_FAMILY] = (unsigned char)
		    ((addr_family(&source) == AF_INET ? PROXYP_INET :
		    PROXYP_INET6) | (ends->dgram ? PROXYP_DGRAM :
		    PROXYP_STREAM));
		len = proxyp_put_addresses(&source, &dest,
		    buf + PROXYP_AT_ADDRESSES);
	}
	buf[PROXYP_AT_LENGTH + 1] = (unsigned char)len;
	return PROXYP_AT_ADDRESSES + len;
}

/* ---- The layers --------------------------------------------------------- */

/* Bytes that a turn looks at: more than a usual header. */
#define PROXYP_LOOK	512

struct proxyp_layer {
	struct layer		 layer;
	struct proxyp_ends	*ends;
	size_t			 owed;	/* looked at, not yet taken */
	enum proxyp_state	 state;
	struct proxyp_parser	 parser;
};

struct proxyp_header {
	struct layer		 layer;
	size_t			 at, len;
	unsigned char		 bytes[PROXYP_FIXED_MAX];
};

/*
 * Looks at more of the header, and takes what has been looked at. All bytes of
 * an unfinished header are the header's, so the socket is not ready again until
 * the next byte comes.
 */
static enum io
proxyp_layer_receive(struct layer *l)
{
	struct proxyp_layer *p = (struct proxyp_layer *)l;
	unsigned char bytes[PROXYP_LOOK];
	struct iovec iov = { .iov_base = bytes };
	enum io io = IO_OK;
	size_t n;

	if (p->owed == 0 && (io = l->below->ops->look(l->below, bytes,
	    sizeof(bytes), &n)) == IO_OK)
		p->state = proxyp_feed(&p->parser, bytes, n, &p->owed);
	for (; p->owed > 0 && io == IO_OK && p->state != PROXYP_BAD;
	    p->owed -= n) {
		iov.iov_len = p->owed;
		n = 0;
		io = l->below->ops->read(l->below, &iov, 1, &n);
	}
	if (p->state == PROXYP_BAD || io == IO_EOF) {
		errno = io == IO_EOF ? ECONNRESET : EPROTO;
		if (io == IO_EOF)
			p->parser.fault = p->parser.n == 0 ?
			    "the connection ended without a PROXY header" :
			    "the connection ended within the PROXY header";
		return IO_FAIL;
	}
	if (io == IO_FAIL) {
		p->parser.fault = "";
		return IO_FAIL;
	}
	if (p->state != PROXYP_DONE || p->owed > 0)
		return IO_AGAIN;
	*p->ends = p->parser.ends;
	/* The client's first bytes have most likely come with the header. */
	layer_fd(l->below)->early = true;
	return IO_OK;
}

/* Without another fault, the time is over. */
static const char *
proxyp_layer_fault(const struct layer *l)
{
	const struct proxyp_layer *p = (const struct proxyp_layer *)l;

	return p->parser.fault != NULL ? p->parser.fault :
	    "no complete PROXY header came in time";
}

struct layer *
proxyp_receiver(struct proxyp_ends *ends)
{
	static const struct layer_ops ops = {
		.handshake = proxyp_layer_receive, .fault = proxyp_layer_fault
	};
	struct proxyp_layer *p = layer_new(sizeof(*p), &ops);

	if (p == NULL)
		return NULL;
	p->ends = ends;
	proxyp_begin(&p->parser);
	return &p->layer;
}

static enum io
proxyp_layer_send(struct layer *l)
{
	struct proxyp_header *h = (struct proxyp_header *)l;
	struct iovec iov = { h->bytes + h->at, h->len - h->at };
	size_t n = 0;
	enum io io = l->below->ops->write(l->below, &iov, 1, &n);

	h->at += n;
	if (io == IO_EOF)
		errno = EPIPE;
	return io != IO_OK && io != IO_AGAIN ? IO_FAIL :
	    h->at == h->len ? IO_OK : IO_AGAIN;
}

static unsigned
proxyp_layer_want(const struct layer *l, unsigned wish)
{
	(void)l, (void)wish;
	return LOOP_OUT;
}

struct layer *
proxyp_sender(unsigned version, const struct proxyp_ends *ends)
{
	static const struct layer_ops ops = {
		.handshake = proxyp_layer_send, .want = proxyp_layer_want
	};
	struct proxyp_header *h = layer_new(sizeof(*h), &ops);

	if (h == NULL)
		return NULL;
	h->len = proxyp_build(version, ends, h->bytes);
	return &h->layer;
}
