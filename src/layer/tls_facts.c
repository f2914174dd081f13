/*
 * Facts of a connection and of a certificate, and failures in words.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "layer/tls_impl.h"

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

void
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

/* ---- Failures ----------------------------------------------------------- */

void
tls_fail(struct error *err, int num, const char *op, const char *what,
    const char *object, const char *why)
{
	*err = (struct error){ .op = op, .num = num };
	(void)snprintf(err->object, sizeof(err->object), "%s%s", what, object);
	if (why != NULL)
		(void)snprintf(err->why, sizeof(err->why), "%s", why);
	ERR_clear_error();
}

void
tls_fail_lib(struct error *err, const char *op, const char *what,
    const char *object)
{
	unsigned long code = ERR_peek_error();
	const char *why = ERR_reason_error_string(code);

	if (code == 0 || ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE)
		tls_fail(err, ENOMEM, op, what, object, NULL);
	else
		tls_fail(err, EINVAL, op, what, object,
		    why != NULL ? why : "OpenSSL refuses");
}

enum io
tls_break(struct tls_layer *l, int num, const char *fault)
{
	l->state = TLS_FAILED;
	l->num = num;
	if (fault == NULL)
		l->fault[0] = '\0';
	else if (fault != l->fault)
		(void)snprintf(l->fault, sizeof(l->fault), "%s", fault);
	errno = num;
	return IO_FAIL;
}

/* Reasons that OpenSSL's own texts name less plainly. */
static const char *
tls_reason(int reason)
{
	switch (reason) {
	case SSL_R_WRONG_VERSION_NUMBER:
	case SSL_R_UNKNOWN_PROTOCOL:
	case SSL_R_BAD_PROTOCOL_VERSION_NUMBER:
	case SSL_R_UNEXPECTED_MESSAGE:
	case SSL_R_RECORD_TOO_SMALL:
		return "the peer does not speak TLS here";
	case SSL_R_HTTP_REQUEST:
		return "the peer speaks HTTP without TLS";
	case SSL_R_HTTPS_PROXY_REQUEST:
		return "the peer takes this for a proxy";
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_VERSION_TOO_LOW:
		return "the peer has no version of TLS that is allowed here";
	case SSL_R_NO_SHARED_CIPHER:
		return "the peer has no cipher that is allowed here";
	case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
		return "the peer showed no certificate";
	case SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC:
	case SSL_R_BAD_RECORD_TYPE:
		return "a record was damaged on its way";
	case SSL_R_NO_APPLICATION_PROTOCOL:
		return "the peer offers no ALPN protocol that is allowed here";
	}
	return NULL;
}

enum io
tls_break_lib(struct tls_layer *l)
{
	unsigned long code = ERR_peek_error();
	int reason = ERR_GET_REASON(code);
	int alert = reason - SSL_AD_REASON_OFFSET;
	const char *text = tls_reason(reason);

	if (l->fault[0] != '\0' && l->state == TLS_OPENING)
		/* The verification has said why. */;
	else if (code == 0 || reason == ERR_R_MALLOC_FAILURE) {
		ERR_clear_error();
		return tls_break(l, code == 0 ? EPROTO : ENOMEM, NULL);
	} else if (alert > 0 && alert < 256)
		/* OpenSSL 3.0 has no text for the alerts of TLS 1.3. */
		(void)snprintf(l->fault, sizeof(l->fault),
		    "the peer sent a TLS alert: %s",
		    alert == SSL_AD_MISSING_EXTENSION ? "missing extension" :
		    alert == SSL_AD_CERTIFICATE_REQUIRED ?
		    "certificate required" : SSL_alert_desc_string_long(alert));
	else {
		if (text == NULL)
			text = ERR_reason_error_string(code);
		(void)snprintf(l->fault, sizeof(l->fault), "%s",
		    text != NULL ? text : "TLS failed");
	}
	ERR_clear_error();
	return tls_break(l, EPROTO, l->fault);
}
