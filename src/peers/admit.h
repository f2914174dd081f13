/*
 * Who may send datagrams to us, and what may be sent back: every new sender
 * passes peers_admit, whatever serves it.
 *
 * Laws: a sender that is refused is reported once, not for each datagram.
 * While --max-amplification has a limit, a peer whose address may be forged
 * gets at most so many times the bytes that it has sent, until it has answered
 * (RFC 9000 section 8.1), and commands for such peers start at a bounded pace.
 * Two servers that answer each other are stopped (peers/loopguard.h).
 */
#ifndef PEERS_ADMIT_H
#define PEERS_ADMIT_H

#include "peers/loopguard.h"
#include "run/run.h"

/*
 * A peer has answered when it sends a datagram after something was sent to it,
 * or was withheld. Both directions count the headers of IP and UDP, and at
 * least the shortest packet of Ethernet, as the network does: so a typed word
 * may be answered by a line. Zeroed memory is a peer that has sent nothing.
 */
struct peer_credit {
	bool		answered;	/* there is no limit */
	bool		withheld;	/* an answer waits */
	uint64_t	got, sent;	/* bytes, until answered */
};

/* A peer that has answered. */
struct known_peer {
	uint64_t	who;		/* hash of the address and port */
	int64_t		when;		/* ns; 0: no peer */
};

/* Datagrams that were dropped, by reason. */
struct peers_drops {
	uint64_t	full;		/* the queue of the peer was full */
	uint64_t	denied;		/* by --allow and --deny */
	uint64_t	hurried;	/* too many new peers at once */
	uint64_t	no_place;	/* the house was full, or closed */
	uint64_t	left;		/* the endpoint was closed, and no other
					   has come for them so far */
	uint64_t	own;		/* from our own address */
	uint64_t	looped;		/* our own answers, by the loop guard */
};

struct admission {
	struct run		*run;
	struct loopguard	*guard;		/* owned; NULL: no answers */
	/* Whether the house has a place for a peer. NULL: for any number. */
	bool			(*has_place)(void *arg);
	void			*arg;
	bool			 greets;	/* report whom it admits */
	struct addr		 last;		/* the last that was admitted */
	struct addr		 refused;	/* ... and that was not */
	int64_t			 rest_until;	/* admits no peer; 0: does */
	int64_t			 strangers_at;	/* when the pace allows the
						   next unknown peer at once */
	unsigned		 amplify;	/* 0: no limit */
	uint64_t		 withheld;	/* answers */
	uint64_t		 seed;
	struct known_peer	*known;		/* owned; NULL: no limit */
	struct peers_drops	 drops;
};

/* answers: with a guard against loops of answers. -1 with errno: no memory. */
int	admission_init(struct admission *, struct run *, bool answers);
void	admission_free(struct admission *);

/*
 * Whether a sender may come in: by --allow and --deny, the pace of new peers
 * and the places of the house. local: the address that was called; NULL: the
 * socket's own. Without has_place, the sender that was admitted last is not
 * looked at again.
 */
bool	peers_admit(struct admission *, const struct addr *from,
	    const struct addr *local, int sock);
/*
 * Whether a datagram may be heard: false, it is one of too many answers of
 * ours. echoes: it is its own answer.
 */
bool	peers_hear(struct admission *, const struct addr *from, const void *,
	    size_t, bool echoes);
/*
 * A peer with this credit has sent a datagram. Returns whether an answer that
 * was withheld may be sent now.
 */
bool	peers_credit_add(struct admission *, struct peer_credit *,
	    const struct addr *from, size_t len);
/* Whether an answer may be sent; if not, the peer's next datagram frees it. */
bool	peers_may_answer(struct admission *, struct peer_credit *,
	    const struct addr *to, size_t len);
/* An answer was sent. */
void	peers_answered(struct admission *, struct peer_credit *,
	    const struct addr *to, const void *, size_t);
/* Whether the peer has answered in the last ten minutes. */
bool	peers_knows(const struct admission *, const struct addr *);

/* ---- Messages ----------------------------------------------------------- */

/* Prints with -v something about a sender. */
void	peers_warn(const struct run *, const struct addr *from,
	    const char *text);
/* Reports a broken datagram. told: the sender of the last report. */
void	peers_report_broken(const struct run *, const struct addr *from,
	    struct addr *told, const char *why);
/* At the end, with -v: how many datagrams were dropped, and why. */
void	peers_report_drops(const struct admission *);
/* One of these texts, by what serves the peers. */
const char	*peers_near(const struct run *, const char *command,
		    const char *target, const char *echo);

#endif
