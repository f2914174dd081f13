/*
 * Several senders to one socket.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "pump/stage.h"
#include "serve/dgram_senders.h"

/* The name of a sender in messages. */
static void
dgram_senders_name(const struct run *r, const struct addr *from, char *name,
    size_t size)
{
	struct addr shown = *from;

	if (!r->plan->show_mapped)
		addr_unmap(&shown);
	run_peer_name(r->plan, NULL, &shown, name, size);
}

void
dgram_senders_tell(const struct run *r, const struct addr *from,
    const char *text)
{
	char name[ENDPOINT_NAME_MAX];

	dgram_senders_name(r, from, name, sizeof(name));
	diag_warnx("%s %s", name, text);
}

void
dgram_senders_warn(const struct run *r, const struct addr *from,
    const char *text)
{
	if (r->plan->verbose > 0)
		dgram_senders_tell(r, from, text);
}

void
dgram_senders_dropped(const struct run *r, uint64_t n, const char *why)
{
	if (n > 0 && r->plan->verbose > 0)
		diag_warnx("dropped %" PRIu64 " datagram%s %s", n,
		    n == 1 ? "" : "s", why);
}

void
dgram_senders_report(const struct run *r, const struct addr *from,
    struct addr *told, const char *why)
{
	char name[ENDPOINT_NAME_MAX];
	struct error err;

	if (told->len != 0 && addr_equal(from, told))
		return;
	*told = *from;
	dgram_senders_name(r, from, name, sizeof(name));
	error_set(&err, EBADMSG, "read from", "%s", name);
	(void)snprintf(err.why, sizeof(err.why), "%s", why);
	(void)r->messages->failed(r->plan, &err);
}

static void
dgram_senders_on_broken(void *arg, const char *why)
{
	struct dgram_senders *d = arg;

	dgram_senders_report(d->run, layer_udp_from(d->udp), &d->told,
	    why);
}

int
dgram_senders_unpack(struct dgram_senders *d, struct run *r,
    struct endpoint *ep)
{
	const struct unpack_options opt = {
		.rules = run_frame_rules(r->plan),
		.lf = !r->plan->frame.output_raw,
		.broken = dgram_senders_on_broken, .arg = d
	};

	if (opt.rules.format == FRAME_NONE)
		return 0;
	*d = (struct dgram_senders){ .run = r };
	for (d->udp = ep->in.top; d->udp->below != NULL; )
		d->udp = d->udp->below;
	return unpack_endpoint(ep, &opt);
}
