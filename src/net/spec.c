#include <arpa/inet.h>
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "net/spec.h"

#define V4_BITS	32
#define V4_HEAD	(SPEC_BITS_MAX - V4_BITS)

/* ---- Prefixes ----------------------------------------------------------- */

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

void
prefix_cut(struct prefix *p, unsigned bits)
{
	unsigned i = bits / 8;

	p->bits = (uint8_t)bits;
	if (bits % 8 != 0) {
		p->addr[i] &= (uint8_t)(0xff00 >> bits % 8);
		i++;
	}
	for (; i < sizeof(p->addr); i++)
		p->addr[i] = 0;
}

unsigned
prefix_make(struct prefix *p, const struct addr *a, long bits)
{
	bool v4 = addr_family(a) == AF_INET;
	unsigned most = v4 ? V4_BITS : SPEC_BITS_MAX;
	unsigned head = v4 ? V4_HEAD : 0;

	memset(p, 0, sizeof(*p));
	if (v4) {
		memcpy(p->addr, mapped, sizeof(mapped));
		memcpy(p->addr + sizeof(mapped), &a->u.in.sin_addr, 4);
	} else if (addr_family(a) == AF_INET6) {
		memcpy(p->addr, &a->u.in6.sin6_addr, sizeof(p->addr));
		p->scope = a->u.in6.sin6_scope_id;
	}
	if (bits > (long)most)
		return most;
	prefix_cut(p, bits < 0 ? SPEC_BITS_MAX : head + (unsigned)bits);
	return 0;
}

bool
octets_match(const struct octets *o, const struct prefix *p)
{
	const uint8_t *v4 = p->addr + sizeof(mapped);

	if (memcmp(p->addr, mapped, sizeof(mapped)) != 0)
		return false;
	for (int i = 0; i < 4; i++)
		if ((o->may[i][v4[i] / 8] & 1 << v4[i] % 8) == 0)
			return false;
	return true;
}

/* ---- Patterns of octets ------------------------------------------------ */

/* Reads digits up to 255; false if the number is larger, or there is none. */
static bool
spec_octet(const char **s, unsigned *n)
{
	if (!isdigit((unsigned char)**s))
		return false;
	for (*n = 0; isdigit((unsigned char)**s); (*s)++)
		if ((*n = *n * 10 + (unsigned)(**s - '0')) > 255)
			return false;
	return true;
}

/* Allows the octets from lo to hi. */
static void
spec_allow_octets(uint8_t may[32], unsigned lo, unsigned hi)
{
	for (; lo <= hi; lo++)
		may[lo / 8] |= (uint8_t)(1 << lo % 8);
}

/* "7", "1-9", "-9", "1-", "-" or "*". */
static bool
spec_octet_range(const char **s, uint8_t may[32])
{
	unsigned lo = 0, hi = 255;
	bool given;

	if (**s == '*')
		(*s)++;
	else {
		given = spec_octet(s, &lo);
		if (**s == '-') {
			(*s)++;
			if (isdigit((unsigned char)**s) && !spec_octet(s, &hi))
				return false;
		} else if (!given)
			return false;
		else
			hi = lo;
	}
	if (lo > hi)
		return false;
	spec_allow_octets(may, lo, hi);
	return true;
}

/* Reads ranges with commas between them, four times. */
static bool
spec_read_octets(const char *s, struct octets *o)
{
	memset(o, 0, sizeof(*o));
	for (int i = 0; i < 4; i++, s++) {
		do
			if (!spec_octet_range(&s, o->may[i]))
				return false;
		while (*s == ',' && s++ != NULL);
		if (*s != (i < 3 ? '.' : '\0'))
			return false;
	}
	return true;
}

/* Allows every address whose first bits equal those of an allowed address. */
static void
spec_widen(struct octets *o, unsigned bits)
{
	unsigned own, rest;

	for (unsigned i = 0; i < 4; i++) {
		own = bits <= 8 * i ? 0 : bits - 8 * i;
		rest = own < 8 ? 0xffu >> own : 0;
		for (unsigned v = 0; v < 256; v++)
			if (o->may[i][v / 8] & 1 << v % 8) {
				spec_allow_octets(o->may[i], v & ~rest,
				    v | rest);
				v |= rest;
			}
	}
}

/* ---- Words ------------------------------------------------------------- */

/* A word without letters needs no resolver to fail. */
static bool
spec_may_be_name(const char *word)
{
	bool letter = false;

	for (; *word != '\0'; word++)
		if (isalpha((unsigned char)*word) || (*word & 0x80) != 0)
			letter = true;
		else if (strchr("0123456789-._", *word) == NULL)
			return false;
	return letter;
}

static enum spec_kind
spec_bad(struct spec *s, enum access_fault fault, unsigned most, bool plain)
{
	s->fault = fault;
	s->most = most;
	s->plain = plain;
	return SPEC_BAD;
}

enum spec_kind
spec_parse(char *word, bool loose, struct spec *s)
{
	char *slash = strchr(word, '/'), *end;
	struct in_addr in;
	struct addr a;
	unsigned most;

	memset(s, 0, sizeof(*s));
	s->bits = -1;
	if (slash != NULL) {
		*slash = '\0';
		if (!isdigit((unsigned char)slash[1]))
			return spec_bad(s, ACCESS_MASK, 0, false);
		s->bits = strtol(slash + 1, &end, 10);
		if (*end != '\0' || s->bits == LONG_MAX)
			return spec_bad(s, ACCESS_MASK, 0, false);
	}
	if (*word == '\0')
		return spec_bad(s, ACCESS_EMPTY, 0, false);
	if (addr_numeric(&a, word, AF_UNSPEC)) {
		/* To getaddrinfo(3), 10.0.0 is 10.0.0.0, 010.0.0.1 8.0.0.1. */
		if (!loose && addr_family(&a) == AF_INET &&
		    inet_pton(AF_INET, word, &in) != 1)
			return spec_bad(s, ACCESS_SHORT, 0, true);
		if ((most = prefix_make(&s->prefix, &a, s->bits)) != 0)
			return spec_bad(s, ACCESS_BITS, most, true);
		return SPEC_PREFIX;
	}
	if (!spec_read_octets(word, &s->octets))
		return spec_may_be_name(word) ? SPEC_NAME :
		    spec_bad(s, ACCESS_WORD, 0, false);
	if (s->bits > V4_BITS)
		return spec_bad(s, ACCESS_BITS, V4_BITS, false);
	if (s->bits >= 0)
		spec_widen(&s->octets, (unsigned)s->bits);
	return SPEC_OCTETS;
}
