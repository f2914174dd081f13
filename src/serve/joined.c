/*
 * Messages of many at once.
 */
#include <errno.h>
#include <stdio.h>

#include "frame/frame_filters.h"
#include "pump/stage.h"
#include "pump/unpack.h"
#include "run/stages.h"
#include "serve/joined.h"

/* ---- Connections -------------------------------------------------------- */

int
joined_decode(const struct run *r, struct endpoint *ep)
{
	const struct frame_rules rules = run_frame_rules(r->plan);
	struct filter *in;

	/* What is not listened to is not decoded either. */
	if (rules.format == FRAME_NONE || r->near.out.top == NULL)
		return 0;
	in = filter_frame_whole(&rules, !r->plan->frame.output_raw, false);
	return in == NULL ? -1 : stage_endpoint(ep, in, NULL);
}

static size_t
joined_measure(const void *arg, const struct iovec *iov, int cnt, bool *whole)
{
	struct frame_reader ahead = *(const struct frame_reader *)arg;

	return frame_length(&ahead, iov, cnt, whole);
}

static bool
joined_passed(void *arg, const struct iovec *iov, int cnt, size_t n)
{
	struct frame_reader *r = arg;
	struct iovec piece;
	bool ended;
	int i;

	for (i = 0; i < cnt && n > 0; i++) {
		piece = iov[i];
		if (piece.iov_len > n)
			piece.iov_len = n;
		n -= piece.iov_len;
		while (piece.iov_len > 0) {
			size_t len = frame_length(r, &piece, 1, &ended);

			piece.iov_base = (char *)piece.iov_base + len;
			piece.iov_len -= len;
		}
	}
	return !frame_reader_between(r);
}

void
joined_by_messages(const struct plan *plan, struct scatter *s,
    struct frame_reader *frames)
{
	const struct frame_rules rules = run_frame_rules(plan);
	const struct scatter_units units = { .measure = joined_measure,
	    .passed = joined_passed, .arg = frames };

	if (rules.format == FRAME_NONE)
		return;
	frame_reader_init(frames, &rules);
	scatter_by_units(s, &units);
}

/* ---- Datagrams ---------------------------------------------------------- */

void
joined_say_broken(const struct run *r, const struct addr *from,
    struct addr *told, const char *why)
{
	struct addr shown = *from;
	char name[ENDPOINT_NAME_MAX];
	struct error err;

	if (told->len != 0 && addr_equal(from, told))
		return;
	*told = *from;
	if (!r->plan->show_mapped)
		addr_unmap(&shown);
	run_peer_name(r->plan, NULL, &shown, name, sizeof(name));
	error_set(&err, EBADMSG, "read from", "%s", name);
	(void)snprintf(err.why, sizeof(err.why), "%s", why);
	(void)r->messages->failed(r->plan, &err);
}

static void
joined_on_broken(void *arg, const char *why)
{
	struct joined_senders *j = arg;

	joined_say_broken(j->run, layer_udp_from(j->udp), &j->told, why);
}

int
joined_unpack(struct joined_senders *j, struct run *r, struct endpoint *ep)
{
	const struct unpack_options opt = {
		.rules = run_frame_rules(r->plan),
		.lf = !r->plan->frame.output_raw,
		.broken = joined_on_broken, .arg = j
	};

	if (opt.rules.format == FRAME_NONE)
		return 0;
	*j = (struct joined_senders){ .run = r };
	/* Whatever stands above it. */
	for (j->udp = ep->in.top; j->udp->below != NULL; )
		j->udp = j->udp->below;
	return unpack_endpoint(ep, &opt);
}
