/*
 * Telling around us that we listen.
 */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/ready.h"

/* Where a service manager waits for a word; sd_notify(3). */
#define NOTIFY		"NOTIFY_SOCKET"

int
ready_check(const struct plan *plan, struct error *err)
{
	int num = plan->service.ready_fd, flags;

	if (num == 0)
		return 0;
	flags = fcntl(num, F_GETFD);
	if (flags != -1 && fcntl(num, F_SETFD, flags | FD_CLOEXEC) != -1)
		return 0;
	error_set(err, errno, "write to", "descriptor %d", num);
	return -1;
}

/* A line for each socket: its port, or the path of a Unix socket. */
static char *
ready_lines_of(const struct fd *fds, size_t n, size_t *len)
{
	char *text = NULL, host[ADDR_HOST_MAX];
	FILE *f = open_memstream(&text, len);
	struct addr a;
	size_t i;

	if (f == NULL)
		return NULL;
	for (i = 0; i < n; i++) {
		if (addr_local(&a, fds[i].num) == -1)
			continue;
		if (addr_family(&a) == AF_UNIX)
			(void)fprintf(f, "%s\n",
			    addr_host(&a, host, sizeof(host)));
		else
			(void)fprintf(f, "%u\n", addr_port(&a));
	}
	if (fclose(f) == 0)
		return text;
	free(text);
	return NULL;
}

/* A device, or a link to one, is not to become a file. */
static int
ready_check_old(const char *path)
{
	struct stat st;

	if (lstat(path, &st) == -1)
		return errno == ENOENT ? 0 : -1;
	if (S_ISREG(st.st_mode))
		return 0;
	errno = EEXIST;
	return -1;
}

/* As open(2) would have made it. */
static int
ready_set_mode(int num)
{
	mode_t mask = umask(0);

	(void)umask(mask);
	return fchmod(num, 0666 & ~mask);
}

static int
ready_fill(struct ready *r, int num, const char *text, size_t len)
{
	ssize_t n;

	if (ready_set_mode(num) == -1 || (n = write(num, text, len)) == -1)
		return -1;
	if ((size_t)n == len)
		return fstat(num, &r->as);
	errno = ENOSPC;
	return -1;
}

/* Written under another name first: who sees the file sees all of it. */
static int
ready_write_file(struct ready *r, const char *path, const char *text,
    size_t len)
{
	char *name = NULL;
	int num, rc, saved;

	if (ready_check_old(path) == -1 ||
	    asprintf(&name, "%s.XXXXXX", path) == -1)
		return -1;
	if ((num = mkostemp(name, O_CLOEXEC)) == -1) {
		free(name);
		return -1;
	}
	rc = ready_fill(r, num, text, len);
	saved = errno;
	if (close(num) == -1 && rc == 0) {
		saved = errno;
		rc = -1;
	}
	if (rc == 0 && (rc = rename(name, path)) == -1)
		saved = errno;
	if (rc == 0)
		r->written = path;
	else
		(void)unlink(name);
	free(name);
	errno = saved;
	return rc;
}

/* A line that does not fit where nobody reads is as good as not told. */
static int
ready_write_fd(int num, const char *text, size_t len)
{
	const struct iovec iov = { .iov_base = (char *)(size_t)text,
	    .iov_len = len };
	struct fd fd;
	enum io io;
	size_t n = 0;

	if (fd_inherit(&fd, num, O_WRONLY) == -1)
		return -1;
	io = fd_write(&fd, &iov, 1, &n);
	if (io == IO_AGAIN || (io == IO_OK && n < len))
		errno = EAGAIN;
	if (fd.reopened)
		(void)close(num);
	fd_close(&fd);
	return io == IO_OK && n == len ? 0 : -1;
}

static void
ready_notify(const struct run *r)
{
	static const char text[] = "READY=1\n";
	const char *path = getenv(NOTIFY);
	struct error err;
	struct addr to;
	struct fd fd;
	ssize_t n = -1;

	if (path == NULL || !r->plan->service.notifies)
		return;
	error_set(&err, 0, "notify", "%s", path);
	if (addr_unix(&to, path) == 0 &&
	    fd_socket(&fd, AF_UNIX, SOCK_DGRAM, 0) == 0) {
		n = sendto(fd.num, text, strlen(text),
		    MSG_DONTWAIT | MSG_NOSIGNAL, &to.u.sa, to.len);
		err.num = errno;
		fd_close(&fd);
	} else
		err.num = errno;
	if (n == -1 && r->messages->warn != NULL)
		(void)r->messages->warn(r->plan, &err);
}

int
ready_tell(struct ready *ready, const struct run *r, const struct fd *fds,
    size_t n, struct error *err)
{
	const struct plan_service *s = &r->plan->service;
	size_t i, len = 0;
	char *text = NULL;
	int rc = 0;

	if (s->port_file != NULL || s->ready_fd != 0) {
		text = ready_lines_of(fds, n, &len);
		if (text == NULL) {
			error_set(err, errno, "tell", "the port");
			return -1;
		}
	}
	if (s->port_file != NULL &&
	    (rc = ready_write_file(ready, s->port_file, text, len)) == -1) {
		error_set(err, errno, "write the port to", "%s", s->port_file);
		if (err->num == EEXIST)
			(void)snprintf(err->why, sizeof(err->why),
			    "it is something else than a file");
	}
	if (rc == 0 && s->ready_fd != 0 &&
	    (rc = ready_write_fd(s->ready_fd, text, len)) == -1)
		error_set(err, errno, "write the port to", "descriptor %d",
		    s->ready_fd);
	free(text);
	if (rc == 0)
		ready_notify(r);
	for (i = 0; rc == 0 && s->test && i < n; i++)
		diag_plain("NCAT TEST: LISTEN");
	return rc;
}

/* The number of a file that has gone is soon that of another: see its time. */
static bool
ready_is_ours(const struct ready *r)
{
	struct stat st;

	return lstat(r->written, &st) == 0 && st.st_dev == r->as.st_dev &&
	    st.st_ino == r->as.st_ino &&
	    st.st_mtim.tv_sec == r->as.st_mtim.tv_sec &&
	    st.st_mtim.tv_nsec == r->as.st_mtim.tv_nsec;
}

void
ready_end(struct ready *r)
{
	if (r->written != NULL && ready_is_ours(r))
		(void)unlink(r->written);
	r->written = NULL;
}
