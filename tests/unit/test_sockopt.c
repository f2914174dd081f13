#include <sys/wait.h>

#include <netinet/ip.h>

#include "dial_fixture.h"
#include "net/socket.h"

static int
option(int level, int name)
{
	socklen_t len = sizeof(int);
	int value = -1;

	(void)getsockopt(got.num, level, name, &value, &len);
	return value;
}

TEST(socket_options_are_set)
{
	struct addr to = addr_of("127.0.0.1", 0);
	int s = serve(&to, SOCK_STREAM, 5);

	begin();
	plan.sock.keepalive = true;
	plan.sock.rcvbuf = 20000;
	plan.sock.tos = IPTOS_LOWDELAY;
	plan.sock.ttl = 7;
	plan.sock.min_ttl = 1;
	run(&to, 1, NULL);
	CHECK_INT(connected, 1);
	CHECK_INT(option(SOL_SOCKET, SO_KEEPALIVE), 1);
	CHECK_INT(option(SOL_SOCKET, SO_RCVBUF), 40000);
	CHECK_INT(option(IPPROTO_IP, IP_TOS), IPTOS_LOWDELAY);
	CHECK_INT(option(IPPROTO_IP, IP_TTL), 7);
	CHECK_INT(option(IPPROTO_IP, IP_MINTTL), 1);
	end();
	close(s);
}

TEST(a_refused_option_is_told_by_name)
{
	struct addr to = addr_of("127.0.0.1", 9);

	begin();
	plan.sock.ttl = 300;
	run(&to, 1, NULL);
	CHECK_INT(failed, 1);
	CHECK_INT(error[0].num, EINVAL);
	CHECK_STR(error[0].op, "set");
	CHECK_STR(error[0].object, "IP_TTL");
	end();
}

TEST(signed_segments_need_the_same_secret)
{
	struct addr a = addr_of("127.0.0.1", 0);
	struct pollfd p = { .events = POLLOUT };
	struct error err = { .num = 0 };
	struct fd s, c;

	begin();
	fd_own(&s, serve(&a, SOCK_STREAM, 5), FD_STREAM);
	if (sockopt_md5(&s, NULL, "secret", &err) == -1) {
		fd_close(&s);
		finish();
		SKIP("no TCP_MD5SIG");
	}
	fd_socket(&c, AF_INET, SOCK_STREAM, 0);
	CHECK_INT(sockopt_md5(&c, &a, "secret", &err), 0);
	connect(c.num, &a.u.sa, a.len);
	p.fd = c.num;
	CHECK_INT(poll(&p, 1, 10000), 1);
	CHECK((p.revents & (POLLERR | POLLHUP)) == 0);
	fd_close(&c);
	p.fd = call(&a, SOCK_STREAM);		/* unsigned: no answer */
	CHECK_INT(poll(&p, 1, 200), 0);
	close(p.fd);
	fd_close(&s);
	finish();
}

TEST(bad_secrets_are_refused)
{
	struct addr a = addr_of("127.0.0.1", 9);
	struct error err = { .num = 0 };
	char secret[100];
	struct fd fd;

	fd_socket(&fd, AF_INET, SOCK_STREAM, 0);
	CHECK_INT(sockopt_md5(&fd, &a, "", &err), -1);
	CHECK_INT(err.num, EINVAL);
	memset(secret, 'x', sizeof(secret));
	secret[sizeof(secret) - 1] = '\0';
	CHECK_INT(sockopt_md5(&fd, &a, secret, &err), -1);
	CHECK_INT(err.num, EINVAL);
	CHECK_STR(err.object, "TCP_MD5SIG");
	fd_close(&fd);
}

/* Without a terminal the secret cannot be asked for: nothing is sent. */
TEST(without_a_terminal_there_is_no_secret)
{
	struct addr to = addr_of("127.0.0.1", 9);
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		(void)setsid();
		begin();
		plan.sock.md5 = true;
		run(&to, 1, NULL);
		end();
		_exit(failed != 1 || error[0].num != ENOTTY ||
		    strcmp(error[0].op, "read") != 0);
	}
	waitpid(pid, &status, 0);
	CHECK_INT(status, 0);
}
