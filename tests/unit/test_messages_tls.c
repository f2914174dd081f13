/* What each personality says of TLS. */
#include "messages_fixture.h"

#define HEX	"000102030405060708090a0b0c0d0e0f" \
		"101112131415161718191a1b1c1d1e1f"
#define SHA1	"0001 0203 0405 0607 0809 0A0B 0C0D 0E0F 1011 1213"
#define PEER	"w.test (192.0.2.1) port 47001 (tcp)"

static struct plan		p;
static struct addr		a;
static struct target		t;
static struct tls_facts		facts;
static struct tls_distrust	distrust;

static struct tls_cert
certificate(void)
{
	struct tls_cert c = { .subject = "CN=w.test, O=Example",
	    .issuer = "CN=Test CA", .org = "Example",
	    .not_after = "2027-01-31 12:00:00 UTC" };

	for (unsigned i = 0; i < TLS_SHA256; i++)
		c.sha256[i] = (unsigned char)i;
	memcpy(c.sha1, c.sha256, TLS_SHA1);
	return c;
}

/* A connection to w.test with this plan. */
static void
use(struct plan plan)
{
	p = plan;
	p.host = "w.test";
	p.tls.on = true;
	a = at("192.0.2.1", PORT);
	t = to(p.host, &a);
	facts = (struct tls_facts){ .version = "TLSv1.3",
	    .cipher = "TLS_AES_256_GCM_SHA384", .has_cert = true,
	    .cert = certificate(), .verified = true };
	distrust = (struct tls_distrust){ .cert = certificate(),
	    .why = "self-signed certificate" };
}

static struct error
failure(int num, const char *why)
{
	struct error e = because(num, "TLS handshake with",
	    "192.0.2.1 port 47001 (tcp)");

	(void)strlcpy(e.why, why, sizeof(e.why));
	return e;
}

static void
native_tells_the_peer(void)
{
	use(NATIVE(0));
	SAYS(messages_report(&p, &(struct report){ EVENT_SECURED, .tls = &facts,
	    .target = &t }), "");
	use(NATIVE(1));
	SAYS(messages_report(&p, &(struct report){ EVENT_SECURED, .tls = &facts,
	    .target = &t }),
	    "sockcat: TLSv1.3 with " PEER ", cipher TLS_AES_256_GCM_SHA384\n"
	    "sockcat: peer certificate: CN=w.test, O=Example, issued by "
	    "CN=Test CA, expires 2027-01-31 12:00:00 UTC\n"
	    "sockcat: peer certificate fingerprint SHA256:" HEX
	    " (verified)\n");
	(void)strlcpy(facts.alpn, "h2", sizeof(facts.alpn));
	facts.verified = false;
	facts.pinned = facts.cert.self_signed = true;
	facts.cert.subject[0] = '\0';
	p.tls.npins = 1;
	SAYS(messages_report(&p, &(struct report){ EVENT_SECURED, .tls = &facts,
	    .target = &t }),
	    "sockcat: TLSv1.3 with " PEER ", cipher TLS_AES_256_GCM_SHA384, "
	    "ALPN h2\n"
	    "sockcat: peer certificate: (no subject), self-signed, "
	    "expires 2027-01-31 12:00:00 UTC\n"
	    "sockcat: peer certificate fingerprint SHA256:" HEX " (pinned)\n");
}

static void
native_tells_a_client(void)
{
	struct target client = { .addr = &a };
	struct addr none = at("/x", 0);

	use(NATIVE(1));
	p.mode = PLAN_LISTEN;
	p.tls.verify = TLS_VERIFY_NONE;
	facts.has_cert = false;
	SAYS(messages_report(&p, &(struct report){ EVENT_SECURED, .tls = &facts,
	    .target = &client }),
	    "sockcat: TLSv1.3 with 192.0.2.1 port 47001 (tcp), "
	    "cipher TLS_AES_256_GCM_SHA384\n");
	none.len = sizeof(sa_family_t);
	client.addr = &none;
	p.family = FAMILY_UNIX;
	SAYS(messages_report(&p, &(struct report){ EVENT_SECURED, .tls = &facts,
	    .target = &client }),
	    "sockcat: TLSv1.3 with a client, "
	    "cipher TLS_AES_256_GCM_SHA384\n");
}

static void
native_says_when_nothing_is_verified(void)
{
	use(NATIVE(0));
	p.tls.verify = TLS_VERIFY_NONE;
	SAYS(messages_report(&p, &(struct report){ EVENT_SECURED, .tls = &facts,
	    .target = &t }), "sockcat: " PEER
	    " is not verified: could be anyone (--tls-insecure)\n");
	/* In a chat, words or the pin of a known person are compared. */
	p.tls.words = true;
	SAYS(messages_report(&p, &(struct report){ EVENT_SECURED, .tls = &facts,
	    .target = &t }), "");
	p.tls.words = false;
	p.tls.npins = 1;
	SAYS(messages_report(&p, &(struct report){ EVENT_SECURED, .tls = &facts,
	    .target = &t }), "");
}

static void
native_names_the_peer_behind_a_proxy(void)
{
	struct error e = failure(EPROTO, "the server has no time");

	use(NATIVE(0));
	p.proxy.kind = PROXY_HTTP;
	p.proxy.host = "proxy.test";
	ENDS(messages_report(&p, &(struct report){ EVENT_CONNECT_FAILED,
	    .target = &t, .error = &e, .last = true }), 1,
	    "sockcat: TLS handshake with w.test port 47001 (tcp) failed: "
	    "the server has no time\n");
}

static void
native_tells_handshakes_that_fail(void)
{
	struct error e = failure(EPROTO, "it has expired");

	use(NATIVE(0));
	ENDS(messages_report(&p, &(struct report){ EVENT_CONNECT_FAILED,
	    .target = &t, .error = &e, .last = true }), 1,
	    "sockcat: TLS handshake with " PEER " failed: it has expired\n");
	e = failure(ETIMEDOUT, "");
	ENDS(messages_report(&p, &(struct report){ EVENT_CONNECT_FAILED,
	    .target = &t, .error = &e, .last = true }), 1,
	    "sockcat: TLS handshake with " PEER
	    " failed: Connection timed out (is the peer a TLS server?)\n");
	p.mode = PLAN_LISTEN;
	SAYS(messages_report(&p, &(struct report){ EVENT_NOT_SECURED,
	    .peer = &a, .error = &e }),
	    "sockcat: TLS handshake with 192.0.2.1 port 47001 (tcp) failed: "
	    "Connection timed out\n");
}

static void
native_tells_its_certificate(void)
{
	struct tls_cert c = certificate();

	use(NATIVE(0));
	SAYS(messages_report(&p, &(struct report){ EVENT_MADE_CERT,
	    .cert = &c }), "sockcat: made a certificate "
	    "for this run, fingerprint SHA256:" HEX "\n");
	SAYS(messages_loose_key(&p, "k.pem"), "sockcat: other users can read "
	    "the key file k.pem (chmod go= k.pem)\n");
}

#define DISTRUST "Ncat: Subject: CN=w.test, O=Example\n" \
		"Ncat: Issuer: CN=Test CA\n" \
		"Ncat: SHA-1 fingerprint: " SHA1 "\n" \
		"Ncat: Certificate verification failed " \
		"(self-signed certificate).\n"

static void
ncat_tells_the_peer(void)
{
	use(NCAT(0));
	facts.distrust = &distrust;
	SAYS(messages_report(&p, &(struct report){ EVENT_SECURED, .tls = &facts,
	    .target = &t }), "");
	SAYS(messages_report(&p, &(struct report){ EVENT_CONNECTED,
	    .target = &t }), "");
	use(NCAT(1));
	SAYS(messages_report(&p, &(struct report){ EVENT_CONNECTED,
	    .target = &t }), "");
	SAYS(messages_report(&p, &(struct report){ EVENT_SECURED, .tls = &facts,
	    .target = &t }),
	    "Ncat: SSL connection to 192.0.2.1:47001. Example\n"
	    "Ncat: SHA-1 fingerprint: " SHA1 "\n");
	facts.distrust = &distrust;
	facts.cert.org[0] = '\0';
	p.proxy.kind = PROXY_HTTP;
	SAYS(messages_report(&p, &(struct report){ EVENT_SECURED, .tls = &facts,
	    .target = &t }), DISTRUST
	    "Ncat: SSL connection to w.test:47001.\n"
	    "Ncat: SHA-1 fingerprint: " SHA1 "\n");
	p.mode = PLAN_LISTEN;
	SAYS(messages_report(&p, &(struct report){ EVENT_SECURED, .tls = &facts,
	    .target = &t }), "");
}

static void
ncat_tells_handshakes_that_fail(void)
{
	struct error e = failure(EPROTO, "it has expired");

	use(NCAT(0));
	ENDS(messages_report(&p, &(struct report){ EVENT_CONNECT_FAILED,
	    .target = &t, .error = &e, .last = true }), 1,
	    "Ncat: Input/output error.\n");
	e.distrust = &distrust;
	ENDS(messages_report(&p, &(struct report){ EVENT_CONNECT_FAILED,
	    .target = &t, .error = &e, .last = true }), 1,
	    "Ncat: Input/output error.\n");
	p.verbose = 1;
	ENDS(messages_report(&p, &(struct report){ EVENT_CONNECT_FAILED,
	    .target = &t, .error = &e, .last = true }), 1,
	    DISTRUST "Ncat: Input/output error.\n");
	e = failure(ETIMEDOUT, "");
	ENDS(messages_report(&p, &(struct report){ EVENT_CONNECT_FAILED,
	    .target = &t, .error = &e, .last = true }), 1,
	    "Ncat: TIMEOUT.\n");
	e = failure(EPROTO, "no TLS");
	p.mode = PLAN_LISTEN;
	SAYS(messages_report(&p, &(struct report){ EVENT_NOT_SECURED,
	    .peer = &a, .error = &e }),
	    "Ncat: Failed SSL connection from 192.0.2.1: no TLS\n");
	p.verbose = 0;
	SAYS(messages_report(&p, &(struct report){ EVENT_NOT_SECURED,
	    .peer = &a, .error = &e }), "");
}

static void
ncat_ends_at_a_wrong_name(void)
{
	struct error e = failure(EPROTO, "the certificate is for x");

	use(NCAT(0));
	distrust.wrong_name = true;
	(void)strlcpy(distrust.name, "x", sizeof(distrust.name));
	e.distrust = &distrust;
	ENDS(messages_report(&p, &(struct report){ EVENT_CONNECT_FAILED,
	    .target = &t, .error = &e, .last = true }), 2,
	    "Ncat: Certificate verification error. QUITTING.\n");
	p.verbose = 1;
	ENDS(messages_report(&p, &(struct report){ EVENT_CONNECT_FAILED,
	    .target = &t, .error = &e, .last = true }), 2,
	    "Ncat: Certificate verification error: Connected to \"w.test\", "
	    "but certificate is for \"x\".\n"
	    "Ncat: Certificate verification error. QUITTING.\n");
	p.tls.name = "y";
	ENDS(messages_report(&p, &(struct report){ EVENT_CONNECT_FAILED,
	    .target = &t, .error = &e, .last = true }), 2,
	    "Ncat: Certificate verification error: Connected to \"y\", "
	    "but certificate is for \"x\".\n"
	    "Ncat: Certificate verification error. QUITTING.\n");
	distrust.name[0] = '\0';
	ENDS(messages_report(&p, &(struct report){ EVENT_CONNECT_FAILED,
	    .target = &t, .error = &e, .last = true }), 2,
	    "Ncat: Certificate verification error. QUITTING.\n");
}

static void
ncat_tells_its_certificate(void)
{
	struct tls_cert c = certificate();

	use(NCAT(0));
	SAYS(messages_report(&p, &(struct report){ EVENT_MADE_CERT,
	    .cert = &c }), "");
	SAYS(messages_loose_key(&p, "k.pem"), "");
	use(NCAT(1));
	SAYS(messages_report(&p, &(struct report){ EVENT_MADE_CERT,
	    .cert = &c }),
	    "Ncat: Generating a temporary 2048-bit RSA key. "
	    "Use --ssl-key and --ssl-cert to use a permanent one.\n"
	    "Ncat: SHA-1 fingerprint: " SHA1 "\n");
	SAYS(messages_loose_key(&p, "k.pem"), "Ncat: other users can read "
	    "the key file k.pem (chmod go= k.pem)\n");
}

int
main(void)
{
	unit_run("sockcat tells at -v who the peer is", native_tells_the_peer);
	unit_run("sockcat tells at -v of a client without a certificate",
	    native_tells_a_client);
	unit_run("sockcat always says that nothing is verified",
	    native_says_when_nothing_is_verified);
	unit_run("sockcat tells each handshake that fails",
	    native_tells_handshakes_that_fail);
	unit_run("sockcat blames the server, not the proxy",
	    native_names_the_peer_behind_a_proxy);
	unit_run("sockcat prints the fingerprint to pin",
	    native_tells_its_certificate);
	unit_run("ncat tells at -v whose certificate it is",
	    ncat_tells_the_peer);
	unit_run("ncat tells handshakes that fail",
	    ncat_tells_handshakes_that_fail);
	unit_run("ncat ends with 2 at a wrong name",
	    ncat_ends_at_a_wrong_name);
	unit_run("ncat tells at -v that it makes a key",
	    ncat_tells_its_certificate);
	return unit_end();
}
