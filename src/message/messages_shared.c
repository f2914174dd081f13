#include <sys/wait.h>

#include <inttypes.h>
#include <stdio.h>

#include "base/num.h"
#include "message/rows.h"

/* What several personalities say alike. */

#define ACCESS(what, words) \
	{ ON(ACCESS_FAILED), .code = ACCESS_##what, \
	    .text = "{where}: " words "{colonword}" }

const struct message messages_shared[] = {
	ACCESS(EMPTY, "there is no address"),
	ACCESS(WORD, "not an address, a prefix or a name"),
	ACCESS(SHORT, "not four decimal numbers"),
	ACCESS(MASK, "prefix length invalid"),
	ACCESS(BITS, "prefix length above {most}"),
	{ ON(ACCESS_FAILED), .code = ACCESS_NAME,
	    .text = "{where}: {op} {word} failed: {why}" },
	{ ON(ACCESS_FAILED), .text = "{where}: {op} {spec} failed: {why}" },

	/* The messages of OpenBSD's nc at -v. */
	{ ON(CONNECTED), .when = IF(UNIX) },
	{ ON(CONNECTED), .level = 1, .unless = IF(PORTS),
	    .text = "~Connection to {reached} [{proto}] succeeded!" },
	{ ON(CONNECTED), .level = 1,
	    .text = "~Connection to {reached} {rport} port "
	    "[{proto}/{service}] succeeded!" },
	{ ON(LISTENING), .level = 1, .more = 1, .when = IF(DGRAM),
	    .text = "~Bound on {localname}{lport}" },
	{ ON(LISTENING), .level = 1, .more = 1, .when = IF(LOCAL_UNIX),
	    .unless = IF(DGRAM), .text = "~Bound on {localname}{lport}" },
	{ ON(LISTENING), .level = 1, .unless = IF(DGRAM),
	    .text = "~Listening on {localname}{lport}" },
	{ ON(LISTENING) },
	/* A client's own path is empty as a rule: the listener's is shown. */
	{ ON(ACCEPTED), .level = 1, .when = IF(LOCAL_UNIX),
	    .text = "~Connection received on {local}" },
	{ ON(ACCEPTED), .level = 1,
	    .text = "~Connection received on {peername}{pport}" },

	{ ON(REFUSED), .level = 1, .text = "refused {peername} {peerport}" },
	{ ON(TRYING_AGAIN), .level = 1,
	    .text = "trying again in {pause} s{left}" },
	{ ON(ACCEPT_TIMEOUT), .text = WHAT_FAILED },
	{ ON(EXEC_FAILED), .text = WHAT_FAILED },
	{ ON(PASS_FAILED), .text = WHAT_FAILED },
	{ ON(TAP_FAILED), .text = WHAT_FAILED },
	{ ON(FAILED), .text = WHAT_FAILED },

	/* That nothing is verified is said each time. */
	{ ON(SECURED), .more = 1, .when = IF(INSECURE),
	    .unless = IF(TLS_SERVER),
	    .text = "{met} is not verified: could be anyone (--tls-insecure)" },
	{ ON(SECURED), .level = 1, .more = 1,
	    .text = "{version} with {met}, cipher {cipher}{alpn}" },
	{ ON(SECURED), .level = 1, .when = IF(CERT),
	    .text = "peer certificate: {subject}, {issued}, expires {expires}"
	    "\npeer certificate fingerprint {sha256} ({trust})" },
	{ ON(SECURED), .level = 1, .unless = IF(TLS_SERVER),
	    .text = "the server showed no certificate" },
	{ ON(NOT_SECURED), .text = WHAT_FAILED },
	/* The other side gives this text to --tls-pin. */
	{ ON(MADE_CERT),
	    .text = "made a certificate for this run, fingerprint {sha256}" },

	/* The peer that was reached. */
	{ ON(MET), .when = IF(UNIX), .text = "{path}" },
	{ ON(MET), .text = "{reached} port {rport} ({proto})" }
};

const size_t messages_nshared =
    sizeof(messages_shared) / sizeof(messages_shared[0]);

static const char *
messages_name(const struct plan *p)
{
	return p->messages->name != NULL ? p->messages->name : diag_name();
}

/* A personality that has no warnings prints this at -v. */
void
messages_loose_key(const struct plan *p, const char *path)
{
	if (p->messages->warns || p->verbose > 0)
		diag_plain("%s: other users can read the key file %s "
		    "(chmod go= %s)", messages_name(p), path, path);
}

void
messages_failure(const struct error *e, uint64_t lost)
{
	if (lost == 0)
		diag_error(e);
	else
		diag_warnx("%s%s%s failed: %s (%" PRIu64 " byte%s lost)",
		    e->op, e->object[0] != '\0' ? " " : "", e->object,
		    error_reason(e), lost, lost == 1 ? "" : "s");
}

void
messages_losses(const struct plan *p, uint64_t out, uint64_t in)
{
	const char *name = messages_name(p);

	if (out != 0)
		diag_plain("%s: %" PRIu64 " byte%s of the input not sent",
		    name, out, out == 1 ? "" : "s");
	if (in != 0)
		diag_plain("%s: %" PRIu64 " received byte%s not written",
		    name, in, in == 1 ? "" : "s");
}

void
messages_dropped(const struct plan *p, const char *peer, uint64_t lost)
{
	diag_plain("%s: %s is too slow and was dropped (%" PRIu64
	    " byte%s lost)", messages_name(p), peer, lost,
	    lost == 1 ? "" : "s");
}

void
messages_forwarded(const struct plan *p, const char *client,
    const char *target)
{
	if (p->verbose > 0)
		diag_warnx("%s is connected to %s", client, target);
}

void
messages_forward_secured(const struct plan *p, const char *target,
    const struct tls_facts *f)
{
	if (p->verbose > 0)
		diag_warnx("%s with %s, cipher %s%s%s", f->version, target,
		    f->cipher, f->alpn[0] != '\0' ? ", ALPN " : "", f->alpn);
}

void
messages_forward_insecure(const char *target)
{
	diag_warnx("%s is not verified: could be anyone (--tls-insecure)",
	    target);
}

int
messages_total(const struct outcome *o)
{
	if (o->cause != SESSION_TOTAL)
		return 0;
	diag_warnx("the time limit ended the session");
	return 1;
}

/* ---- Options that every personality reports alike ----------------------- */

int
messages_deadline(const struct plan *p, const struct error *e)
{
	double secs = (double)p->deadline / (double)NSEC_PER_SEC;

	if (messages_is_bad(e))
		diag_warnx("the deadline of %g s has passed (%s %s failed: %s)",
		    secs, e->op, e->object, error_reason(e));
	else if (e->op != NULL)		/* a proxy's reason, which was long */
		diag_warnx("the deadline of %g s has passed (%s %s failed)",
		    secs, e->op, e->object);
	else
		diag_warnx("the deadline of %g s has passed", secs);
	return 1;
}

void
messages_command_stopped(int signo, bool wants_terminal)
{
	if (wants_terminal)
		diag_warnx("the command is stopped: it uses the terminal, "
		    "which another job has");
	else
		diag_warnx("the command is stopped by signal %d", signo);
}

void
messages_worker_ended(int number, int wait_status, unsigned left)
{
	char how[64];

	if (WIFSIGNALED(wait_status))
		(void)snprintf(how, sizeof(how), "was killed by signal %d",
		    WTERMSIG(wait_status));
	else
		(void)snprintf(how, sizeof(how), "exited with status %d",
		    WEXITSTATUS(wait_status));
	diag_warnx("worker %d %s; %u go%s on", number, how, left,
	    left == 1 ? "es" : "");
}

bool
outcome_any_failed(const struct outcome *o)
{
	return messages_is_bad(&o->near_read) ||
	    messages_is_bad(&o->near_write) || messages_is_bad(&o->far_read) ||
	    messages_is_bad(&o->far_write);
}

int
outcome_status(const struct outcome *o)
{
	if (o->status != 0)
		return o->status;
	return outcome_any_failed(o) || o->lost_out != 0 ||
	    o->lost_in != 0 || o->silent || o->unread ||
	    o->cause == SESSION_INTERRUPTED || o->cause == SESSION_TOTAL;
}
