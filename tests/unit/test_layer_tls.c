/* TLS as a layer, over transports in memory. */
#include "tls_rig.h"

static void
both_ends_agree(void)
{
	struct tls_facts facts;
	struct tls_cert cert;
	bool made;
	enum io s;

	rig_init();
	CHECK(rig_open(NULL));
	CHECK_INT(rig_handshake(&s), IO_OK);
	CHECK_INT(s, IO_OK);
	layer_tls_facts(rig.client.top, &facts);
	CHECK_STR(facts.version, "TLSv1.3");
	CHECK(facts.has_cert && !facts.verified && facts.cert.self_signed);
	CHECK_STR(facts.cert.subject, "CN=localhost");
	CHECK(tls_context_cert(rig.server_ctx, &cert, &made) && made);
	CHECK(memcmp(cert.sha256, facts.cert.sha256, TLS_SHA256) == 0);
	rig_close();
}

static void
bytes_cross_and_end(void)
{
	char buf[64];
	size_t n;

	rig_init();
	CHECK(rig_open(NULL));
	CHECK_INT(rig_handshake(NULL), IO_OK);
	CHECK_INT(rig_put(&rig.client, "hello", 5, &n), IO_OK);
	CHECK_INT(n, 5);
	CHECK_INT(layer_shut(rig.client.top), IO_OK);
	CHECK_INT(rig_get(&rig.server, buf, sizeof(buf), &n), IO_OK);
	CHECK_INT(n, 5);
	CHECK(memcmp(buf, "hello", 5) == 0);
	CHECK_INT(rig_get(&rig.server, buf, sizeof(buf), &n), IO_EOF);
	CHECK_INT(rig_put(&rig.server, "answer", 6, &n), IO_OK);
	CHECK_INT(rig_get(&rig.client, buf, sizeof(buf), &n), IO_OK);
	CHECK_INT(n, 6);
	CHECK_INT(rig_get(&rig.client, buf, sizeof(buf), &n), IO_AGAIN);
	rig_close();
}

static void
an_unknown_certificate_is_refused(void)
{
	enum io s;

	rig_init();
	rig.client_opt.verify = TLS_VERIFY_PEER;
	CHECK(rig_open("example.org"));
	CHECK_INT(rig_handshake(&s), IO_FAIL);
	CHECK_INT(s, IO_FAIL);
	CHECK_STR(layer_fault(rig.client.top), "certificate verify failed for "
	    "example.org: the certificate is self-signed and not trusted "
	    "here");
	CHECK_STR(layer_fault(rig.server.top), "the peer sent a TLS alert: "
	    "unknown CA");
	rig_close();
}

int
main(void)
{
	unit_run("both ends agree", both_ends_agree);
	unit_run("bytes cross, and each direction ends by itself",
	    bytes_cross_and_end);
	unit_run("an unknown certificate is refused",
	    an_unknown_certificate_is_refused);
	return unit_end();
}
