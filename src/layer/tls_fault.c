/*
 * Failures in words.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "layer/tls_impl.h"

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
