/*
 * Takes the descriptor that a command passes on its standard output, as
 * ssh's ProxyUseFdpass does, and talks through it.
 *
 *	takefd [WORD...] -- command args
 *
 *	full		fills the socket pair before the command starts, and
 *			reads what filled it first
 *	send:TEXT	sends TEXT through the descriptor, then shuts it
 *	gone		closes the receiving end of the socket pair
 *
 * Prints "stream" or "datagram", " nonblock" if O_NONBLOCK is set, and what the
 * descriptor gave until its end. Exits with the command's status.
 */
#include <sys/socket.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <stdbool.h>

#include "lib/tool.h"

static void
fill(int num)
{
	char junk[1024];

	memset(junk, 'x', sizeof(junk));
	while (send(num, junk, sizeof(junk), MSG_DONTWAIT) > 0)
		;
	while (send(num, junk, 1, MSG_DONTWAIT) > 0)
		;
}

/* The bytes that filled the pair come first. */
static int
take(int num, bool full)
{
	char byte = 'x';
	struct iovec iov = { &byte, 1 };
	union {
		struct cmsghdr hdr;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr msg;
	struct cmsghdr *c;
	int got;

	do {
		memset(&msg, 0, sizeof(msg));
		msg.msg_iov = &iov;
		msg.msg_iovlen = 1;
		msg.msg_control = control.room;
		msg.msg_controllen = sizeof(control.room);
		if (recvmsg(num, &msg, 0) != 1)
			return -1;
		c = CMSG_FIRSTHDR(&msg);
	} while (full && c == NULL);
	if (byte != '\0' || c == NULL || c->cmsg_type != SCM_RIGHTS ||
	    c->cmsg_len != CMSG_LEN(sizeof(int)))
		tool_fail("takefd: no descriptor came with %d", byte);
	memcpy(&got, CMSG_DATA(c), sizeof(got));
	return got;
}

static void
talk(int num, const char *text)
{
	socklen_t len = sizeof(int);
	int type = 0, flags = fcntl(num, F_GETFL);
	char buf[4096];
	ssize_t n;

	getsockopt(num, SOL_SOCKET, SO_TYPE, &type, &len);
	printf("%s%s\n", type == SOCK_STREAM ? "stream" : "datagram",
	    flags & O_NONBLOCK ? " nonblock" : "");
	fcntl(num, F_SETFL, flags & ~O_NONBLOCK);
	if (text == NULL)
		return;
	if (write(num, text, strlen(text)) == -1)
		tool_fail("takefd: write: %s", strerror(errno));
	shutdown(num, SHUT_WR);
	while ((n = read(num, buf, sizeof(buf))) > 0)
		fwrite(buf, 1, (size_t)n, stdout);
}

int
main(int argc, char **argv)
{
	const char *text = NULL, *t;
	bool full = false, gone = false;
	int i, num, pair[2], status;
	pid_t pid;

	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if ((t = tool_after(argv[i], "send:")) != NULL)
			text = t;
		else if (strcmp(argv[i], "full") == 0)
			full = true;
		else if (strcmp(argv[i], "gone") == 0)
			gone = true;
		else
			tool_fail("takefd: bad word %s", argv[i]);
	}
	if (i + 1 >= argc)
		tool_fail("usage: takefd [word...] -- command");
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1)
		tool_fail("takefd: socketpair: %s", strerror(errno));
	if (full)
		fill(pair[1]);
	/* Before anything can be sent. */
	if (gone)
		close(pair[0]);
	if ((pid = fork()) == 0) {
		dup2(pair[1], STDOUT_FILENO);
		execvp(argv[i + 1], argv + i + 1);
		_exit(127);
	}
	close(pair[1]);
	if (!gone && (num = take(pair[0], full)) != -1)
		talk(num, text);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : TOOL_FAILED;
}
