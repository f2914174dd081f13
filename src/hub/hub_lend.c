/*
 * The records for a member of a hub.
 */
#include <errno.h>
#include <string.h>

#include "base/errclass.h"
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
hub_lend_many(struct hub_member *m, struct iovec iov[LAYER_LEND])
{
	uint64_t left = hub_has_text(m) ? m->lent : hub_missing(m);
	int cnt = m->out->record ? fanout_data(&m->reader, iov) :
	    fanout_data_many(&m->reader, iov, LAYER_LEND);

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
hub_lend_records(struct hub_member *m, struct iovec iov[LAYER_LEND])
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
