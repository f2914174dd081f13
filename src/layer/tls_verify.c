/*
 * Who the peer is: chain, dates and name, or a pin.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "layer/tls_impl.h"

/* ---- The texts ---------------------------------------------------------- */

/* Adds a name that a peer has chosen, if it is printable. */
static void
tls_add_name(char *text, size_t size, const unsigned char *name, int len)
{
	size_t at = strlen(text);

	for (int i = 0; i < len; i++)
		if (name[i] <= ' ' || name[i] > '~')
			return;
	(void)snprintf(text + at, size - at, "%s%.*s", at > 0 ? ", " : "", len,
	    (const char *)name);
}

/* The names and addresses that a certificate is for. */
static void
tls_cert_names(X509 *x, char *text, size_t size)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL,
	    NULL);
	const GENERAL_NAME *name;
	char addr[INET6_ADDRSTRLEN];
	struct tls_cert cert;
	int len;

	text[0] = '\0';
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		name = sk_GENERAL_NAME_value(names, i);
		if (name->type == GEN_DNS)
			tls_add_name(text, size,
			    ASN1_STRING_get0_data(name->d.dNSName),
			    ASN1_STRING_length(name->d.dNSName));
		else if (name->type == GEN_IPADD &&
		    ((len = ASN1_STRING_length(name->d.iPAddress)) == 4 ||
		    len == 16) && inet_ntop(len == 4 ? AF_INET : AF_INET6,
		    ASN1_STRING_get0_data(name->d.iPAddress), addr,
		    sizeof(addr)) != NULL)
			tls_add_name(text, size, (const unsigned char *)addr,
			    (int)strlen(addr));
	}
	GENERAL_NAMES_free(names);
	if (text[0] == '\0') {
		tls_describe(x, &cert);
		(void)snprintf(text, size, "%.*s", (int)size - 1, cert.subject);
	}
}

/* Reasons that say all. */
static const char *
tls_plain_reason(int error)
{
	switch (error) {
	case X509_V_ERR_CERT_REVOKED:
		return "the certificate has been revoked";
	case X509_V_ERR_UNABLE_TO_GET_CRL:
		return "no revocation list (CRL) of its issuer is known here";
	case X509_V_ERR_CRL_HAS_EXPIRED:
		return "the revocation list (CRL) has expired";
	case X509_V_ERR_INVALID_PURPOSE:
		return "the certificate is for another purpose";
	case X509_V_ERR_CERT_SIGNATURE_FAILURE:
		return "the signature of the certificate is wrong";
	}
	return X509_verify_cert_error_string(error);
}

static void
tls_reason_text(X509_STORE_CTX *sc, enum tls_role role, char *text,
    size_t size)
{
	int error = X509_STORE_CTX_get_error(sc);
	const char *trust = role == TLS_SERVER ? "--tls-client-ca" :
	    "--tls-ca";
	X509 *x = X509_STORE_CTX_get_current_cert(sc);
	char names[160], day[64];
	struct tls_cert cert;

	if (x == NULL)
		x = X509_STORE_CTX_get0_cert(sc);
	tls_describe(x, &cert);
	switch (error) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		(void)snprintf(text, size, "the certificate expired on %s",
		    cert.not_after[0] != '\0' ? cert.not_after : "?");
		break;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		tls_date_text(X509_get0_notBefore(x), day, sizeof(day));
		(void)snprintf(text, size,
		    "the certificate is not valid before %s",
		    day[0] != '\0' ? day : "?");
		break;
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		tls_cert_names(x, names, sizeof(names));
		(void)snprintf(text, size, "the certificate is for %s", names);
		break;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
		(void)snprintf(text, size, "its issuer (%.160s) is not trusted "
		    "here (see %s and --tls-pin)", cert.issuer, trust);
		break;
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		(void)snprintf(text, size, "the certificate is self-signed and "
		    "not trusted here (see %s and --tls-pin)", trust);
		break;
	default:
		(void)snprintf(text, size, "%s", tls_plain_reason(error));
	}
}

/* For personalities that tell of this in their own words. */
static void
tls_note_distrust(struct tls_context *ctx, X509_STORE_CTX *sc)
{
	int error = X509_STORE_CTX_get_error(sc), alts;
	X509 *x = X509_STORE_CTX_get_current_cert(sc);
	struct tls_distrust *d = &ctx->distrust;
	GENERAL_NAMES *names;

	if (x == NULL)
		x = X509_STORE_CTX_get0_cert(sc);
	ctx->distrusts = true;
	memset(d, 0, sizeof(*d));
	tls_describe(x, &d->cert);
	d->why = X509_verify_cert_error_string(error);
	d->wrong_name = error == X509_V_ERR_HOSTNAME_MISMATCH ||
	    error == X509_V_ERR_IP_ADDRESS_MISMATCH;
	names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	for (alts = 0; alts < sk_GENERAL_NAME_num(names); alts++)
		if (sk_GENERAL_NAME_value(names, alts)->type == GEN_DNS)
			break;
	if (alts >= sk_GENERAL_NAME_num(names))
		(void)X509_NAME_get_text_by_NID(X509_get_subject_name(x),
		    NID_commonName, d->name, sizeof(d->name));
	GENERAL_NAMES_free(names);
}

static void
tls_refuse(struct tls_layer *l, const char *why)
{
	const char *name = l->name != NULL ? l->name : "";

	(void)snprintf(l->fault, sizeof(l->fault),
	    "certificate verify failed%s%.100s: %s",
	    name[0] != '\0' ? " for " : "", name, why);
}

/* ---- The verification --------------------------------------------------- */

/* An address that stands where names of hosts do; others were looked at. */
static bool
tls_fits_loosely(const struct tls_layer *l, X509_STORE_CTX *sc)
{
	X509 *x = X509_STORE_CTX_get0_cert(sc);

	if (!l->loose_name || X509_check_ip_asc(x, l->name, 0) == 1 ||
	    X509_check_host(x, l->name, 0, 0, NULL) == 1)
		return true;
	X509_STORE_CTX_set_error(sc, X509_V_ERR_IP_ADDRESS_MISMATCH);
	return false;
}

/* Before the handshake ends: a peer that is refused gets an alert. */
static int
tls_verify(X509_STORE_CTX *sc, void *arg)
{
	struct tls_context *ctx = arg;
	struct tls_layer *l = SSL_get_app_data(X509_STORE_CTX_get_ex_data(sc,
	    SSL_get_ex_data_X509_STORE_CTX_idx()));
	const char *of = ctx->pins_of;
	unsigned char sha256[TLS_SHA256];
	char why[256], hex[2 * TLS_SHA256 + 1];

	if (X509_digest(X509_STORE_CTX_get0_cert(sc), EVP_sha256(), sha256,
	    NULL) != 1)
		return 0;
	l->pinned = false;
	for (size_t i = 0; i < ctx->npins; i++)
		l->pinned |= memcmp(ctx->pins[i].sha256, sha256,
		    TLS_SHA256) == 0;
	if (ctx->npins > 0 && !l->pinned) {
		for (size_t i = 0; i < TLS_SHA256; i++)
			(void)snprintf(hex + 2 * i, 3, "%02x", sha256[i]);
		(void)snprintf(why, sizeof(why), "the certificate's "
		    "fingerprint SHA256:%s is not %s%.64s", hex, of != NULL ?
		    "that of " : "the pinned one", of != NULL ? of : "");
		tls_refuse(l, why);
		X509_STORE_CTX_set_error(sc, X509_V_ERR_CERT_UNTRUSTED);
		return 0;
	}
	if (!ctx->checks_chain) {
		if (ctx->reports_chain && X509_verify_cert(sc) <= 0)
			tls_note_distrust(ctx, sc);
		X509_STORE_CTX_set_error(sc, X509_V_OK);
		return 1;
	}
	if (ctx->role == TLS_CLIENT && l->name == NULL && ctx->npins == 0) {
		tls_refuse(l, "no name was given to verify");
		X509_STORE_CTX_set_error(sc, X509_V_ERR_HOSTNAME_MISMATCH);
		return 0;
	}
	if (X509_verify_cert(sc) > 0 && tls_fits_loosely(l, sc)) {
		l->verified = true;
		return 1;
	}
	tls_note_distrust(ctx, sc);
	tls_reason_text(sc, ctx->role, why, sizeof(why));
	tls_refuse(l, why);
	return 0;
}

/*
 * OpenSSL does not call tls_verify() for a peer without a certificate, as with
 * a cipher that needs none.
 */
bool
tls_is_trusted(const struct tls_layer *l)
{
	return (!l->ctx->checks_chain || l->verified) &&
	    (l->ctx->npins == 0 || l->pinned);
}

int
tls_set_verify(struct tls_context *ctx, const struct tls_options *opt,
    struct error *err)
{
	int mode = SSL_VERIFY_PEER;

	/* The chain counts unless a pin stands in its place. */
	ctx->checks_chain = opt->verify != TLS_VERIFY_NONE &&
	    (ctx->role == TLS_SERVER ? opt->client_ca != NULL :
	    opt->npins == 0 || opt->ca != NULL);
	ctx->reports_chain = opt->reports_chain && ctx->role == TLS_CLIENT;
	ctx->loose_names = opt->loose_names;
	if (opt->npins > 0) {
		ctx->pins = calloc(opt->npins, sizeof(*ctx->pins));
		if (ctx->pins == NULL) {
			tls_fail(err, ENOMEM, "use", "", "TLS", NULL);
			return -1;
		}
		memcpy(ctx->pins, opt->pins, opt->npins * sizeof(*ctx->pins));
		ctx->npins = opt->npins;
		ctx->pins_of = opt->pins_of;
	}
	/* A client always gets a certificate: tls_verify() decides. */
	if (ctx->role == TLS_SERVER) {
		if (ctx->checks_chain || ctx->npins > 0)
			mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
		else if (!opt->asks_cert)
			mode = SSL_VERIFY_NONE;
	}
	SSL_CTX_set_verify(ctx->ssl, mode, NULL);
	SSL_CTX_set_cert_verify_callback(ctx->ssl, tls_verify, ctx);
	return 0;
}

/*
 * A name that is an address: verified with OpenSSL's help, or loosely. Returns
 * -1: no memory; 0: no address; 1: set.
 */
static int
tls_set_address(struct tls_layer *l, X509_VERIFY_PARAM *param)
{
	unsigned char ip[16];
	char addr[INET6_ADDRSTRLEN];
	size_t len = strcspn(l->name, "%"), size;

	/* Of a link-local address, the certificate has no zone. */
	if (len >= sizeof(addr))
		return 0;
	memcpy(addr, l->name, len);
	addr[len] = '\0';
	size = inet_pton(AF_INET, addr, ip) == 1 ? 4 :
	    inet_pton(AF_INET6, addr, ip) == 1 ? 16 : 0;
	l->loose_name = size > 0 && l->ctx->loose_names;
	if (size == 0 || l->loose_name || !l->ctx->checks_chain)
		return size > 0;
	return X509_VERIFY_PARAM_set1_ip(param, ip, size) == 1 ? 1 : -1;
}

int
tls_set_name(struct tls_layer *l)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(l->ssl);
	int got = tls_set_address(l, param);

	if (got != 0)
		return got == 1 ? 0 : -1;
	X509_VERIFY_PARAM_set_hostflags(param,
	    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (SSL_set_tlsext_host_name(l->ssl, l->name) != 1)
		return -1;
	return l->ctx->checks_chain ?
	    X509_VERIFY_PARAM_set1_host(param, l->name, 0) - 1 : 0;
}
