/* A build without OpenSSL. */
#include <errno.h>
#include <string.h>

#include "layer/tls_module.h"

const struct tls_module *
tls_module_open(struct error *err)
{
	error_set(err, ENOSYS, "use", "TLS");
	(void)strlcpy(err->why, "built without TLS (OpenSSL)",
	    sizeof(err->why));
	return NULL;
}
