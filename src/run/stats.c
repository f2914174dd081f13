#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/reason.h"
#include "layer/layer.h"
#include "run/stats.h"

struct stats_facts *
stats_facts_new(const struct addr *local, int num, const struct layer *top,
    bool show_mapped)
{
	struct stats_facts *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	(void)clock_gettime(CLOCK_REALTIME, &f->started);
	if (local != NULL && local->len != 0)
		f->local = *local;
	else if (num == -1 || addr_local(&f->local, num) == -1)
		f->local.len = 0;
	if (!show_mapped)
		addr_unmap(&f->local);
	f->has_tls = top != NULL && layer_facts(top, &f->tls);
	return f;
}

static bool
stats_failed(const struct error *e)
{
	return e->num != 0 || e->gai != 0;
}

/* The end of a connection that has failed. */
static const char *
stats_end_of_failure(const struct error *e)
{
	switch (e->num) {
	case ECONNRESET:
	case EPIPE:
		return "reset";
	case ETIMEDOUT:
		return "timeout";
	default:
		return "error";
	}
}

const char *
stats_end(const struct outcome *o)
{
	static const char *const causes[] = {
		[SESSION_GOING] = "eof", [SESSION_EOF] = "eof",
		[SESSION_LINGER] = "eof",
		[SESSION_IDLE] = "timeout", [SESSION_TOTAL] = "timeout",
		[SESSION_LIMIT] = "limit", [SESSION_RESET] = "reset",
		[SESSION_INTERRUPTED] = "signal"
	};

	if (o->cause != SESSION_GOING && o->cause != SESSION_EOF)
		return causes[o->cause];
	if (stats_failed(&o->far_read))
		return stats_end_of_failure(&o->far_read);
	if (stats_failed(&o->far_write))
		return stats_end_of_failure(&o->far_write);
	return o->failed || stats_failed(&o->near_read) ||
	    stats_failed(&o->near_write) ? "error" : causes[o->cause];
}

bool
stats_side(const struct addr *a, char *buf, size_t size)
{
	char host[ADDR_HOST_MAX];

	if (a->len == 0 || *addr_host(a, host, sizeof(host)) == '\0')
		return false;
	if (addr_family(a) == AF_UNIX)
		(void)snprintf(buf, size, "%s", host);
	else
		(void)snprintf(buf, size, addr_family(a) == AF_INET6 ?
		    "[%s]:%u" : "%s:%u", host, addr_port(a));
	return true;
}

void
stats_print(const struct stats *s)
{
	char *line = NULL;

	if (!s->json) {
		messages_stats(s->peer, s->number, s->outcome);
		return;
	}
	if (s->facts != NULL)
		line = stats_json(s);
	if (line != NULL)
		diag_line(line);
	else
		diag_warnx("print the statistics failed: %s",
		    reason_text(ENOMEM));
	free(line);
}
