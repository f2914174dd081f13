/*
 * What is known of a connection and of a certificate.
 */
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "layer/tls_impl.h"
#include "layer/tls_words.h"

#define TLS_LABEL	"EXPORTER-sockcat-words"

/* ---- Certificates ------------------------------------------------------- */

/*
 * A name, its parts in the order of the certificate. Bytes that are not
 * printable ASCII come from the peer and are escaped: a terminal may read the
 * text.
 */
static void
tls_name_text(X509_NAME *name, char *text, size_t size)
{
	BIO *bio = BIO_new(BIO_s_mem());
	int n = -1;

	if (bio != NULL && X509_NAME_print_ex(bio, name, 0,
	    (XN_FLAG_RFC2253 & ~(unsigned long)(XN_FLAG_SEP_MASK |
	    XN_FLAG_DN_REV)) | XN_FLAG_SEP_CPLUS_SPC) >= 0)
		n = BIO_read(bio, text, (int)size - 1);
	text[n > 0 ? n : 0] = '\0';
	BIO_free(bio);
}

static void
tls_date_text(const ASN1_TIME *date, char *text, size_t size)
{
	struct tm tm;

	text[0] = '\0';
	if (ASN1_TIME_to_tm(date, &tm) == 1)
		(void)strftime(text, size, "%Y-%m-%d %H:%M:%S UTC", &tm);
}

void
tls_describe(X509 *x, struct tls_cert *cert)
{
	memset(cert, 0, sizeof(*cert));
	tls_name_text(X509_get_subject_name(x), cert->subject,
	    sizeof(cert->subject));
	tls_name_text(X509_get_issuer_name(x), cert->issuer,
	    sizeof(cert->issuer));
	(void)X509_NAME_get_text_by_NID(X509_get_subject_name(x),
	    NID_organizationName, cert->org, sizeof(cert->org));
	tls_date_text(X509_get0_notAfter(x), cert->not_after,
	    sizeof(cert->not_after));
	(void)X509_digest(x, EVP_sha256(), cert->sha256, NULL);
	(void)X509_digest(x, EVP_sha1(), cert->sha1, NULL);
	cert->self_signed = X509_self_signed(x, 0) == 1;
	ERR_clear_error();
}

/* ---- Connections -------------------------------------------------------- */

/*
 * Six indices, each from 32 bits, so that no word is likelier than another by
 * more than one part in 500,000.
 */
static void
tls_words(SSL *ssl, const char *words[TLS_WORDS])
{
	unsigned char bytes[TLS_WORDS * 4];
	uint32_t num;

	if (SSL_version(ssl) != TLS1_3_VERSION ||
	    SSL_export_keying_material(ssl, bytes, sizeof(bytes), TLS_LABEL,
	    strlen(TLS_LABEL), NULL, 0, 0) != 1)
		return;
	for (size_t i = 0; i < TLS_WORDS; i++) {
		num = (uint32_t)bytes[4 * i] << 24 |
		    (uint32_t)bytes[4 * i + 1] << 16 |
		    (uint32_t)bytes[4 * i + 2] << 8 | bytes[4 * i + 3];
		words[i] = tls_word(num % TLS_WORD_LIST);
	}
}

void
tls_impl_facts(const struct layer *layer, struct tls_facts *facts)
{
	const struct tls_layer *l = (const struct tls_layer *)layer;
	X509 *x = SSL_get0_peer_certificate(l->ssl);
	const unsigned char *alpn;
	unsigned len;

	memset(facts, 0, sizeof(*facts));
	facts->version = SSL_get_version(l->ssl);
	facts->cipher = SSL_get_cipher_name(l->ssl);
	SSL_get0_alpn_selected(l->ssl, &alpn, &len);
	if (len > 0 && len < sizeof(facts->alpn))
		memcpy(facts->alpn, alpn, len);
	if (x != NULL) {
		facts->has_cert = true;
		tls_describe(x, &facts->cert);
	}
	facts->verified = l->verified;
	facts->pinned = l->pinned;
	if (l->ctx->distrusts)
		facts->distrust = &l->ctx->distrust;
	tls_words(l->ssl, facts->words);
	ERR_clear_error();
}
