#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/run.h"

/* The socket of a service manager; sd_notify(3). */
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

/* Returns lines with each socket's port or path, to be freed; or NULL. */
static char *
ready_lines(const struct addr *bound, size_t n, size_t *len)
{
	char *text = NULL, host[ADDR_HOST_MAX];
	FILE *f = open_memstream(&text, len);

	for (size_t i = 0; f != NULL && i < n; i++)
		if (addr_family(&bound[i]) == AF_UNIX)
			(void)fprintf(f, "%s\n",
			    addr_host(&bound[i], host, sizeof(host)));
		else
			(void)fprintf(f, "%u\n", addr_port(&bound[i]));
	if (f != NULL && fclose(f) == 0)
		return text;
	free(text);
	return NULL;
}

/* Writes to another name, and renames: readers see the whole text or none. */
static int
ready_write_file(struct ready *r, const char *path, const char *text,
    size_t len)
{
	struct stat old = { .st_mode = S_IFREG };
	mode_t mask = umask(0);
	char *name = NULL;
	bool done = false;
	int num, saved;
	ssize_t n;

	(void)umask(mask);
	if (lstat(path, &old) == -1 && errno != ENOENT)
		return -1;
	/* A device or a link stays. */
	errno = EEXIST;
	if (!S_ISREG(old.st_mode) || asprintf(&name, "%s.XXXXXX", path) == -1)
		return -1;
	if ((num = mkostemp(name, O_CLOEXEC)) == -1) {
		free(name);
		return -1;
	}
	/* The mode is as open(2) would give the file. */
	if (fchmod(num, 0666 & ~mask) == 0 &&
	    (n = write(num, text, len)) != -1) {
		errno = ENOSPC;
		done = (size_t)n == len && fstat(num, &r->as) == 0;
	}
	saved = errno;
	if (close(num) == -1 && done) {
		saved = errno;
		done = false;
	}
	if (done && rename(name, path) == -1) {
		saved = errno;
		done = false;
	}
	if (done)
		r->written = path;
	else
		(void)unlink(name);
	free(name);
	errno = saved;
	return done ? 0 : -1;
}

/* A pipe that takes a part of the text, for lack of a reader, is a failure. */
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

	if (path == NULL || !r->plan->service.native)
		return;
	fd.num = -1;
	if (addr_unix(&to, path) == 0 &&
	    fd_socket(&fd, AF_UNIX, SOCK_DGRAM, 0) == 0)
		n = sendto(fd.num, text, strlen(text),
		    MSG_DONTWAIT | MSG_NOSIGNAL, &to.u.sa, to.len);
	error_set(&err, errno, "notify", "%s", path);
	if (fd.num != -1)
		fd_close(&fd);
	if (n == -1)
		messages_warn(r->plan, &err);
}

int
ready_report(struct ready *ready, const struct run *r,
    const struct addr *bound, size_t n, struct error *err)
{
	const struct plan_service *s = &r->plan->service;
	bool asked = s->port_file != NULL || s->ready_fd != 0;
	size_t len = 0;
	char *text = asked ? ready_lines(bound, n, &len) : NULL;

	err->num = 0;
	if (asked && text == NULL)
		error_set(err, errno, "tell", "the port");
	else if (s->port_file != NULL &&
	    ready_write_file(ready, s->port_file, text, len) == -1) {
		error_set(err, errno, "write the port to", "%s", s->port_file);
		if (err->num == EEXIST)
			(void)strlcpy(err->why, "not a regular file",
			    sizeof(err->why));
	} else if (s->ready_fd != 0 &&
	    ready_write_fd(s->ready_fd, text, len) == -1)
		error_set(err, errno, "write the port to", "descriptor %d",
		    s->ready_fd);
	free(text);
	if (err->num != 0)
		return -1;
	ready_notify(r);
	for (; s->test && n > 0; n--)
		diag_plain("NCAT TEST: LISTEN");
	return 0;
}

void
ready_end(struct ready *r)
{
	struct stat st;

	/* The inode of a removed file is reused: the time is compared, too. */
	if (r->written != NULL && lstat(r->written, &st) == 0 &&
	    st.st_dev == r->as.st_dev && st.st_ino == r->as.st_ino &&
	    st.st_mtim.tv_sec == r->as.st_mtim.tv_sec &&
	    st.st_mtim.tv_nsec == r->as.st_mtim.tv_nsec)
		(void)unlink(r->written);
	r->written = NULL;
}
