/*
 * Everybody's datagrams, each line behind the tag of its sender.
 *
 * The socket is the one source of a gather, whose tag changes with the
 * sender.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/errclass.h"
#include "endpoint/gather.h"
#include "endpoint/scatter.h"
#include "mode/receive.h"
#include "mode/receive_tagged.h"
#include "run/socket_layers.h"
#include "run/tag.h"

struct tagged {
	struct run		*run;
	struct endpoint		 ep;
	struct gather		 gather;
	struct gather_source	 src;
	struct scatter		 scatter;
	struct scatter_member	 dst;
	struct timer		 rest;		/* while src is none of them */
	struct addr		 from;		/* whose tag it is */
	char			*tag;
};

static void
tagged_fail(struct run *r)
{
	struct error err;

	error_set(&err, errno, "watch", "the datagram socket");
	run_fail_peer(r, &err);
}

static void
tagged_retag(struct tagged *t, const struct addr *from)
{
	struct addr peer, local;
	size_t len;
	char *tag;

	if (t->tag != NULL && addr_equal(from, &t->from))
		return;
	run_ends(t->run, from, t->ep.in_watch.fd, &peer, &local);
	tag = tag_text(t->run->plan->serve.tag, &(struct tag){
	    .peer = &peer }, &len);
	/* Without memory the last one stands there: better than none. */
	if (tag == NULL)
		return;
	free(t->tag);
	t->src.tag = t->tag = tag;
	t->src.tag_len = len;
	t->from = *from;
}

static bool
on_tagged_sender(void *arg, const struct addr *from)
{
	struct tagged *t = arg;

	if (!run_admits_at(t->run, from, t->ep.in_watch.fd))
		return false;
	tagged_retag(t, from);
	return true;
}

/* Called from within a step of the session, which sends after it receives. */
static void
on_tagged_peer(void *arg, const struct addr *from)
{
	struct tagged *t = arg;

	run_say_accepted(t->run, from, t->ep.in_watch.fd);
	t->run->far.out.ready = true;
}

static void
on_tagged_ready(void *arg)
{
	struct tagged *t = arg;

	if (t->ep.in.ready)
		gather_wake(&t->src);
	if (t->ep.out.ready)
		scatter_wake(&t->dst);
}

static void	tagged_add_source(struct tagged *);

static void
on_tagged_rested(void *arg)
{
	tagged_add_source(arg);
}

/* The socket itself has failed, or the system is short of memory. */
static void
on_tagged_ended(void *arg, struct gather_source *s, int num)
{
	struct tagged *t = arg;
	struct run *r = t->run;
	struct error err;

	(void)s;
	error_set(&err, num, "read from", "the datagram socket");
	if (!errclass_is(num, ERRCLASS_SHORT)) {
		run_fail(r, &err);
		return;
	}
	(void)r->messages->failed(r->plan, &err);
	timer_set(r->loop, &t->rest, loop_now(r->loop) + RECEIVE_REST);
}

static void
tagged_add_source(struct tagged *t)
{
	t->src = (struct gather_source){ .from = &t->ep.in,
	    .tag = t->tag != NULL ? t->tag : "", .tag_len = t->src.tag_len,
	    .ended = on_tagged_ended, .arg = t };
	gather_add(&t->gather, &t->src);
}

static void
on_tagged_over(void *arg, struct scatter_member *m, int num)
{
	(void)arg, (void)m, (void)num;
}

void
tagged_free(struct tagged *t)
{
	if (t == NULL)
		return;
	timer_clear(t->run->loop, &t->rest);
	gather_remove(&t->src);
	scatter_remove(&t->dst);
	endpoint_close(&t->ep);
	free(t->tag);
	free(t);
}

void
tagged_hear(struct tagged **made, struct run *r, struct fd *fd,
    struct dgram_senders *senders)
{
	static const char name[] = "datagram socket";
	struct tagged *t = calloc(1, sizeof(*t));

	if (t == NULL ||
	    endpoint_udp(&t->ep, r->loop, fd, on_tagged_peer, t) == -1) {
		free(t);
		tagged_fail(r);
		fd_close(fd);
		return;
	}
	endpoint_udp_hears(&t->ep, on_tagged_sender);
	t->run = r;
	t->rest = (struct timer){ .fire = on_tagged_rested, .arg = t };
	*made = t;
	if (socket_layers_up(r, &t->ep) == -1 ||
	    dgram_senders_unpack(senders, r, &t->ep) == -1) {
		tagged_fail(r);
		return;
	}
	t->ep.notify = on_tagged_ready;
	t->ep.user = t;
	endpoint_init(&r->far, r->loop);
	gather_init(&t->gather, &r->far, GATHER_LINES, name);
	scatter_init(&t->scatter, &r->far, SCATTER_FIRST, name);
	endpoint_rename(&r->far, name);
	/* What is written keeps the bounds of datagrams. */
	r->far.out.record = true;
	t->dst = (struct scatter_member){ .to = &t->ep.out,
	    .over = on_tagged_over, .arg = t };
	tagged_add_source(t);
	scatter_add(&t->scatter, &t->dst);
	run_session(r, true, false);
}
