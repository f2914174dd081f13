/*
 * One list of ciphers, for TLS 1.2 and for TLS 1.3.
 *
 * A name that begins with TLS_ is a suite of TLS 1.3. If the list has no other
 * names, TLS 1.2 is not allowed; if it has none of these, the suites of
 * TLS 1.3 stay as they are, as with the lists of other programs.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "layer/tls_impl.h"

#define TLS_CIPHERS_MAX	4096

struct tls_cipher_lists {
	char	tls12[TLS_CIPHERS_MAX], tls13[TLS_CIPHERS_MAX];
};

static bool
tls_cipher_is_suite(const char *name)
{
	static const char *const suites[] = { "TLS_AES_128_GCM_SHA256",
	    "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
	    "TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256" };

	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		if (strcmp(name, suites[i]) == 0)
			return true;
	return false;
}

/* What a list takes away, or orders, may be unknown. */
static bool
tls_cipher_is_known(SSL_CTX *scratch, const char *name)
{
	if (strncmp(name, "TLS_", 4) == 0)
		return tls_cipher_is_suite(name);
	return strchr("!-+@", name[0]) != NULL ||
	    SSL_CTX_set_cipher_list(scratch, name) == 1;
}

static void
tls_cipher_add(char *list, const char *name)
{
	size_t at = strlen(list);

	(void)snprintf(list + at, TLS_CIPHERS_MAX - at, "%s%s",
	    at > 0 ? ":" : "", name);
}

/* Sorts the names into two lists; the scratch context tells known names. */
static int
tls_cipher_split(SSL_CTX *scratch, const char *list,
    struct tls_cipher_lists *to, struct error *err)
{
	char names[TLS_CIPHERS_MAX], *rest = names, *name;
	size_t len = strlen(list);

	if (len >= sizeof(names)) {
		tls_fail(err, E2BIG, "use", "ciphers ", "", NULL);
		return -1;
	}
	memcpy(names, list, len + 1);
	to->tls12[0] = to->tls13[0] = '\0';
	while ((name = strsep(&rest, ":, ")) != NULL) {
		if (name[0] == '\0')
			continue;
		if (!tls_cipher_is_known(scratch, name)) {
			tls_fail(err, EINVAL, "use", "cipher ", name,
			    "no cipher has this name");
			return -1;
		}
		tls_cipher_add(strncmp(name, "TLS_", 4) == 0 ? to->tls13 :
		    to->tls12, name);
	}
	return 0;
}

static int
tls_cipher_set(SSL_CTX *ctx, const struct tls_cipher_lists *lists, bool dgram)
{
	if (lists->tls12[0] == '\0' && lists->tls13[0] == '\0')
		return -1;
	if (lists->tls12[0] != '\0' &&
	    SSL_CTX_set_cipher_list(ctx, lists->tls12) != 1)
		return -1;
	if (dgram)
		return lists->tls12[0] != '\0' ? 0 : -1;
	if (lists->tls13[0] != '\0' &&
	    SSL_CTX_set_ciphersuites(ctx, lists->tls13) != 1)
		return -1;
	if (lists->tls12[0] == '\0' &&
	    SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) != 1)
		return -1;
	return 0;
}

int
tls_set_ciphers(SSL_CTX *ctx, const char *list, bool dgram, struct error *err)
{
	struct tls_cipher_lists lists;
	SSL_CTX *scratch = SSL_CTX_new(TLS_method());
	int got = -1;

	if (scratch == NULL)
		tls_fail(err, ENOMEM, "use", "", "TLS", NULL);
	else if ((got = tls_cipher_split(scratch, list, &lists, err)) == 0 &&
	    (got = tls_cipher_set(ctx, &lists, dgram)) == -1)
		tls_fail(err, EINVAL, "use", "ciphers ", list,
		    "none of these can be used");
	SSL_CTX_free(scratch);
	ERR_clear_error();
	return got;
}
