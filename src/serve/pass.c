/*
 * -F: the connected socket goes to whoever holds the other end of standard
 * output, as one byte and a descriptor (unix(7), SCM_RIGHTS). ssh's
 * ProxyUseFdpass waits for that.
 *
 * It is passed as it is, and so does not block: that is how it comes from
 * the copied tool, too.
 */
#include <sys/socket.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "serve/conn.h"

struct pass {
	struct conn	 conn;
	struct fd	 fd;
	struct watch	 watch;		/* standard output */
};

static void
pass_dispose(struct pass *p)
{
	loop_unwatch(p->conn.run->loop, &p->watch);
	fd_close(&p->fd);
	free(p);
}

static void
pass_finish(struct pass *p, int num)
{
	struct conn *c = &p->conn;
	const struct run *r = c->run;

	c->over(c->arg, c, num == 0 ? 0 :
	    r->messages->pass_failed(r->plan, num));
	pass_dispose(p);
}

static ssize_t
pass_send_socket(int num)
{
	char byte = '\0';
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	union {
		struct cmsghdr	 hdr;	/* for its alignment */
		char		 room[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
	    .msg_control = control.room,
	    .msg_controllen = sizeof(control.room) };
	struct cmsghdr *c;
	ssize_t n;

	memset(&control, 0, sizeof(control));
	c = CMSG_FIRSTHDR(&msg);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(num));
	memcpy(CMSG_DATA(c), &num, sizeof(num));
	do
		n = sendmsg(STDOUT_FILENO, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (n == -1 && errno == EINTR);
	return n;
}

static unsigned
pass_want_room(void *arg)
{
	(void)arg;
	return LOOP_OUT;
}

static void
pass_on_ready(void *arg, unsigned what)
{
	struct pass *p = arg;

	(void)what;
	if (pass_send_socket(p->fd.num) == 1)
		pass_finish(p, 0);
	else if (errno != EAGAIN)
		pass_finish(p, errno);
}

static void
pass_stop(struct conn *c, bool now)
{
	struct pass *p = (struct pass *)c;

	/* Nobody took it so far: nobody will. */
	if (!now)
		c->over(c->arg, c, 1);
	pass_dispose(p);
}

static const struct conn_ops pass_ops = { .stop = pass_stop };

struct conn *
conn_pass(const struct conn_start *start, int *status)
{
	const struct run *r = start->run;
	struct pass *p = calloc(1, sizeof(*p));

	if (p == NULL)
		goto fail;
	p->conn = (struct conn){ .run = start->run, .ops = &pass_ops,
	    .over = start->over, .arg = start->arg };
	p->watch = (struct watch){ .fd = STDOUT_FILENO, .want = pass_want_room,
	    .ready = pass_on_ready, .arg = p };
	if (loop_watch(r->loop, &p->watch) == 0) {
		p->fd = *start->fd;
		return &p->conn;
	}
fail:
	*status = r->messages->pass_failed(r->plan, errno);
	fd_close(start->fd);
	free(p);
	return NULL;
}
