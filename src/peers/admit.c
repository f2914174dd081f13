/*
 * The one way in for senders of datagrams. See admit.h for the laws.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/num.h"
#include "door/access.h"
#include "peers/admit.h"

/* Commands for peers that have not answered before: at once, and the pace. */
#define STRANGERS	100
#define STRANGERS_PACE	(NSEC_PER_SEC / 20)
/* Bytes on the network: of the headers, and of the shortest packet. */
#define HEADERS_INET	28
#define HEADERS_INET6	48
#define SHORTEST	46
/* A peer that has answered is known for so long. */
#define KNOWN_TIME	(600 * NSEC_PER_SEC)
#define KNOWN		4096

int
admission_init(struct admission *a, struct run *r, bool answers)
{
	*a = (struct admission){ .run = r };
	if (!answers)
		return 0;
	if (r->plan->near == PLAN_EXEC)
		a->amplify = (unsigned)r->plan->exec.amplify;
	a->guard = loopguard_new();
	arc4random_buf(&a->seed, sizeof(a->seed));
	if (a->amplify != 0)
		a->known = calloc(KNOWN, sizeof(*a->known));
	if (a->guard != NULL && (a->amplify == 0 || a->known != NULL))
		return 0;
	admission_free(a);
	return -1;
}

void
admission_free(struct admission *a)
{
	free(a->guard);
	free(a->known);
	a->guard = NULL;
	a->known = NULL;
}

/* Writes the name of a sender into buf, and returns buf. */
static const char *
peers_name(const struct run *r, const struct addr *from, char *buf,
    size_t size)
{
	struct addr shown = *from;

	if (!r->plan->show_mapped)
		addr_unmap(&shown);
	run_peer_name(r->plan, NULL, &shown, buf, size);
	return buf;
}

void
peers_warn(const struct run *r, const struct addr *from, const char *text)
{
	char name[ENDPOINT_NAME_MAX];

	if (r->plan->verbose > 0)
		diag_warnx("%s %s", peers_name(r, from, name, sizeof(name)),
		    text);
}

/* ---- Coming in ---------------------------------------------------------- */

/*
 * Forged senders start commands at a bounded pace. A peer that has answered
 * before is always served.
 */
static bool
peers_is_in_time(struct admission *a, const struct addr *from)
{
	int64_t now = loop_now(a->run->loop);

	if (a->amplify == 0 || addr_family(from) == AF_UNIX ||
	    peers_knows(a, from))
		return true;
	if (a->strangers_at > now + STRANGERS * STRANGERS_PACE) {
		if (a->drops.hurried++ == 0)
			peers_warn(a->run, from, "is one of too many new "
			    "peers: their datagrams are dropped");
		return false;
	}
	a->strangers_at = (a->strangers_at > now ? a->strangers_at : now) +
	    STRANGERS_PACE;
	return true;
}

bool
peers_admit(struct admission *a, const struct addr *from,
    const struct addr *to, int sock)
{
	struct run *r = a->run;
	struct addr peer = *from, local;

	if (a->has_place == NULL && from->len != 0 &&
	    addr_equal(from, &a->last))
		return true;
	if (loop_now(r->loop) < a->rest_until)
		return false;
	if (to == NULL)
		run_ends(r, from, sock, &peer, &local);
	else {
		local = *to;
		if (!r->plan->show_mapped) {
			addr_unmap(&peer);
			addr_unmap(&local);
		}
	}
	if (!run_would_admit(r, &peer)) {
		if (a->refused.len == 0 || !addr_equal(from, &a->refused))
			(void)run_admits(r, &peer, &local);
		a->refused = *from;
		a->drops.denied++;
		return false;
	}
	if (!peers_is_in_time(a, from) ||
	    (a->has_place != NULL && !a->has_place(a->arg)))
		return false;
	/* A sender without a name is one of many in a room. */
	if (a->greets && (from->len != 0 || a->has_place != NULL))
		REPORT(r->plan, EVENT_ACCEPTED, .peer = &peer, .local = &local);
	if (from->len != 0)
		a->last = *from;
	return true;
}

/* ---- Loops -------------------------------------------------------------- */

bool
peers_hear(struct admission *a, const struct addr *from, const void *data,
    size_t n, bool echoes)
{
	if (from->len == 0 || loopguard_passes(a->guard, from, data, n,
	    loop_now(a->run->loop), echoes))
		return true;
	if (a->drops.looped++ == 0)
		peers_warn(a->run, from,
		    "sends our answers back: some are dropped");
	return false;
}

/* ---- Amplification ------------------------------------------------------ */

static uint64_t
peers_cost(const struct addr *peer, size_t len)
{
	struct addr a = *peer;

	addr_unmap(&a);
	len += addr_family(&a) == AF_INET6 ? HEADERS_INET6 : HEADERS_INET;
	return len < SHORTEST ? SHORTEST : len;
}

static struct known_peer *
peers_known(const struct admission *a, const struct addr *peer, uint64_t *who)
{
	*who = loopguard_hash_addr(a->seed, peer);
	return &a->known[*who % KNOWN];
}

bool
peers_knows(const struct admission *a, const struct addr *peer)
{
	const struct known_peer *k;
	uint64_t who;

	if (a->known == NULL)
		return false;
	k = peers_known(a, peer, &who);
	return k->when != 0 && k->who == who &&
	    loop_now(a->run->loop) - k->when < KNOWN_TIME;
}

bool
peers_credit_add(struct admission *a, struct peer_credit *c,
    const struct addr *from, size_t len)
{
	struct known_peer *k;
	bool waits = c->withheld;
	uint64_t who;

	if (a->known == NULL)
		return false;
	c->answered |= c->sent > 0 || waits;
	c->withheld = false;
	c->got += peers_cost(from, len);
	if (!c->answered)
		return false;
	k = peers_known(a, from, &who);
	*k = (struct known_peer){ .who = who, .when = loop_now(a->run->loop) };
	return waits;
}

/* The first is reported in any case: its peer seems to get no answer. */
bool
peers_may_answer(struct admission *a, struct peer_credit *c,
    const struct addr *to, size_t len)
{
	char name[ENDPOINT_NAME_MAX];
	bool waited = c->withheld;

	/* The name of a Unix peer cannot be forged. */
	if (a->amplify == 0 || c->answered || !addr_is_inet(to))
		return true;
	c->withheld = c->sent + peers_cost(to, len) > a->amplify * c->got;
	if (!c->withheld || waited)
		return !c->withheld;
	if (a->withheld++ == 0 || a->run->plan->verbose > 0)
		diag_warnx("%s gets no reply yet: it is over %u times the "
		    "request (--max-amplification)", peers_name(a->run, to,
		    name, sizeof(name)), a->amplify);
	return false;
}

void
peers_answered(struct admission *a, struct peer_credit *c,
    const struct addr *to, const void *data, size_t n)
{
	if (a->amplify != 0 && !c->answered && addr_is_inet(to))
		c->sent += peers_cost(to, n);
	loopguard_answered(a->guard, to, data, n, loop_now(a->run->loop));
}

/* ---- Messages ----------------------------------------------------------- */

void
peers_report_broken(const struct run *r, const struct addr *from,
    struct addr *told, const char *why)
{
	char name[ENDPOINT_NAME_MAX];
	struct error err;

	if (told->len != 0 && addr_equal(from, told))
		return;
	*told = *from;
	error_set(&err, EBADMSG, "read from", "%s", peers_name(r, from, name,
	    sizeof(name)));
	(void)snprintf(err.why, sizeof(err.why), "%s", why);
	(void)messages_failed(r->plan, &err);
}

const char *
peers_near(const struct run *r, const char *command, const char *target,
    const char *echo)
{
	return r->plan->near == PLAN_FORWARD ? target :
	    r->plan->near == PLAN_ECHO ? echo : command;
}

void
peers_report_drops(const struct admission *a)
{
	const struct run *r = a->run;
	const struct peers_drops *d = &a->drops;
	const struct {
		uint64_t	 n;
		const char	*why;
	} reasons[] = {
		{ d->full, peers_near(r, "for commands that were too slow",
		    "for targets that were too slow", "that found no room") },
		{ d->denied, "of peers that are not allowed" },
		{ d->hurried, "of new peers, which came faster than "
		    "20 a second" },
		{ d->no_place, "of peers beyond the limit (--max-conns)" },
		{ d->left, peers_near(r, "that a command left unread",
		    "that a target left unread", "left unread") },
		{ d->looped, "that were our own answers" },
		{ d->own, "from our own address" }
	};

	if (r->plan->verbose == 0)
		return;
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].n > 0)
			diag_warnx("dropped %" PRIu64 " datagram%s %s",
			    reasons[i].n, reasons[i].n == 1 ? "" : "s",
			    reasons[i].why);
	if (a->withheld > 0)
		diag_warnx("withheld %" PRIu64 " answer%s until their peers "
		    "sent again", a->withheld, a->withheld == 1 ? "" : "s");
}
