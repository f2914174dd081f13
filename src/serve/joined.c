/*
 * Messages of many at once.
 */
#include <errno.h>
#include <stdio.h>

#include "pump/unpack.h"
#include "run/stages.h"
#include "serve/joined.h"

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
