/* Socket addresses: text, ports, Unix names, comparison. */
#include <arpa/inet.h>
#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include "base/addr.h"
#include "unit.h"

static char	host[ADDR_HOST_MAX];

static struct addr
inet(const char *text, unsigned port)
{
	struct addr a;

	memset(&a, 0, sizeof(a));
	a.u.in.sin_family = AF_INET;
	if (inet_pton(AF_INET, text, &a.u.in.sin_addr) != 1)
		abort();
	a.len = sizeof(a.u.in);
	addr_set_port(&a, port);
	return a;
}

static struct addr
inet6(const char *text, unsigned port)
{
	struct addr a;

	memset(&a, 0, sizeof(a));
	a.u.in6.sin6_family = AF_INET6;
	if (inet_pton(AF_INET6, text, &a.u.in6.sin6_addr) != 1)
		abort();
	a.len = sizeof(a.u.in6);
	addr_set_port(&a, port);
	return a;
}

TEST(hosts_are_shown_as_numbers)
{
	struct addr a = inet("192.0.2.1", 80), b = inet6("2001:db8::1", 81);

	CHECK_STR(addr_host(&a, host, sizeof(host)), "192.0.2.1");
	CHECK_STR(addr_host(&b, host, sizeof(host)), "2001:db8::1");
	b = inet("255.10.0.109", 81);
	CHECK_STR(addr_host(&b, host, sizeof(host)), "255.10.0.109");
	b = inet6("2001:db8::1", 81);
	CHECK_INT(addr_port(&a), 80);
	CHECK_INT(addr_port(&b), 81);
	CHECK_INT(addr_family(&a), AF_INET);
	CHECK_INT(addr_family(&b), AF_INET6);
}

TEST(a_scope_is_shown)
{
	struct addr a = inet6("fe80::1", 1);

	a.u.in6.sin6_scope_id = 0x7ffffff0;
	CHECK_STR(addr_host(&a, host, sizeof(host)), "fe80::1%2147483632");
}

TEST(short_room_is_kept_to)
{
	struct addr a;
	char small[4];

	CHECK_INT(addr_unix(&a, "/tmp/long"), 0);
	CHECK_STR(addr_host(&a, small, sizeof(small)), "/tm");
	a = inet("192.0.2.1", 80);
	CHECK_STR(addr_host(&a, small, sizeof(small)), "");
}

TEST(no_address_is_nothing)
{
	struct addr a;

	memset(&a, 0, sizeof(a));
	CHECK_STR(addr_host(&a, host, sizeof(host)), "");
	CHECK_INT(addr_port(&a), 0);
	CHECK_INT(addr_family(&a), AF_UNSPEC);
	addr_set_port(&a, 5);
	CHECK_INT(addr_port(&a), 0);
	CHECK(addr_equal(&a, &a));
}

TEST(a_mapped_address_becomes_IPv4)
{
	struct addr a = inet6("::ffff:192.0.2.1", 443), b;

	CHECK_STR(addr_host(&a, host, sizeof(host)), "::ffff:192.0.2.1");
	addr_unmap(&a);
	b = inet("192.0.2.1", 443);
	CHECK(addr_equal(&a, &b));
	CHECK_INT(a.len, sizeof(a.u.in));
	CHECK_STR(addr_host(&a, host, sizeof(host)), "192.0.2.1");
	a = inet6("2001:db8::1", 443);
	addr_unmap(&a);
	CHECK_INT(addr_family(&a), AF_INET6);
}

TEST(equal_means_the_same_peer)
{
	struct addr a = inet("192.0.2.1", 1), b = inet("192.0.2.1", 1);
	struct addr c = inet6("2001:db8::1", 1), d = c;

	memset(b.u.in.sin_zero, 7, sizeof(b.u.in.sin_zero));
	CHECK(addr_equal(&a, &b));
	addr_set_port(&b, 2);
	CHECK(!addr_equal(&a, &b));
	b = inet("192.0.2.2", 1);
	CHECK(!addr_equal(&a, &b));
	CHECK(!addr_equal(&a, &c));
	d.u.in6.sin6_flowinfo = 9;
	CHECK(addr_equal(&c, &d));
	d.u.in6.sin6_scope_id = 3;
	CHECK(!addr_equal(&c, &d));
	d = inet6("2001:db8::2", 1);
	CHECK(!addr_equal(&c, &d));
}

TEST(a_Unix_path_round_trips)
{
	struct addr a, b;

	CHECK_INT(addr_unix(&a, "/run/x.sock"), 0);
	CHECK_INT(addr_family(&a), AF_UNIX);
	CHECK_STR(addr_host(&a, host, sizeof(host)), "/run/x.sock");
	CHECK_INT(a.len, offsetof(struct sockaddr_un, sun_path) + 12);
	CHECK_INT(addr_unix(&b, "/run/x.sock"), 0);
	CHECK(addr_equal(&a, &b));
	CHECK_INT(addr_unix(&b, "/run/y.sock"), 0);
	CHECK(!addr_equal(&a, &b));
}

TEST(an_at_sign_makes_it_abstract)
{
	struct addr a;

	CHECK_INT(addr_unix(&a, "@chat"), 0);
	CHECK_INT(a.u.un.sun_path[0], 0);
	CHECK_INT(a.len, offsetof(struct sockaddr_un, sun_path) + 5);
	CHECK_STR(addr_host(&a, host, sizeof(host)), "@chat");
}

TEST(the_limits_of_a_path_are_kept)
{
	char path[200];
	struct addr a;

	memset(path, 'p', sizeof(path));
	path[107] = '\0';
	CHECK_INT(addr_unix(&a, path), 0);
	CHECK_STR(addr_host(&a, host, sizeof(host)), path);
	path[107] = 'p';
	path[108] = '\0';
	errno = 0;
	CHECK_INT(addr_unix(&a, path), -1);
	CHECK_INT(errno, ENAMETOOLONG);
	path[0] = '@';			/* needs no NUL */
	CHECK_INT(addr_unix(&a, path), 0);
	CHECK_STR(addr_host(&a, host, sizeof(host)), path);
	CHECK_INT(addr_unix(&a, ""), -1);
	CHECK_INT(errno, ENOENT);
}

TEST(an_unterminated_path_is_read_safely)
{
	struct addr a;

	memset(&a, 0, sizeof(a));
	a.u.un.sun_family = AF_UNIX;
	memset(a.u.un.sun_path, 'q', sizeof(a.u.un.sun_path));
	a.len = sizeof(a.u.un);
	CHECK_INT(strlen(addr_host(&a, host, sizeof(host))),
	    sizeof(a.u.un.sun_path));
	a.len = offsetof(struct sockaddr_un, sun_path);
	CHECK_STR(addr_host(&a, host, sizeof(host)), "");
}

TEST(sockets_tell_their_addresses)
{
	struct addr want = inet("127.0.0.1", 0), a, b;
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int t = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	CHECK_INT(bind(s, &want.u.sa, want.len), 0);
	CHECK_INT(addr_local(&a, s), 0);
	CHECK(addr_port(&a) != 0);
	CHECK_STR(addr_host(&a, host, sizeof(host)), "127.0.0.1");
	CHECK_INT(connect(t, &a.u.sa, a.len), 0);
	CHECK_INT(addr_peer(&b, t), 0);
	CHECK(addr_equal(&a, &b));
	CHECK_INT(addr_peer(&b, s), -1);
	CHECK_INT(errno, ENOTCONN);
	CHECK_INT(b.len, 0);
	close(s);
	close(t);
}

TEST(an_unnamed_Unix_socket_has_no_host)
{
	struct addr a;
	int sv[2];

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv), 0);
	CHECK_INT(addr_peer(&a, sv[0]), 0);
	CHECK_INT(addr_family(&a), AF_UNIX);
	CHECK_STR(addr_host(&a, host, sizeof(host)), "");
	close(sv[0]);
	close(sv[1]);
}

static bool
is_group(const char *text)
{
	struct addr a = { .len = sizeof(a.u.in6) };

	a.u.sa.sa_family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
	CHECK_INT(inet_pton(addr_family(&a), text, addr_family(&a) == AF_INET ?
	    (void *)&a.u.in.sin_addr : (void *)&a.u.in6.sin6_addr), 1);
	return addr_is_group(&a);
}

TEST(groups_are_told_from_hosts)
{
	struct addr path;

	CHECK(is_group("224.0.0.1") && is_group("239.255.255.255"));
	CHECK(is_group("ff02::1") && is_group("ff15::77"));
	CHECK(!is_group("223.255.255.255") && !is_group("240.0.0.1"));
	CHECK(!is_group("fe80::1") && !is_group("::ffff:224.0.0.1"));
	CHECK_INT(addr_unix(&path, "/224.0.0.1"), 0);
	CHECK(!addr_is_group(&path));
}

TEST(virtual_machines_have_numbers)
{
	struct addr a, b;

	CHECK_INT(addr_vsock(&a, "3", "70000"), 0);
	CHECK_INT(addr_family(&a), AF_VSOCK);
	CHECK_STR(addr_host(&a, host, sizeof(host)), "3");
	CHECK_INT(addr_port(&a), 70000);
	CHECK(!addr_is_inet(&a));
	CHECK_INT(addr_vsock(&b, "3", "70001"), 0);
	CHECK(!addr_equal(&a, &b));
	addr_set_port(&b, 70000);
	b.u.vm.svm_zero[0] = 7;
	CHECK(addr_equal(&a, &b));
	CHECK_INT(addr_vsock(&b, "local", "70000"), 0);
	CHECK_INT(b.u.vm.svm_cid, VMADDR_CID_LOCAL);
	CHECK(!addr_equal(&a, &b));
	CHECK_INT(addr_vsock(&b, NULL, NULL), 0);
	CHECK_INT(b.u.vm.svm_cid, VMADDR_CID_ANY);
	CHECK_INT(b.u.vm.svm_port, VMADDR_PORT_ANY);
}

TEST(what_is_no_virtual_machine_is_refused)
{
	static const char *const cids[] = { "", "x", "-1", "0x1",
	    "4294967296", "Any" };
	struct addr a;
	size_t i;

	for (i = 0; i < sizeof(cids) / sizeof(cids[0]); i++) {
		errno = 0;
		CHECK_INT(addr_vsock(&a, cids[i], "1"), -1);
		CHECK_INT(errno, EINVAL);
		CHECK_INT(a.len, 0);
	}
	CHECK_INT(addr_vsock(&a, "1", "any"), -1);
	CHECK_INT(addr_vsock(&a, "1", "4294967296"), -1);
	CHECK_INT(addr_vsock(&a, "1", ""), -1);
}
