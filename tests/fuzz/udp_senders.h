/*
 * Who sends datagrams, what they send, and which of it the guard against
 * loops stops: another guard, with the same seed, is asked.
 */
#ifndef FUZZ_UDP_SENDERS_H
#define FUZZ_UDP_SENDERS_H

#include "dgrams.h"
#include "peers/loopguard.h"

/* At each socket; an operation chooses among a group of them. */
#define SENDERS		24
#define GROUP		8

/* The last answer to a sender. */
static struct answered {
	bool		 any;
	unsigned char	 data[DGRAM_MAX];
	size_t		 len;
} answered[SOCKETS][SENDERS];

static struct loopguard	*sender_guard;

/* The last of them has no name, where that is possible. */
static inline struct addr
sender_addr(unsigned sock, unsigned who)
{
	struct addr a;

	memset(&a, 0, sizeof(a));
	switch (addr_family(&socks[sock].bound)) {
	case AF_INET:
		a.len = sizeof(a.u.in);
		a.u.in.sin_family = AF_INET;
		a.u.in.sin_addr.s_addr = htonl(0x0a000001 + who / 3);
		break;
	case AF_INET6:
		a.len = sizeof(a.u.in6);
		a.u.in6.sin6_family = AF_INET6;
		a.u.in6.sin6_addr.s6_addr[15] = (uint8_t)(2 + who / 3);
		a.u.in6.sin6_addr.s6_addr[who & 1 ? 10 : 0] = 0xfe;
		break;
	default:
		a.u.un.sun_family = AF_UNIX;
		a.u.un.sun_path[0] = '/';
		a.u.un.sun_path[1] = (char)('a' + who);
		a.len = who == SENDERS - 1 ? sizeof(a.u.un.sun_family) :
		    offsetof(struct sockaddr_un, sun_path) + 3;
	}
	addr_set_port(&a, 1000 + who % 3);
	return a;
}

/* SENDERS: it is none of them. */
static inline unsigned
sender_of(unsigned sock, const struct addr *a)
{
	struct addr b;
	unsigned i;

	for (i = 0; i < SENDERS; i++) {
		b = sender_addr(sock, i);
		if (b.len == a->len && memcmp(&b.u, &a->u, b.len) == 0)
			return i;
	}
	return SENDERS;
}

static inline bool
is_nameless(const struct addr *a)
{
	return a->len <= sizeof(a->u.sa.sa_family);
}

static inline bool
guard_passes(unsigned sock, unsigned who, const unsigned char *data, size_t n,
    int64_t now)
{
	struct addr a = sender_addr(sock, who);

	return loopguard_passes(sender_guard, &a, data, n, now, false);
}

static inline void
guard_answered(unsigned sock, unsigned who, const unsigned char *data,
    size_t n, int64_t now)
{
	struct answered *a = &answered[sock][who];
	struct addr to = sender_addr(sock, who);

	loopguard_answered(sender_guard, &to, data, n, now);
	a->any = true;
	memcpy(a->data, data, n);
	a->len = n;
}

/* ---- What they send ----------------------------------------------------- */

static unsigned char
sent_byte(unsigned number, size_t i)
{
	return (unsigned char)(number * 37 + i * 11 + i / 251);
}

/*
 * Something new (a number, so that no two are the same), nothing at all, or
 * the last answer as it was or with words around it.
 */
static inline void
make_words(struct packet *p, unsigned sock, unsigned who, unsigned how,
    size_t n, unsigned number)
{
	const struct answered *a = &answered[sock][who];
	size_t i, at = 0;

	p->len = 0;
	if (how % 8 == 7)
		return;
	if (how % 8 > 2 && a->any && a->len + 8 <= DGRAM_MAX) {
		at = how % 8 == 4 ? 5 : 0;
		memset(p->data, '>', at);
		memcpy(p->data + at, a->data, a->len);
		p->len = at + a->len;
		if (how % 8 == 5) {
			p->len -= p->len > 0 && p->data[p->len - 1] == '\n';
			p->data[p->len++] = '<';
		}
		return;
	}
	for (i = 0; i < n; i++)
		p->data[i] = sent_byte(number, i);
	if (n > 0 && how % 8 == 2)
		p->data[n - 1] = '\n';
	p->len = n;
}

#endif
