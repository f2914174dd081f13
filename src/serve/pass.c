/*
 * -F: passes the connected socket through standard output, as one byte and a
 * descriptor (unix(7), SCM_RIGHTS): the format of ssh's ProxyUseFdpass.
 *
 * The socket stays non-blocking, as the copied tool passes it.
 */
#include <sys/socket.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "serve/conn.h"

struct pass {
	struct conn	 conn;
	struct watch	 watch;		/* standard output */
	int		 num;		/* errno; 0: none */
};

static void
pass_dispose(struct conn *c)
{
	struct pass *p = (struct pass *)c;

	loop_unwatch(c->run->loop, &p->watch);
	fd_close(&c->ep.in_bottom.fd);
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

static void
pass_on_ready(void *arg, unsigned what)
{
	struct pass *p = arg;

	(void)what;
	if (pass_send_socket(p->conn.ep.in_bottom.fd.num) == -1) {
		if (errno == EAGAIN)
			return;
		p->num = errno;
	}
	loop_unwatch(p->conn.run->loop, &p->watch);
	conn_close(&p->conn);
}

static int
pass_failed(const struct run *r, int num)
{
	struct error err;

	error_set(&err, num, "pass the socket to", "standard output");
	return REPORT(r->plan, EVENT_PASS_FAILED, .error = &err);
}

static int
pass_report(struct conn *c, struct outcome *o)
{
	int num = ((struct pass *)c)->num;

	(void)o;
	return c->cause == SESSION_INTERRUPTED ? 1 :
	    num == 0 ? 0 : pass_failed(c->run, num);
}

static const struct conn_ops pass_ops = {
	.leave = conn_close,	/* no process will take the socket */
	.report = pass_report,
	.dispose = pass_dispose
};

struct conn *
conn_pass(const struct conn_start *start, int *status)
{
	const struct run *r = start->run;
	struct pass *p = conn_new(sizeof(*p), &pass_ops, start);

	if (p != NULL) {
		p->conn.ep.in_bottom.fd = *start->fd;
		p->watch = (struct watch){ .fd = STDOUT_FILENO,
		    .want = loop_want_out, .ready = pass_on_ready, .arg = p };
		if (loop_watch(r->loop, &p->watch) == 0)
			return &p->conn;
		p->watch.fd = -1;
	}
	*status = pass_failed(r, errno);
	if (p != NULL)
		conn_stop(&p->conn, true);
	else
		fd_close(start->fd);
	return NULL;
}
