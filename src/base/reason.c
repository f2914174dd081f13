/* Error numbers: their texts and classes. */
#include <errno.h>
#include <netdb.h>
#include <string.h>

#include "base/diag.h"

/*
 * Errors of sockcat's calls for which C libraries have different texts. The
 * text is in the row: a pointer would need a relocation at each start.
 */
static const struct {
	int	num;
	char	text[48];
} reasons[] = {
	{ 0, "Success" },
	{ EIO, "Input/output error" },
	{ ENOMEM, "Cannot allocate memory" },
	{ EBUSY, "Device or resource busy" },
	{ EXDEV, "Invalid cross-device link" },
	{ EMFILE, "Too many open files" },
	{ ENOTTY, "Inappropriate ioctl for device" },
	{ ESPIPE, "Illegal seek" },
	{ ERANGE, "Numerical result out of range" },
	{ ENAMETOOLONG, "File name too long" },
	{ ELOOP, "Too many levels of symbolic links" },
	{ EOVERFLOW, "Value too large for defined data type" },
	{ ENOTSOCK, "Socket operation on non-socket" },
	{ EMSGSIZE, "Message too long" },
	{ EOPNOTSUPP, "Operation not supported" },
	{ EADDRINUSE, "Address already in use" },
	{ EADDRNOTAVAIL, "Cannot assign requested address" },
	{ ENETUNREACH, "Network is unreachable" },
	{ ENETRESET, "Network dropped connection on reset" },
	{ ECONNABORTED, "Software caused connection abort" },
	{ EISCONN, "Transport endpoint is already connected" },
	{ ENOTCONN, "Transport endpoint is not connected" },
	{ ESHUTDOWN, "Cannot send after transport endpoint shutdown" },
	{ ETOOMANYREFS, "Too many references: cannot splice" },
	{ ETIMEDOUT, "Connection timed out" },
	{ EHOSTUNREACH, "No route to host" },
	{ EINPROGRESS, "Operation now in progress" },
	{ EDQUOT, "Disk quota exceeded" },
	/* Negative numbers: getaddrinfo(3)'s. */
	{ EAI_BADFLAGS, "Bad value for ai_flags" },
	{ EAI_NONAME, "Name or service not known" },
	{ EAI_AGAIN, "Temporary failure in name resolution" },
	{ EAI_FAIL, "Non-recoverable failure in name resolution" },
	{ EAI_NODATA, "No address associated with hostname" },
	{ EAI_FAMILY, "ai_family not supported" },
	{ EAI_SOCKTYPE, "ai_socktype not supported" },
	{ EAI_SERVICE, "Servname not supported for ai_socktype" },
	{ EAI_ADDRFAMILY, "Address family for hostname not supported" },
	{ EAI_MEMORY, "Memory allocation failure" },
};

const char *
reason_text(int num)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].num == num)
			return reasons[i].text;
	return num < 0 ? gai_strerror(num) : strerror(num);
}

static const struct {
	int		num;
	unsigned	classes;
} errclass_rows[] = {
	{ ECONNREFUSED, ERRCLASS_REPORT },
	{ EHOSTUNREACH, ERRCLASS_REPORT | ERRCLASS_ACCEPT },
	{ ENETUNREACH, ERRCLASS_REPORT | ERRCLASS_ACCEPT },
	{ EHOSTDOWN, ERRCLASS_REPORT | ERRCLASS_ACCEPT },
	{ ENETDOWN, ERRCLASS_REPORT | ERRCLASS_ACCEPT },
	{ ECONNRESET, ERRCLASS_RESET | ERRCLASS_ACCEPT },
	{ ENOENT, ERRCLASS_GONE },
	{ ECONNABORTED, ERRCLASS_ACCEPT },
	{ EPROTO, ERRCLASS_ACCEPT },
	{ EPERM, ERRCLASS_ACCEPT },	/* a firewall's answer */
	{ ENONET, ERRCLASS_ACCEPT },
	{ ENOPROTOOPT, ERRCLASS_ACCEPT },
	{ EOPNOTSUPP, ERRCLASS_ACCEPT },
	{ ETIMEDOUT, ERRCLASS_ACCEPT },
	{ EMFILE, ERRCLASS_SHORT },
	{ ENFILE, ERRCLASS_SHORT },
	{ ENOBUFS, ERRCLASS_SHORT },
	{ ENOMEM, ERRCLASS_SHORT },
};

bool
errclass_is(int num, unsigned classes)
{
	size_t i;

	for (i = 0; i < sizeof(errclass_rows) / sizeof(errclass_rows[0]); i++)
		if (errclass_rows[i].num == num)
			return (errclass_rows[i].classes & classes) != 0;
	return false;
}
