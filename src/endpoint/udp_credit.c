/*
 * The limit of what is sent to peers that may be forged.
 */
#include "base/num.h"
#include "endpoint/udp_credit.h"

#define HEADERS_INET	28
#define HEADERS_INET6	48
#define SHORTEST	46
/* A peer that has answered is known for so long. */
#define KNOWN_TIME	(600 * NSEC_PER_SEC)

static uint64_t
udp_credit_cost(const struct addr *peer, size_t len)
{
	struct addr a = *peer;

	addr_unmap(&a);
	len += addr_family(&a) == AF_INET6 ? HEADERS_INET6 : HEADERS_INET;
	return len < SHORTEST ? SHORTEST : len;
}

bool
udp_credit_add(struct udp_credit *c, const struct addr *peer, size_t len)
{
	c->answered |= c->sent > 0 || c->withheld;
	c->withheld = false;
	c->got += udp_credit_cost(peer, len);
	return c->answered;
}

bool
udp_credit_spend(struct udp_credit *c, const struct addr *peer, size_t len,
    unsigned factor)
{
	uint64_t cost = udp_credit_cost(peer, len);

	/* The name of a Unix peer cannot be forged. */
	if (factor == 0 || c->answered || !addr_is_inet(peer))
		return true;
	c->withheld = c->sent + cost > factor * c->got;
	if (!c->withheld)
		c->sent += cost;
	return !c->withheld;
}

void
udp_credit_return(struct udp_credit *c, const struct addr *peer, size_t len,
    unsigned factor)
{
	if (factor != 0 && !c->answered && addr_is_inet(peer))
		c->sent -= udp_credit_cost(peer, len);
}

bool
udp_known_has(const struct udp_known *known, uint64_t who, int64_t now)
{
	const struct udp_known *k = &known[who % UDP_KNOWN];

	return k->when != 0 && k->who == who && now - k->when < KNOWN_TIME;
}

void
udp_known_add(struct udp_known *known, uint64_t who, int64_t now)
{
	known[who % UDP_KNOWN] = (struct udp_known){ .who = who,
	    .when = now };
}
