/*
 * A password from a file.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "chat/password.h"

/* Reads as many bytes as fit. Returns their number, or -1 with errno. */
static ssize_t
password_read_some(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), num;
	size_t used = 0;
	ssize_t n = 1;

	if (fd == -1)
		return -1;
	while (used < size && n > 0) {
		n = read(fd, buf + used, size - used);
		if (n == -1 && errno == EINTR)
			n = 1;
		else if (n > 0)
			used += (size_t)n;
	}
	num = errno;
	(void)close(fd);
	errno = num;
	return n == -1 ? -1 : (ssize_t)used;
}

const char *
password_read(struct password *p, const char *path)
{
	char buf[PASSWORD_MAX + 2];	/* with CR LF */
	ssize_t n = password_read_some(path, buf, sizeof(buf));
	const char *lf;
	size_t len;

	memset(p, 0, sizeof(*p));
	if (n == -1)
		return "";
	lf = memchr(buf, '\n', (size_t)n);
	len = lf != NULL ? (size_t)(lf - buf) : (size_t)n;
	if (lf != NULL && len > 0 && buf[len - 1] == '\r')
		len--;
	if (len <= PASSWORD_MAX)
		memcpy(p->text, buf, p->len = len);
	explicit_bzero(buf, sizeof(buf));
	return len == 0 ? "its first line is empty" :
	    len > PASSWORD_MAX ? "its first line is too long" : NULL;
}

bool
password_is(const struct password *p, const void *text, size_t len)
{
	unsigned char said[PASSWORD_MAX + 1] = { 0 };
	volatile unsigned char differs = 0;
	size_t i;

	if (len > PASSWORD_MAX)
		return false;
	memcpy(said, text, len);
	for (i = 0; i < sizeof(said); i++)
		differs = (unsigned char)(differs | (said[i] ^ p->text[i]));
	explicit_bzero(said, sizeof(said));
	return differs == 0 && len == p->len;
}

void
password_forget(struct password *p)
{
	explicit_bzero(p, sizeof(*p));
}
