#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/addr.h"
#include "cli/subjects.h"

/*
 * The options of TLS: what is read from words, what follows from several
 * options, and the layer in words. Files are read when the program runs.
 */

/* RFC 6347: the most that a record holds. */
#define DTLS_RECORD_MAX	16384
/* RFC 7301: the length of a protocol's name is one byte. */
#define ALPN_NAME_MAX	255

/* ---- Setters ----------------------------------------------------------- */

int
set_tls_ca(struct parse *p, const char *arg)
{
	int	rc;

	if (p->plan->tls.ca != NULL &&
	    (rc = refuse_as(p, TEXT_CA_AGAIN)) != 0)
		return rc;
	p->plan->tls.ca = arg;
	return 0;
}

/* Reads "SHA256:" and 32 bytes in hexadecimal, with colons between or not. */
static bool
tls_opts_read_pin(const char *word, struct tls_pin *pin)
{
	char	byte[3] = "";

	if (strncasecmp(word, "SHA256:", 7) != 0)
		return false;
	word += 7;
	for (size_t i = 0; i < TLS_SHA256; i++, word += 2) {
		if (i > 0 && *word == ':')
			word++;
		if (!isxdigit((unsigned char)word[0]) ||
		    !isxdigit((unsigned char)word[1]))
			return false;
		memcpy(byte, word, 2);
		pin->sha256[i] = (unsigned char)strtoul(byte, NULL, 16);
	}
	return *word == '\0';
}

int
set_tls_pin(struct parse *p, const char *arg)
{
	struct tls_options	*tls = field_of(p);
	struct tls_pin		*pins = reallocarray(tls->pins,
				    tls->npins + 1, sizeof(*pins));

	if (pins == NULL)
		return refuse_memory(p);
	tls->pins = pins;
	if (!tls_opts_read_pin(arg, &pins[tls->npins]))
		return refuse(p, "a pin is SHA256: and 64 hexadecimal digits, "
		    "with or without colons: %s", arg);
	tls->npins++;
	return 0;
}

/* ---- Sealing ----------------------------------------------------------- */

/* The far end is named by a host, as a certificate may be. */
static bool
tls_opts_has_host(const struct plan *plan)
{
	return plan->family != FAMILY_UNIX && plan->family != FAMILY_VSOCK;
}

/* A pin must fit; the pins of a known peer are read when the chat begins. */
static bool
tls_opts_has_pins(const struct plan *plan, const struct tls_options *tls)
{
	return tls->npins > 0 || plan->chat.expect != NULL;
}

static bool
tls_opts_is_group(const char *host)
{
	struct addr	a;

	return host != NULL && addr_numeric(&a, host, AF_UNSPEC) &&
	    (addr_is_group(&a) || strcmp(host, "255.255.255.255") == 0);
}

/* What the command line demands of the peer in a chat. */
static bool
tls_opts_chat_asks(const struct parse *p)
{
	const struct tls_options	*tls = &p->plan->tls;

	return tls->ca != NULL || tls->client_ca != NULL ||
	    tls_opts_has_pins(p->plan, tls) || p->seen[ACT_TLS_VERIFY];
}

/* DTLS is between two addresses of UDP, and its newest version is 1.2. */
static int
tls_opts_check_dgram(const struct parse *p)
{
	const struct plan	*plan = p->plan;

	if (strcmp(plan_proto(plan), "udp") != 0)
		return refuse(p, "DTLS needs UDP");
	if (plan->near == PLAN_CHAT && !tls_opts_chat_asks(p) &&
	    !p->seen[ACT_TLS_INSECURE])
		return refuse(p, "a chat makes its words by TLS 1.3, which "
		    "-u has not: add --expect or --tls-pin");
	if (plan->tls.min == 13)
		return refuse(p, "DTLS has no version 1.3: -u goes with "
		    "--tls-min 1.2");
	if (tls_opts_is_group(plan->host) ||
	    tls_opts_is_group(plan->local_host))
		return refuse(p, "DTLS has one peer, not a group: %s",
		    plan->host != NULL ? plan->host : plan->local_host);
	return plan->service.activated == 0 ? 0 :
	    refuse(p, "DTLS cannot use the datagram sockets of LISTEN_FDS");
}

/* A peer without a host has no name that could be verified. */
static int
tls_opts_check_client(const struct parse *p, const struct tls_options *tls,
    bool has_host)
{
	const struct plan	*plan = p->plan;

	if (tls->crl != NULL && tls->ca == NULL &&
	    (tls_opts_has_pins(plan, tls) || tls->verify == TLS_VERIFY_NONE))
		return refuse(p, "no CA is asked whether a certificate was "
		    "revoked: add --tls-ca to --tls-crl");
	if (tls->verify == TLS_VERIFY_NONE || tls->name != NULL ||
	    tls_opts_has_pins(plan, tls) || has_host)
		return 0;
	return refuse(p, "a %s socket has no name to verify: add --tls-name "
	    "or --tls-pin", plan->family == FAMILY_UNIX ? "Unix" : "vsock");
}

static int
tls_opts_check_alpn(const struct parse *p, const char *list)
{
	const char	*name = list;
	size_t		 len;

	for (; name != NULL; name = name[len] == ',' ? name + len + 1 : NULL)
		if ((len = strcspn(name, ",")) == 0 || len > ALPN_NAME_MAX)
			return refuse_as(p, len == 0 ? TEXT_ALPN_EMPTY :
			    TEXT_ALPN_LONG, list);
	return 0;
}

/* Of the targets of --forward. */
static int
tls_opts_seal_targets(struct parse *p)
{
	struct tls_options	*tls = &p->plan->forward.tls;
	int			 rc;

	if (!tls->on)
		return 0;
	if (tls->min == 0)
		tls->min = 12;
	if (tls->client_ca != NULL)
		return refuse(p, "--tls-client-ca is for a server, and a tls: "
		    "target is a server: use --listen-tls-client-ca");
	rc = tls_opts_check_alpn(p, tls->alpn);
	return rc != 0 ? rc : tls_opts_check_client(p, tls, true);
}

int
seal_tls(struct parse *p)
{
	struct plan		*plan = p->plan;
	struct tls_options	*tls = &plan->tls;
	bool			 dgram = plan->type == TYPE_DGRAM;
	int			 rc = tls_opts_seal_targets(p);

	if (!tls->on || rc != 0)
		return rc;
	/*
	 * Two persons compare words, which TLS 1.3 makes. If nothing else was
	 * asked for, the words alone, or a known fingerprint, say who the peer
	 * is.
	 */
	if (plan->near == PLAN_CHAT && !p->seen[ACT_TLS_INSECURE]) {
		if (!tls_opts_chat_asks(p))
			tls->verify = TLS_VERIFY_NONE;
		tls->words = !dgram;
		if (tls->words)
			tls->min = 13;
	}
	/*
	 * RFC 5246 section 7.2.1: close_notify ends both directions, so that
	 * answers on their way would be lost. The end of the input alone is no
	 * reason for it.
	 */
	if (dgram && plan->near == PLAN_STDIO && !plan->serve.concurrent &&
	    !p->seen[ACT_HALF_CLOSE] && plan->end.near_eof == NEAR_HALF_CLOSE)
		plan->end.near_eof = NEAR_KEEP;
	if (tls->min == 0)
		tls->min = 12;
	if (dgram && plan->block > DTLS_RECORD_MAX)
		plan->block = DTLS_RECORD_MAX;
	if ((rc = tls_opts_check_alpn(p, tls->alpn)) != 0 ||
	    (dgram && (rc = tls_opts_check_dgram(p)) != 0))
		return rc;
	if (!plan_is_tls_server(plan))
		return tls_opts_check_client(p, tls, tls_opts_has_host(plan));
	if (tls->ca != NULL && p->dialect->rules)
		return refuse(p, "--tls-ca is for clients: a server verifies "
		    "clients by --tls-client-ca");
	return tls->crl == NULL || tls->client_ca != NULL ? 0 :
	    refuse(p, "no client shows a certificate: add --tls-client-ca to "
	    "--tls-crl");
}

/* ---- The layer in words ------------------------------------------------ */

/* What must be true of the peer's certificate, and of the peer. */
static void
tls_opts_explain_verified(const struct plan *plan,
    const struct tls_options *tls, bool listens)
{
	bool		 own = tls == &plan->tls;
	const char	*gap = "verified: ", *next = "; ";
	const char	*ca = listens ? tls->client_ca : tls->ca;

	if (listens ? ca != NULL : tls->verify != TLS_VERIFY_NONE &&
	    (ca != NULL || !tls_opts_has_pins(plan, tls))) {
		printf("%schain and dates, by the %s%s", gap, ca != NULL ?
		    "CAs of " : "system's CAs", ca != NULL ? ca : "");
		gap = next;
		if (tls->crl != NULL)
			printf("; not revoked by %s", tls->crl);
		if (!listens && (tls->name != NULL || !own ||
		    tls_opts_has_host(plan)))
			printf("; the name %s", tls->name != NULL ?
			    tls->name : own ? plan->host : "of the target");
	}
	if (tls->npins > 0) {
		printf(tls->npins == 1 ? "%sthe fingerprint" :
		    "%sone of %zu fingerprints", gap, tls->npins);
		gap = next;
	}
	if (plan->chat.expect != NULL) {
		printf("%sthe known fingerprint of %s", gap, plan->chat.expect);
		gap = next;
	}
	if (tls->words) {
		printf("%sby six words, which both people compare", gap);
		gap = next;
	}
	puts(gap == next ? "" : listens ? "not verified: who the clients are" :
	    "not verified: who the server is");
}

static void
tls_opts_explain(const struct plan *plan, const struct tls_options *tls,
    bool listens)
{
	printf("layer: %s, as %s%s%s\n", plan->type == TYPE_DGRAM &&
	    tls == &plan->tls ? "DTLS 1.2" : tls->min == 13 ? "TLS 1.3" :
	    "TLS 1.2 or later",
	    listens ? "server" : "client",
	    tls->ciphers != NULL ? "; ciphers " : "",
	    tls->ciphers != NULL ? tls->ciphers : "");
	tls_opts_explain_verified(plan, tls, listens);
	printf("certificate: %s%s%s\n", tls->cert != NULL ? tls->cert :
	    plan->near == PLAN_CHAT ?
	    "this user's own, or made for this run" :
	    listens ? "made for this run" : "none",
	    tls->key != NULL ? ", key " : "",
	    tls->key != NULL ? tls->key : "");
	if (tls->alpn != NULL)
		printf("protocols: %s\n", tls->alpn);
	if (tls->lenient)
		printf("end without close_notify: counts as an end\n");
	if (tls->keylog != NULL)
		printf("report: the session keys, to the file %s\n",
		    tls->keylog);
}

void
explain_tls(const struct plan *plan)
{
	if (plan->forward.tls.on)
		tls_opts_explain(plan, &plan->forward.tls, false);
	if (plan->tls.on)
		tls_opts_explain(plan, &plan->tls, plan_is_tls_server(plan));
}
