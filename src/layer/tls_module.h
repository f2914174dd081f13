/*
 * The module with OpenSSL as src/layer/tls_api.c sees it: a table of functions.
 * One of three files, which configure chooses, gives the table:
 * tls_dlopen.c opens a shared object, tls_linked.c has it in the program,
 * tls_none.c has none.
 *
 * Law: the module needs no function of the program, so that the program
 * exports none.
 */
#ifndef LAYER_TLS_MODULE_H
#define LAYER_TLS_MODULE_H

#include "layer/tls.h"

/* The functions are those of layer/tls.h. */
struct tls_module {
	const char	*version;	/* of the program that it belongs to */
	size_t		 size;		/* of this struct */
	struct tls_context *(*context_new)(const struct tls_options *,
			    enum tls_role, bool dgram, struct error *);
	/* Appends the keys of the context's sessions to a file, which the
	   context closes. */
	void		 (*keylog)(struct tls_context *, int fd);
	void		 (*context_free)(struct tls_context *);
	bool		 (*context_cert)(const struct tls_context *,
			    struct tls_cert *, bool *made);
	const struct tls_distrust *(*distrust)(const struct tls_context *);
	struct layer	*(*layer)(struct tls_context *, const char *name);
	int64_t		 (*date)(const struct layer *);
	enum tls_hello	 (*hello)(struct tls_context *, const void *, size_t,
			    const struct sockaddr *, socklen_t,
			    unsigned char *answer, size_t *n, struct layer **);
	void		 (*feed)(struct layer *, const void *, size_t);
	char		*(*make_key)(struct error *);
	struct tls_digest *(*digest_new)(const char *name);
	void		 (*digest_update)(struct tls_digest *, const void *,
			    size_t);
	size_t		 (*digest_end)(struct tls_digest *,
			    unsigned char out[TLS_DIGEST_MAX]);
};

/* A context and a digest begin with this. */
struct tls_head {
	const struct tls_module	*module;
};

/* A layer of the module begins with this. */
struct tls_layer_head {
	struct layer		 layer;
	const struct tls_module	*module;
};

/* The symbol that the shared object exports. */
#define TLS_MODULE_SYMBOL	"tls_module_table"
extern const struct tls_module	 tls_module_table;

/* NULL, and the error is filled: TLS cannot be used. */
const struct tls_module		*tls_module_open(struct error *);

#endif
