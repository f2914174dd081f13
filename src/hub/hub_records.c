/*
 * The records for a member of a hub, and the pace: who may send, and who is too
 * far behind to be waited for.
 */
#include <errno.h>
#include <string.h>

#include "base/diag.h"
#include "hub/hub.h"

uint64_t
hub_missing(const struct hub_member *m)
{
	if (m->hearing == HUB_HEARS)
		return fanout_missing(&m->reader);
	return m->hearing == HUB_LEAVES ? m->due : 0;
}

/* The rest of the record, or of its first line. */
static int
hub_lend_line(struct hub_member *m, struct iovec rec[2])
{
	int cnt = fanout_data(&m->reader, rec);

	for (int i = 0; i < cnt; i++) {
		char *lf = memchr(rec[i].iov_base, '\n', rec[i].iov_len);

		if (lf == NULL)
			continue;
		rec[i].iov_len = (size_t)(lf + 1 - (char *)rec[i].iov_base);
		return i + 1;
	}
	return cnt;
}

/* Lends records up to the last due, or as many as were lent before a text. */
static int
hub_lend_many(struct hub_member *m, struct iovec iov[HUB_LEND])
{
	uint64_t left = hub_has_text(m) ? m->lent : hub_missing(m);
	int cnt = m->out->record ? fanout_data(&m->reader, iov) :
	    fanout_data_many(&m->reader, iov, HUB_LEND);

	m->lent = 0;
	for (int i = 0; i < cnt; i++) {
		if (iov[i].iov_len >= left) {
			iov[i].iov_len = (size_t)left;
			cnt = i + 1;
		}
		left -= iov[i].iov_len;
		m->lent += iov[i].iov_len;
	}
	return cnt;
}

int
hub_lend_records(struct hub_member *m, struct iovec iov[HUB_LEND])
{
	int cnt;

	if (m->stamp == NULL)
		return hub_lend_many(m, iov);
	/* The stamp goes in one write with the line after the stamp. */
	if (!m->mid) {
		m->stamp_text[0] = '\0';
		m->stamp(m->stamp_text);
		m->stamp_at = 0;
		m->stamp_len = strlen(m->stamp_text);
	}
	m->mid = true;
	iov->iov_base = m->stamp_text + m->stamp_at;
	iov->iov_len = m->stamp_len - m->stamp_at;
	cnt = iov->iov_len > 0;
	return cnt + hub_lend_line(m, iov + cnt);
}

void
hub_took_records(struct hub_member *m, size_t n)
{
	size_t stamp = m->stamp_len - m->stamp_at;
	struct iovec line[2];

	/* The bytes of a stamp are not the room's. */
	if (m->stamp != NULL) {
		stamp = stamp < n ? stamp : n;
		m->stamp_at += stamp;
		n -= stamp;
		m->mid = n < fd_total(line, hub_lend_line(m, line));
	} else
		m->lent -= n;
	fanout_take(&m->reader, n);
	m->written += n;
	if (m->hearing == HUB_LEAVES)
		m->due -= n;
}

bool
hub_skip_datagram(struct hub_member *m, const struct iovec *iov, int cnt)
{
	size_t n = fd_total(iov, cnt);

	if (!m->stays || !m->out->record || (errno != EMSGSIZE &&
	    !errclass_is(errno, ERRCLASS_REPORT)))
		return false;
	hub_took_records(m, n);
	m->written -= n;
	m->lost += n;
	return true;
}

/* ---- The pace ----------------------------------------------------------- */

/*
 * Whether this member may send more; after being held, only when all listeners
 * are in the newer half of the ring, which a fast listener reaches at times.
 * The sender is waited for as a listener too, as long as any is, or its records
 * would push off the records not yet taken. The foremost other listener
 * is always waited for; a staying listener, only if there is no other.
 */
bool
hub_has_room(struct hub *h, const struct hub_member *from)
{
	uint64_t lag, foremost = UINT64_MAX, near = 0;
	int64_t grace, until = 0;
	const struct hub_member *m;
	bool room = true;
	/* Whole records make room; a reader may be within a record. */
	uint64_t most = from->was_held ? h->opt.ring / 2 :
	    h->opt.ring - h->opt.burst - h->opt.record - FANOUT_HEAD;

	if (fanout_span(&h->ring) <= most)
		return true;
	TAILQ_FOREACH(m, &h->members, link) {
		if (m->reader.of == NULL)
			continue;
		lag = fanout_lag(&m->reader);
		grace = m->behind_since == 0 ? 0 : m->behind_since + HUB_GRACE;
		if (grace == 0 || loop_now(h->loop) < grace) {
			room = room && lag <= most;
			until = timer_earlier(until, grace);
		}
		if (m != from && m->stays)
			near = lag;
		else if (m != from && lag < foremost)
			foremost = lag;
	}
	if (room && (foremost == UINT64_MAX ? near : foremost) <= most)
		return true;
	if (until != 0)
		timer_set(h->loop, &h->timer, until);
	return false;
}

void
hub_note_pace(struct hub_member *m)
{
	const struct hub *h = m->hub;

	if (m->reader.of == NULL || fanout_lag(&m->reader) <= h->opt.ring / 2)
		m->behind_since = 0;
	else if (m->behind_since == 0)
		m->behind_since = loop_now(h->loop);
}
