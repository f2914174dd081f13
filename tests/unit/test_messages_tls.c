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

TEST(sockcat_tells_at_v_who_the_peer_is)
{
	use(NATIVE(0));
	REPORTS("", EVENT_SECURED, .tls = &facts, .target = &t);
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

TEST(sockcat_tells_at_v_of_a_client_without_a_certificate)
{
	struct target client = { .addr = &a };
	struct addr none = at("/x", 0);

	use(NATIVE(1));
	p.mode = PLAN_LISTEN;
	p.tls.verify = TLS_VERIFY_NONE;
	facts.has_cert = false;
	REPORTS("sockcat: TLSv1.3 with 192.0.2.1 port 47001 (tcp), cipher "
	    "TLS_AES_256_GCM_SHA384\n", EVENT_SECURED, .tls = &facts,
	    .target = &client);
	none.len = sizeof(sa_family_t);
	client.addr = &none;
	p.family = FAMILY_UNIX;
	REPORTS("sockcat: TLSv1.3 with a client, cipher "
	    "TLS_AES_256_GCM_SHA384\n", EVENT_SECURED, .tls = &facts,
	    .target = &client);
}

TEST(sockcat_always_says_that_nothing_is_verified)
{
	use(NATIVE(0));
	p.tls.verify = TLS_VERIFY_NONE;
	SAYS(messages_report(&p, &(struct report){ EVENT_SECURED, .tls = &facts,
	    .target = &t }), "sockcat: " PEER
	    " is not verified: could be anyone (--tls-insecure)\n");
	/* In a chat, words or the pin of a known person are compared. */
	p.tls.words = true;
	REPORTS("", EVENT_SECURED, .tls = &facts, .target = &t);
	p.tls.words = false;
	p.tls.npins = 1;
	REPORTS("", EVENT_SECURED, .tls = &facts, .target = &t);
}

TEST(sockcat_blames_the_server_not_the_proxy)
{
	struct error e = failure(EPROTO, "the server has no time");

	use(NATIVE(0));
	p.proxy.kind = PROXY_HTTP;
	p.proxy.host = "proxy.test";
	REPORT_ENDS(1, "sockcat: TLS handshake with w.test port 47001 (tcp) "
	    "failed: the server has no time\n", EVENT_CONNECT_FAILED,
	    .target = &t, .error = &e, .last = true);
}

TEST(sockcat_tells_each_handshake_that_fails)
{
	struct error e = failure(EPROTO, "it has expired");

	use(NATIVE(0));
	REPORT_ENDS(1,
	    "sockcat: TLS handshake with " PEER " failed: it has expired\n",
	    EVENT_CONNECT_FAILED, .target = &t, .error = &e, .last = true);
	e = failure(ETIMEDOUT, "");
	ENDS(messages_report(&p, &(struct report){ EVENT_CONNECT_FAILED,
	    .target = &t, .error = &e, .last = true }), 1,
	    "sockcat: TLS handshake with " PEER
	    " failed: Connection timed out (is the peer a TLS server?)\n");
	p.mode = PLAN_LISTEN;
	REPORTS("sockcat: TLS handshake with 192.0.2.1 port 47001 (tcp) "
	    "failed: Connection timed out\n", EVENT_NOT_SECURED, .peer = &a,
	    .error = &e);
}

TEST(sockcat_prints_the_fingerprint_to_pin)
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

TEST(ncat_tells_at_v_whose_certificate_it_is)
{
	use(NCAT(0));
	facts.distrust = &distrust;
	REPORTS("", EVENT_SECURED, .tls = &facts, .target = &t);
	REPORTS("", EVENT_CONNECTED, .target = &t);
	use(NCAT(1));
	REPORTS("", EVENT_CONNECTED, .target = &t);
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
	REPORTS("", EVENT_SECURED, .tls = &facts, .target = &t);
}

TEST(ncat_tells_handshakes_that_fail)
{
	struct error e = failure(EPROTO, "it has expired");

	use(NCAT(0));
	REPORT_ENDS(1, "Ncat: Input/output error.\n", EVENT_CONNECT_FAILED,
	    .target = &t, .error = &e, .last = true);
	e.distrust = &distrust;
	REPORT_ENDS(1, "Ncat: Input/output error.\n", EVENT_CONNECT_FAILED,
	    .target = &t, .error = &e, .last = true);
	p.verbose = 1;
	REPORT_ENDS(1, DISTRUST "Ncat: Input/output error.\n",
	    EVENT_CONNECT_FAILED, .target = &t, .error = &e, .last = true);
	e = failure(ETIMEDOUT, "");
	REPORT_ENDS(1, "Ncat: TIMEOUT.\n", EVENT_CONNECT_FAILED, .target = &t,
	    .error = &e, .last = true);
	e = failure(EPROTO, "no TLS");
	p.mode = PLAN_LISTEN;
	REPORTS("Ncat: Failed SSL connection from 192.0.2.1: no TLS\n",
	    EVENT_NOT_SECURED, .peer = &a, .error = &e);
	p.verbose = 0;
	REPORTS("", EVENT_NOT_SECURED, .peer = &a, .error = &e);
}

TEST(ncat_ends_with_2_at_a_wrong_name)
{
	struct error e = failure(EPROTO, "the certificate is for x");

	use(NCAT(0));
	distrust.wrong_name = true;
	(void)strlcpy(distrust.name, "x", sizeof(distrust.name));
	e.distrust = &distrust;
	REPORT_ENDS(2, "Ncat: Certificate verification error. QUITTING.\n",
	    EVENT_CONNECT_FAILED, .target = &t, .error = &e, .last = true);
	p.verbose = 1;
	REPORT_ENDS(2, "Ncat: Certificate verification error: Connected to "
	    "\"w.test\", but certificate is for \"x\".\nNcat: Certificate "
	    "verification error. QUITTING.\n", EVENT_CONNECT_FAILED,
	    .target = &t, .error = &e, .last = true);
	p.tls.name = "y";
	REPORT_ENDS(2, "Ncat: Certificate verification error: Connected to "
	    "\"y\", but certificate is for \"x\".\nNcat: Certificate "
	    "verification error. QUITTING.\n", EVENT_CONNECT_FAILED,
	    .target = &t, .error = &e, .last = true);
	distrust.name[0] = '\0';
	REPORT_ENDS(2, "Ncat: Certificate verification error. QUITTING.\n",
	    EVENT_CONNECT_FAILED, .target = &t, .error = &e, .last = true);
}

TEST(ncat_tells_at_v_that_it_makes_a_key)
{
	struct tls_cert c = certificate();

	use(NCAT(0));
	REPORTS("", EVENT_MADE_CERT, .cert = &c);
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
