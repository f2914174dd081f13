/*
 * Makes calls that move bytes do less than was asked for, as the kernel may at
 * any time, but seldom does. To be preloaded (LD_PRELOAD) before the C library.
 *
 *	FAULTLINE="seed=1,short=30,eintr=5" LD_PRELOAD=faultline.so COMMAND
 *
 *	seed=N		 the same seed gives the same faults
 *	short=P		 P of 100 calls move fewer bytes than asked for
 *	one=1		 every call moves one byte
 *	eintr=P		 P of 100 calls are interrupted before they begin
 *	eagain=P	 P of 100 calls would block, where that is legal: the
 *			 descriptor or the call is non-blocking, not a file
 *	splice_fail_at=K the Kth splice or sendfile fails
 *	splice_fail_from=K  the Kth and all later ones fail
 *	errno=NAME	 how they fail (EINVAL)
 *	census=FILE	 at exit, append "NAME CALLS FAULTS" for each call
 *
 * Only what the kernel may do: datagrams are never cut, nor are messages of
 * descriptors without a file type (events, timers, signals), nor standard
 * error. Not for static programs.
 */
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/errname.h"

enum call {
	READ, WRITE, READV, WRITEV, PREADV2, PWRITEV2, RECV, SEND, RECVMSG,
	SENDMSG, SPLICE, SENDFILE, NCALLS
};

static const char *const names[NCALLS] = {
	"read", "write", "readv", "writev", "preadv2", "pwritev2", "recv",
	"send", "recvmsg", "sendmsg", "splice", "sendfile"
};

/* The C library's own functions, by the names above. */
static void	*real[NCALLS];

static struct {
	uint64_t	state;			/* of the generator */
	unsigned	short_pct, eintr_pct, eagain_pct;
	bool		one, ready;
	unsigned long	fail_at, fail_from, spliced;
	int		fail_errno;
	char		census[PATH_MAX];
	unsigned long	calls[NCALLS], faults[NCALLS];
} line;

/* xorshift64* */
static uint32_t
draw(void)
{
	line.state ^= line.state >> 12;
	line.state ^= line.state << 25;
	line.state ^= line.state >> 27;
	return (uint32_t)((line.state * UINT64_C(2685821657736338717)) >> 32);
}

static bool
chance(unsigned percent)
{
	return percent != 0 && draw() % 100 < percent;
}

static void
set(const char *key, const char *value)
{
	unsigned long	n = strtoul(value, NULL, 10);

	if (strcmp(key, "seed") == 0)
		line.state = n * UINT64_C(0x9e3779b97f4a7c15) + 1;
	else if (strcmp(key, "short") == 0)
		line.short_pct = (unsigned)n;
	else if (strcmp(key, "one") == 0)
		line.one = n != 0;
	else if (strcmp(key, "eintr") == 0)
		line.eintr_pct = (unsigned)n;
	else if (strcmp(key, "eagain") == 0)
		line.eagain_pct = (unsigned)n;
	else if (strcmp(key, "splice_fail_at") == 0)
		line.fail_at = n;
	else if (strcmp(key, "splice_fail_from") == 0)
		line.fail_from = n;
	else if (strcmp(key, "errno") == 0)
		line.fail_errno = errname_number(value);
	else if (strcmp(key, "census") == 0)
		snprintf(line.census, sizeof line.census, "%s", value);
	else {
		fprintf(stderr, "faultline: unknown: %s\n", key);
		_exit(125);
	}
}

/* Also called by the first wrapped call, should that come before us. */
__attribute__((constructor)) static void
begin(void)
{
	const char	*env = getenv("FAULTLINE");
	char		 copy[PATH_MAX + 256], *rest = copy, *word, *equals;
	int		 i;

	if (line.ready)
		return;
	line.ready = true;
	for (i = 0; i < NCALLS; i++)
		real[i] = dlsym(RTLD_NEXT, names[i]);
	line.state = 1;
	line.fail_errno = EINVAL;
	snprintf(copy, sizeof copy, "%s", env != NULL ? env : "");
	while ((word = strsep(&rest, ",")) != NULL) {
		if ((equals = strchr(word, '=')) == NULL)
			continue;
		*equals = '\0';
		set(word, equals + 1);
	}
}

__attribute__((destructor)) static void
count(void)
{
	FILE	*f;
	int	 i;

	if (line.census[0] == '\0' ||
	    (f = fopen(line.census, "ae")) == NULL)
		return;
	for (i = 0; i < NCALLS; i++)
		if (line.calls[i] != 0)
			fprintf(f, "%s %lu %lu\n", names[i], line.calls[i],
			    line.faults[i]);
	fclose(f);
}

/* Whether the bytes of this descriptor may be cut anywhere. */
static bool
is_stream(int fd)
{
	struct stat	st;
	int		type;
	socklen_t	len = sizeof type;

	if (fd == STDERR_FILENO || fstat(fd, &st) == -1)
		return false;
	if (S_ISSOCK(st.st_mode))
		return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
		    type == SOCK_STREAM;
	return S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode) ||
	    S_ISCHR(st.st_mode);
}

static bool
is_file(int fd)
{
	struct stat	st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

static bool
is_nonblocking(int fd)
{
	int	flags = fcntl(fd, F_GETFL);

	return flags != -1 && (flags & O_NONBLOCK) != 0 && !is_file(fd);
}

/*
 * Decides about one call. Returns how many of size bytes it may move, or -1
 * with errno. nowait: the call is non-blocking, whatever the descriptor.
 */
static ssize_t
fate(enum call c, int fd, size_t size, bool nowait)
{
	begin();
	line.calls[c]++;
	if (size == 0 || !is_stream(fd))
		return (ssize_t)size;
	if (chance(line.eintr_pct)) {
		line.faults[c]++;
		errno = EINTR;
		return -1;
	}
	if ((nowait || is_nonblocking(fd)) && chance(line.eagain_pct)) {
		line.faults[c]++;
		errno = EAGAIN;
		return -1;
	}
	if (size > 1 && (line.one || chance(line.short_pct))) {
		line.faults[c]++;
		return line.one ? 1 : (ssize_t)(1 + draw() % (size - 1));
	}
	return (ssize_t)size;
}

static bool
quits(enum call c)
{
	begin();
	line.spliced++;
	if (line.spliced != line.fail_at &&
	    (line.fail_from == 0 || line.spliced < line.fail_from))
		return false;
	line.calls[c]++;
	line.faults[c]++;
	errno = line.fail_errno;
	return true;
}

/* Copies a vector, cut to what fate allows, to the caller's room. */
struct cut {
	struct iovec	iov[16];
	int		cnt;
};

static size_t
total(const struct iovec *iov, int cnt)
{
	size_t	n = 0;

	while (cnt-- > 0)
		n += iov++->iov_len;
	return n;
}

/* Of a vector that is longer than the room the beginning is used. */
static void
cut_to(struct cut *cut, const struct iovec *iov, int cnt, size_t len)
{
	size_t	n;

	for (cut->cnt = 0; cut->cnt < cnt && cut->cnt < 16 && len > 0;
	    cut->cnt++) {
		n = iov[cut->cnt].iov_len < len ? iov[cut->cnt].iov_len : len;
		cut->iov[cut->cnt] = iov[cut->cnt];
		cut->iov[cut->cnt].iov_len = n;
		len -= n;
	}
}

/* Function pointers and data pointers convert by way of the union. */
union entry {
	void	*sym;
	ssize_t	(*rw)(int, void *, size_t);
	ssize_t	(*vec)(int, const struct iovec *, int);
	ssize_t	(*vec2)(int, const struct iovec *, int, off_t, int);
	ssize_t	(*sock)(int, void *, size_t, int);
	ssize_t	(*rmsg)(int, struct msghdr *, int);
	ssize_t	(*smsg)(int, const struct msghdr *, int);
	ssize_t	(*splice)(int, off64_t *, int, off64_t *, size_t, unsigned);
	ssize_t	(*sendfile)(int, int, off_t *, size_t);
};

static union entry
entry(enum call c)
{
	return (union entry){ .sym = real[c] };
}

ssize_t
read(int fd, void *buf, size_t len)
{
	ssize_t	n = fate(READ, fd, len, false);

	return n == -1 ? -1 : entry(READ).rw(fd, buf, (size_t)n);
}

ssize_t
write(int fd, const void *buf, size_t len)
{
	ssize_t	n = fate(WRITE, fd, len, false);

	return n == -1 ? -1 :
	    entry(WRITE).rw(fd, (void *)(uintptr_t)buf, (size_t)n);
}

static ssize_t
vector(enum call c, int fd, const struct iovec *iov, int cnt)
{
	size_t		all = total(iov, cnt);
	ssize_t		n = fate(c, fd, all, false);
	struct cut	cut;

	if (n == -1 || (size_t)n == all)
		return n == -1 ? -1 : entry(c).vec(fd, iov, cnt);
	cut_to(&cut, iov, cnt, (size_t)n);
	return entry(c).vec(fd, cut.iov, cut.cnt);
}

static ssize_t
vector2(enum call c, int fd, const struct iovec *iov, int cnt, off_t off,
    int flags)
{
	size_t		all = total(iov, cnt);
	bool		nowait = (flags & RWF_NOWAIT) != 0 && !is_file(fd);
	ssize_t		n = fate(c, fd, all, nowait);
	struct cut	cut;

	if (n == -1 || (size_t)n == all)
		return n == -1 ? -1 : entry(c).vec2(fd, iov, cnt, off, flags);
	cut_to(&cut, iov, cnt, (size_t)n);
	return entry(c).vec2(fd, cut.iov, cut.cnt, off, flags);
}

ssize_t
readv(int fd, const struct iovec *iov, int cnt)
{
	return vector(READV, fd, iov, cnt);
}

ssize_t
writev(int fd, const struct iovec *iov, int cnt)
{
	return vector(WRITEV, fd, iov, cnt);
}

ssize_t
preadv2(int fd, const struct iovec *iov, int cnt, off_t off, int flags)
{
	return vector2(PREADV2, fd, iov, cnt, off, flags);
}

ssize_t
pwritev2(int fd, const struct iovec *iov, int cnt, off_t off, int flags)
{
	return vector2(PWRITEV2, fd, iov, cnt, off, flags);
}

ssize_t
preadv64v2(int fd, const struct iovec *iov, int cnt, off64_t off, int flags)
{
	return vector2(PREADV2, fd, iov, cnt, off, flags);
}

ssize_t
pwritev64v2(int fd, const struct iovec *iov, int cnt, off64_t off, int flags)
{
	return vector2(PWRITEV2, fd, iov, cnt, off, flags);
}

ssize_t
recv(int fd, void *buf, size_t len, int flags)
{
	ssize_t	n = fate(RECV, fd, len, (flags & MSG_DONTWAIT) != 0);

	return n == -1 ? -1 : entry(RECV).sock(fd, buf, (size_t)n, flags);
}

ssize_t
send(int fd, const void *buf, size_t len, int flags)
{
	ssize_t	n = fate(SEND, fd, len, (flags & MSG_DONTWAIT) != 0);

	return n == -1 ? -1 : entry(SEND).sock(fd, (void *)(uintptr_t)buf,
	    (size_t)n, flags);
}

/* Asks fate about a message; one with ancillary data is not cut. */
static ssize_t
message(enum call c, int fd, const struct msghdr *msg, int flags,
    struct msghdr *out, struct cut *cut)
{
	size_t	all = total(msg->msg_iov, (int)msg->msg_iovlen);
	ssize_t	n = fate(c, fd, all, (flags & MSG_DONTWAIT) != 0);

	*out = *msg;
	if (n == -1 || (size_t)n == all || msg->msg_controllen != 0)
		return n;
	cut_to(cut, msg->msg_iov, (int)msg->msg_iovlen, (size_t)n);
	out->msg_iov = cut->iov;
	out->msg_iovlen = (size_t)cut->cnt;
	return n;
}

ssize_t
recvmsg(int fd, struct msghdr *msg, int flags)
{
	struct msghdr	out;
	struct cut	cut;
	ssize_t		n = message(RECVMSG, fd, msg, flags, &out, &cut);

	if (n == -1)
		return -1;
	n = entry(RECVMSG).rmsg(fd, &out, flags);
	msg->msg_namelen = out.msg_namelen;
	msg->msg_controllen = out.msg_controllen;
	msg->msg_flags = out.msg_flags;
	return n;
}

ssize_t
sendmsg(int fd, const struct msghdr *msg, int flags)
{
	struct msghdr	out;
	struct cut	cut;

	return message(SENDMSG, fd, msg, flags, &out, &cut) == -1 ? -1 :
	    entry(SENDMSG).smsg(fd, &out, flags);
}

ssize_t
splice(int in, off64_t *inoff, int out, off64_t *outoff, size_t len,
    unsigned flags)
{
	ssize_t	n;

	if (quits(SPLICE))
		return -1;
	n = fate(SPLICE, in, len, (flags & SPLICE_F_NONBLOCK) != 0);
	return n == -1 ? -1 :
	    entry(SPLICE).splice(in, inoff, out, outoff, (size_t)n, flags);
}

static ssize_t
send_file(int out, int in, off_t *off, size_t len)
{
	ssize_t	n;

	if (quits(SENDFILE))
		return -1;
	n = fate(SENDFILE, out, len, false);
	return n == -1 ? -1 :
	    entry(SENDFILE).sendfile(out, in, off, (size_t)n);
}

ssize_t
sendfile(int out, int in, off_t *off, size_t len)
{
	return send_file(out, in, off, len);
}

ssize_t
sendfile64(int out, int in, off64_t *off, size_t len)
{
	return send_file(out, in, off, len);
}

/* What _FORTIFY_SOURCE makes of read and recv. */
ssize_t	__read_chk(int, void *, size_t, size_t);
ssize_t	__recv_chk(int, void *, size_t, size_t, int);

ssize_t
__read_chk(int fd, void *buf, size_t len, size_t room)
{
	if (len > room)
		abort();
	return read(fd, buf, len);
}

ssize_t
__recv_chk(int fd, void *buf, size_t len, size_t room, int flags)
{
	if (len > room)
		abort();
	return recv(fd, buf, len, flags);
}
