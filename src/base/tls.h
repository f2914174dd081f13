/*
 * TLS, and DTLS over datagrams: options, the facts of a connection. The plan
 * holds the options, layer/ obeys them, messages word the facts.
 *
 * Law: nothing here touches the network, a file or a key.
 */
#ifndef BASE_TLS_H
#define BASE_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a SHA-256 and of a SHA-1 digest. */
#define TLS_SHA256	32
#define TLS_SHA1	20
/* The words that both ends of a chat compare. */
#define TLS_WORDS	6

/* SHA-256 of a certificate in DER. */
struct tls_pin {
	unsigned char	sha256[TLS_SHA256];
};

enum tls_verify {
	TLS_VERIFY_PEER,	/* a client: chain, dates and name, or a pin; a
				   server: what client_ca and the pins demand */
	TLS_VERIFY_NONE		/* nothing; pins count nevertheless */
};

/* --tls and the options that go with it. Files: NULL: none was given. */
struct tls_options {
	bool		 on;		/* TLS; with datagrams, DTLS */
	const char	*cert;		/* PEM, the chain. A server without one
					   makes a key for the run */
	const char	*key;		/* PEM; NULL: in cert */
	const char	*pem;		/* chain and key as PEM text, in the
					   place of both files; NULL: none */
	const char	*ca;		/* PEM file, or directory of hashed
					   names; NULL: the system's */
	const char	*crl;		/* PEM */
	const char	*client_ca;	/* a server demands certificates of it;
					   file or directory */
	const char	*name;		/* sent as SNI, and verified; NULL: the
					   host as given. Of a server: in a
					   certificate made for the run */
	const char	*alpn;		/* "h2,http/1.1", the best first */
	const char	*ciphers;	/* TLS 1.2 and 1.3 in one list */
	const char	*keylog;	/* appended */
	struct tls_pin	*pins;		/* owned; any of them */
	size_t		 npins;
	const char	*pins_of;	/* whom the pins identify, in messages;
					   NULL: they are just pins */
	int		 min;		/* lowest version: 12 or 13; 0: 12 */
	enum tls_verify	 verify;
	bool		 lenient;	/* takes a bare FIN for an end */
	bool		 loose_names;	/* an IP address may stand in the place
					   of a name in a certificate */
	bool		 reports_chain;	/* the chain is looked at for the
					   facts, though nothing is verified */
	bool		 makes_rsa;	/* a key for the run is RSA 2048; else
					   ECDSA P-256 */
	bool		 words;		/* are exported; demands TLS 1.3 */
	bool		 asks_cert;	/* a server asks for any certificate,
					   and goes on without */
};

/* A certificate. */
struct tls_cert {
	char		subject[256];	/* "CN=example.org, O=Example"; "" */
	char		issuer[256];
	char		org[128];	/* "Example", of the subject; "" */
	char		not_after[32];	/* "2027-01-31 12:00:00 UTC" */
	unsigned char	sha256[TLS_SHA256], sha1[TLS_SHA1];
	bool		self_signed;
};

/* Why a certificate of the peer is not trusted. */
struct tls_distrust {
	bool		wrong_name;	/* the certificate is for others */
	const char	*why;		/* static: "self-signed certificate" */
	char		name[128];	/* wrong_name: the subject's common name
					   if no other name counts, or "" */
	struct tls_cert	cert;		/* the peer's, or one of its chain */
};

/* A connection after its handshake. */
struct tls_facts {
	const char	*version;	/* static: "TLSv1.3", "DTLSv1.2" */
	const char	*cipher;	/* static: "TLS_AES_256_GCM_SHA384" */
	char		 alpn[64];	/* ""; none was agreed on */
	bool		 has_cert;	/* the peer showed one: cert */
	struct tls_cert	 cert;
	bool		 verified;	/* chain, dates and name (a client) */
	bool		 pinned;	/* a pin fits */
	const struct tls_distrust *distrust; /* see tls_context_distrust() */
	const char	*words[TLS_WORDS]; /* static; NULL: not exported */
};

#endif
