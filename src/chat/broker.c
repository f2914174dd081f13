/*
 * Rooms that pass on each read as a record: the broker the bytes alone, the
 * room of ncat's --chat after the number of the sender.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/room.h"

#define BROKER_READ	((size_t)64 << 10)
#define NCAT_READ	((size_t)8 << 10)
/* "<user4294967295> ", and each byte as \ooo. */
#define NCAT_RECORD	(NCAT_READ * 4 + 32)
/* ncat numbers its clients by descriptor; this is the first number. */
#define NCAT_FIRST	4

static void
broker_received(struct room *room, struct member *m, const unsigned char *in,
    size_t n)
{
	room_broadcast(room, m != NULL ? &m->hub : &room->near, in, n, false);
}

const struct room_kind room_broker = {
	.read = BROKER_READ,
	.burst = 2 * BROKER_READ + 64,
	.record = 2 * BROKER_READ,
	.scratch = 2 * BROKER_READ + 1,
	.waits = true,
	.arrived = room_admit,
	.received = broker_received
};

/* ---- ncat --chat -------------------------------------------------------- */

static unsigned
broker_ncat_id(const struct member *m)
{
	return m->conn.number + NCAT_FIRST - 1;
}

static void
broker_ncat_received(struct room *room, struct member *m,
    const unsigned char *in, size_t n)
{
	char *text;
	size_t used;

	if (n == 0)
		return;
	if ((text = malloc(NCAT_RECORD)) == NULL) {
		room_report_loss(room, n);
		return;
	}
	used = (size_t)snprintf(text, NCAT_RECORD, "<user%u> ",
	    m != NULL ? broker_ncat_id(m) : 0);
	for (size_t i = 0; i < n; i++) {
		if ((in[i] >= ' ' && in[i] < 0x7f) || in[i] == '\n' ||
		    in[i] == '\r' || in[i] == '\t')
			text[used++] = (char)in[i];
		else
			used += (size_t)snprintf(text + used,
			    NCAT_RECORD - used, "\\%03o", in[i]);
	}
	room_broadcast(room, m != NULL ? &m->hub : &room->near, text, used,
	    false);
	free(text);
}

static const char *
broker_host_of(const struct member *m, char buf[ADDR_HOST_MAX])
{
	struct addr peer;

	return addr_family(member_peer(m, &peer)) == AF_UNIX ? "unknown" :
	    addr_host(&peer, buf, ADDR_HOST_MAX);
}

static void
broker_ncat_arrived(struct member *m)
{
	char *text = NULL, host[ADDR_HOST_MAX];
	const struct member *other;
	const char *gap = "";
	size_t n = 0;
	FILE *f;

	room_admit(m);
	if ((f = open_memstream(&text, &n)) == NULL)
		return;
	fprintf(f, "<announce> %s is connected as <user%u>.\n"
	    "<announce> already connected: ", broker_host_of(m, host),
	    broker_ncat_id(m));
	TAILQ_FOREACH(other, &m->room->members, link) {
		if (!other->in || other == m)
			continue;
		fprintf(f, "%s%s as <user%u>", gap,
		    broker_host_of(other, host), broker_ncat_id(other));
		gap = ", ";
	}
	fputs(*gap == '\0' ? "nobody.\n" : ".\n", f);
	if (fclose(f) == 0)
		room_broadcast(m->room, NULL, text, n, false);
	free(text);
}

static const char *
broker_ncat_leaving(struct member *m, char *buf, size_t size)
{
	(void)snprintf(buf, size, "<announce> <user%u> is disconnected.\n",
	    broker_ncat_id(m));
	if (m->conn.cause != SESSION_INTERRUPTED)
		room_broadcast(m->room, &m->hub, buf, strlen(buf), false);
	return NULL;
}

const struct room_kind room_ncat = {
	.read = NCAT_READ,
	.burst = 4 * NCAT_RECORD,
	.record = 2 * NCAT_RECORD,
	.scratch = 2 * NCAT_READ + 1,
	.waits = true,
	.arrived = broker_ncat_arrived,
	.received = broker_ncat_received,
	.leaving = broker_ncat_leaving
};
