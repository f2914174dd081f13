/*
 * Rooms that take what is read as a record: the broker passes it on as it
 * is; the one of ncat's --chat puts before it who said it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/room.h"

#define BROKER_READ	((size_t)64 << 10)
#define NCAT_READ	((size_t)8 << 10)
/* "<user4294967295> ", and each byte as \ooo. */
#define NCAT_SAYS	(NCAT_READ * 4 + 32)
/* Their numbers are descriptors, the first of which is this one. */
#define NCAT_FIRST	4

static void
broker_came(struct guest *g)
{
	room_let_in(g);
}

static void
broker_said(struct guest *g, const unsigned char *in, size_t n)
{
	room_say(g->room, &g->member, in, n);
}

static const char *
broker_leaves(struct guest *g, char *buf, size_t size)
{
	(void)g, (void)buf, (void)size;
	return NULL;
}

/* What -C makes of the input, or the input itself. */
static int
broker_filtered(struct room *room, const unsigned char *in, size_t n,
    struct iovec iov[2])
{
	if (room->up == NULL) {
		iov[0].iov_base = (void *)(uintptr_t)in;
		iov[0].iov_len = n;
		return n > 0;
	}
	if (ring_space(&room->scratch, iov, 1) == -1) {
		room_lost(room, n);
		return 0;
	}
	room->up->ops->push(room->up, in, n, n == 0, &room->scratch);
	return ring_data(&room->scratch, iov, SIZE_MAX);
}

static void
broker_input_said(struct room *room, const unsigned char *in, size_t n,
    void (*say)(struct room *, const unsigned char *, size_t))
{
	struct iovec iov[2];
	int i, cnt = broker_filtered(room, in, n, iov);

	for (i = 0; i < cnt; i++)
		say(room, iov[i].iov_base, iov[i].iov_len);
	ring_take(&room->scratch, ring_used(&room->scratch));
	ring_release(&room->scratch);
}

static void
broker_pass_on(struct room *room, const unsigned char *text, size_t n)
{
	room_say(room, &room->near, text, n);
}

static void
broker_operator_said(struct room *room, const unsigned char *in, size_t n)
{
	broker_input_said(room, in, n, broker_pass_on);
}

static void
broker_operator_missed(struct room *room, uint64_t n)
{
	(void)room;
	diag_warnx("standard output was too slow (%" PRIu64 " bytes lost)",
	    n);
}

const struct room_kind room_broker = {
	.read = BROKER_READ,
	.burst = 2 * BROKER_READ + 64,
	.record = 2 * BROKER_READ,
	.waits = true,
	.came = broker_came,
	.said = broker_said,
	.leaves = broker_leaves,
	.operator_said = broker_operator_said,
	.operator_missed = broker_operator_missed
};

static void
broker_ncat_say(struct room *room, struct hub_member *from, unsigned id,
    const unsigned char *in, size_t n)
{
	char *text;
	size_t i, used;

	if (n == 0)
		return;
	if ((text = malloc(NCAT_SAYS)) == NULL) {
		room_lost(room, n);
		return;
	}
	used = (size_t)snprintf(text, NCAT_SAYS, "<user%u> ", id);
	for (i = 0; i < n; i++) {
		if ((in[i] >= ' ' && in[i] < 0x7f) || in[i] == '\n' ||
		    in[i] == '\r' || in[i] == '\t')
			text[used++] = (char)in[i];
		else
			used += (size_t)snprintf(text + used,
			    NCAT_SAYS - used, "\\%03o", in[i]);
	}
	room_say(room, from, text, used);
	free(text);
}

static unsigned
broker_ncat_id(const struct guest *g)
{
	return g->number + NCAT_FIRST - 1;
}

static const char *
broker_host_of(const struct guest *g, char buf[ADDR_HOST_MAX])
{
	return addr_family(&g->peer) == AF_UNIX ? "unknown" :
	    addr_host(&g->peer, buf, ADDR_HOST_MAX);
}

/* Who was there before it. */
static void
broker_list_others(FILE *f, const struct guest *new)
{
	const struct guest *g;
	const char *gap = "";
	char host[ADDR_HOST_MAX];

	fputs("<announce> already connected: ", f);
	TAILQ_FOREACH(g, &new->room->guests, link) {
		if (!g->in || g == new)
			continue;
		fprintf(f, "%s%s as <user%u>", gap, broker_host_of(g, host),
		    broker_ncat_id(g));
		gap = ", ";
	}
	fputs(*gap == '\0' ? "nobody.\n" : ".\n", f);
}

static void
broker_ncat_came(struct guest *g)
{
	char *text = NULL, host[ADDR_HOST_MAX];
	size_t n = 0;
	FILE *f;

	room_let_in(g);
	if ((f = open_memstream(&text, &n)) == NULL)
		return;
	fprintf(f, "<announce> %s is connected as <user%u>.\n",
	    broker_host_of(g, host), broker_ncat_id(g));
	broker_list_others(f, g);
	if (fclose(f) == 0)
		room_say(g->room, NULL, text, n);
	free(text);
}

static void
broker_ncat_said(struct guest *g, const unsigned char *in, size_t n)
{
	broker_ncat_say(g->room, &g->member, broker_ncat_id(g), in, n);
}

static const char *
broker_ncat_leaves(struct guest *g, char *buf, size_t size)
{
	char text[64];

	(void)buf, (void)size;
	(void)snprintf(text, sizeof(text),
	    "<announce> <user%u> is disconnected.\n", broker_ncat_id(g));
	if (g->part != PART_CLOSED)
		room_say(g->room, &g->member, text, strlen(text));
	return NULL;
}

static void
broker_as_user0(struct room *room, const unsigned char *text, size_t n)
{
	broker_ncat_say(room, &room->near, 0, text, n);
}

static void
broker_ncat_operator_said(struct room *room, const unsigned char *in, size_t n)
{
	broker_input_said(room, in, n, broker_as_user0);
}

const struct room_kind room_ncat = {
	.read = NCAT_READ,
	.burst = 4 * NCAT_SAYS,
	.record = 2 * NCAT_SAYS,
	.waits = true,
	.came = broker_ncat_came,
	.said = broker_ncat_said,
	.leaves = broker_ncat_leaves,
	.operator_said = broker_ncat_operator_said,
	.operator_missed = broker_operator_missed
};
