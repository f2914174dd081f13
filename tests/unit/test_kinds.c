/* Kinds of sockets: what is asked for, what is refused, what it comes to. */
#include <sys/socket.h>

#include <netinet/in.h>

#include "plan_util.h"
#include "unit.h"

TEST(each_kind_is_a_type_and_a_protocol)
{
	static const struct {
		const char	*line;
		int		 type, protocol;
		const char	*word;
		enum plan_type	 semantics;
	} t[] = {
		{ "sockcat h 1", 0, 0, "tcp", TYPE_STREAM },
		{ "sockcat --mptcp h 1", SOCK_STREAM, IPPROTO_MPTCP, "mptcp",
		    TYPE_STREAM },
		{ "ncat --sctp h 1", SOCK_STREAM, IPPROTO_SCTP, "sctp",
		    TYPE_STREAM },
		{ "nc -Z h 1", SOCK_DCCP, IPPROTO_DCCP, "dccp", TYPE_STREAM },
		{ "nc -Z -u h 1", 0, 0, "udp", TYPE_DGRAM },
		{ "ncat --sctp -u h 1", 0, 0, "udp", TYPE_DGRAM },
		{ "sockcat --seqpacket -U p", SOCK_SEQPACKET, 0,
		    "unix-seqpacket", TYPE_STREAM },
		{ "sockcat --vsock 1 70000", 0, 0, "vsock", TYPE_STREAM },
		{ "sockcat --vsock --seqpacket 1 9", SOCK_SEQPACKET, 0,
		    "vsock-seqpacket", TYPE_STREAM },
		{ "sockcat --raw icmp h", SOCK_RAW, IPPROTO_ICMP, "raw",
		    TYPE_DGRAM },
		{ "sockcat --raw 200 -l", SOCK_RAW, 200, "raw", TYPE_DGRAM },
		{ "sockcat -l --raw 200 127.0.0.1", SOCK_RAW, 200, "raw",
		    TYPE_DGRAM },
	};
	struct plan	 plan;

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		CHECK_INT(plan_of(&plan, t[i].line), 0);
		CHECK_INT(plan.socket.type, t[i].type);
		CHECK_INT(plan.socket.protocol, t[i].protocol);
		CHECK_STR(plan_proto(&plan), t[i].word);
		CHECK_INT(plan.type, t[i].semantics);
		plan_free(&plan);
	}
}

TEST(virtual_machines_take_a_CID_and_a_port)
{
	struct plan	 plan;

	CHECK_INT(plan_of(&plan, "sockcat --vsock local 70000"), 0);
	CHECK_STR(plan.host, "local");
	CHECK_STR(plan.ports[0].word, "70000");
	plan_free(&plan);
	CHECK_INT(plan_of(&plan, "sockcat -l --vsock 4294967294"), 0);
	CHECK(plan.local_host == NULL);
	CHECK_STR(plan.local_port, "4294967294");
	plan_free(&plan);
	CHECK_INT(plan_of(&plan, "sockcat -l --vsock 1 -p 5"), 1);
	plan_free(&plan);
	CHECK_INT(plan_of(&plan, "ncat --vsock 1"), 0);
	CHECK_STR(plan.ports[0].word, "31337");
	plan_free(&plan);
	CHECK_INT(plan_of(&plan, "ncat -l --vsock"), 0);
	CHECK_STR(plan.local_port, "31337");
	plan_free(&plan);
}

TEST(hops_are_gathered)
{
	struct plan	 plan;

	CHECK_INT(plan_of(&plan, "sockcat -g 127.0.0.2,127.0.0.3 "
	    "-g 127.0.0.4 h 1"), 0);
	CHECK_INT(plan.nhops, 3);
	CHECK_STR(plan.hops[1], "127.0.0.3");
	CHECK_STR(plan.hops[2], "127.0.0.4");
	CHECK_INT(plan.hop_pointer, 4);
	CHECK_INT(plan.family, FAMILY_INET);
	plan_free(&plan);
	CHECK_INT(plan_of(&plan, "nc.traditional -g a,b -G 8 h 1"), 0);
	CHECK_INT(plan.nhops, 1);
	CHECK_STR(plan.hops[0], "a,b");
	CHECK_INT(plan.hop_pointer, 8);
	plan_free(&plan);
	/* Of no effect there. */
	CHECK_INT(plan_of(&plan, "nc.traditional -g a -l -p 1"), 0);
	CHECK_INT(plan.nhops, 0);
	plan_free(&plan);
	CHECK_INT(plan_of(&plan, "ncat -4 -g ,a,,b, h 1"), 0);
	CHECK_INT(plan.nhops, 2);
	plan_free(&plan);
}

TEST(urgent_bytes_are_characters)
{
	struct plan	 plan;

	CHECK_INT(plan_of(&plan, "sockcat --oob --send-oob=! h 1"), 0);
	CHECK(plan.urgent.shown && plan.urgent.sent);
	CHECK_INT(plan.urgent.mark, '!');
	plan_free(&plan);
	CHECK_INT(plan_of(&plan, "sockcat --send-oob=\\xf2 h 1"), 0);
	CHECK_INT(plan.urgent.mark, 0xf2);
	plan_free(&plan);
}

TEST(what_cannot_be_is_one_line)
{
	static const struct {
		const char	*line;
		int		 rc;
		const char	*said;
	} t[] = {
		{ "sockcat --mptcp -u h 1", 1,
		    "sockcat: cannot use --mptcp and -u\n" },
		{ "sockcat --sctp -U p", 1,
		    "sockcat: cannot use --sctp and -U\n" },
		{ "sockcat -Z -u h 1", 1, "sockcat: cannot use -Z and -u\n" },
		{ "sockcat --seqpacket -u -U p", 1,
		    "sockcat: cannot use --seqpacket and -u\n" },
		{ "sockcat --seqpacket h 1", 1,
		    "sockcat: must use -U or --vsock with --seqpacket\n" },
		{ "sockcat --vsock -6 1 1", 1,
		    "sockcat: cannot use --vsock and -6\n" },
		{ "sockcat --raw icmp -e cat h", 1,
		    "sockcat: cannot use --raw and -e\n" },
		{ "sockcat --raw icmp -z h", 1,
		    "sockcat: cannot use --raw and -z\n" },
		{ "sockcat --raw 0 h", 1, "sockcat: --raw: no such protocol "
		    "(a name, or 1 to 254): 0\n" },
		{ "sockcat --raw icmp h 1", 1,
		    "sockcat: --raw takes a host and no port: 1\n" },
		{ "sockcat --raw icmp", 1, "sockcat: missing host\n" },
		{ "sockcat --raw icmp -p 1 h", 1,
		    "sockcat: -p has no meaning with --raw\n" },
		{ "sockcat --oob -u h 1", 1,
		    "sockcat: cannot use --oob and -u\n" },
		{ "sockcat --send-oob=x --echo -l 1", 1,
		    "sockcat: cannot use --send-oob and --echo\n" },
		{ "sockcat --send-oob=xx h 1", 1, "sockcat: --send-oob takes "
		    "one character, or \\xHH: xx\n" },
		{ "sockcat --send-oob=\\xg1 h 1", 1, "sockcat: --send-oob "
		    "takes one character, or \\xHH: \\xg1\n" },
		{ "sockcat -S -u h 1", 1, "sockcat: cannot use -S and -u\n" },
		{ "sockcat -g a -6 h 1", 1,
		    "sockcat: cannot use -g and -6\n" },
		{ "sockcat -g a -l 1", 1, "sockcat: cannot use -g and -l\n" },
		{ "sockcat -G 4 h 1", 1, "sockcat: must use -g with -G\n" },
		{ "sockcat -g a,,b h 1", 1, "sockcat: -g: a hop is empty\n" },
		{ "sockcat -g a -G 5 h 1", 1, "sockcat: invalid hop pointer "
		    "5, must be multiple of 4 <= 28\n" },
		{ "nc -g 1,2,3,4,5,6,7,8,9 h 1", 1, "nc: too many -g hops\n" },
		{ "nc -Z -U p", 1, "nc: cannot use -Z and -U\n" },
		{ "nc -V 1 h 1", 1, "nc: no alternate routing table support "
		    "available\n" },
		{ "ncat -g 127.0.0.1 h 1", 2, "Ncat: Sorry, -g can only "
		    "currently be used with IPv4. QUITTING.\n" },
		{ "ncat -4 -g 1,2,3,4,5,6,7,8,9 h 1", 2, "Ncat: Sorry, you "
		    "gave too many source route hops. QUITTING.\n" },
		{ "ncat -U -g 1 p", 2, "Ncat: Loose source routing not "
		    "allowed when using Unix domain sockets. QUITTING.\n" },
		{ "ncat --vsock -g 1 1 9", 2, "Ncat: Loose source routing "
		    "not allowed when using vsock sockets. QUITTING.\n" },
		{ "ncat -G 32 h 1", 2, "Ncat: Invalid source-route hop "
		    "pointer 32. QUITTING.\n" },
		{ "ncat --vsock foo 9", 2,
		    "Ncat: Invalid CID \"foo\". QUITTING.\n" },
		{ "ncat --vsock local 9", 2,
		    "Ncat: Invalid CID \"local\". QUITTING.\n" },
		{ "ncat --vsock 4294967296 9", 2,
		    "Ncat: Invalid CID \"4294967296\". QUITTING.\n" },
		{ "ncat --vsock 1 5000000000", 2, "Ncat: Invalid port number "
		    "\"5000000000\". QUITTING.\n" },
		{ "ncat --vsock", 2, "Ncat: You must specify a host to "
		    "connect to. QUITTING.\n" },
		{ "nc.traditional -g h -G 5 h 1", 1, "invalid hop pointer 5, "
		    "must be multiple of 4 <= 28\n" },
	};
	struct plan	 plan;

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		CHECK_INT(plan_of(&plan, t[i].line), t[i].rc);
		CHECK_STR(plan_said, t[i].said);
		plan_free(&plan);
	}
}

TEST(explaining_tells_the_kind)
{
	CHECK(strstr(plan_explained("sockcat --explain --vsock 3 70000"),
	    "remote: connect (vsock) 3 port 70000; virtual machines") != NULL);
	CHECK(strstr(plan_explained("sockcat --explain -l --vsock 70000"),
	    "remote: listen (vsock) on any CID port 70000") != NULL);
	CHECK(strstr(plan_explained("sockcat --explain --raw 200 127.0.0.1"),
	    "remote: connect (raw) 127.0.0.1\n") != NULL);
	CHECK(strstr(plan_explained("sockcat --explain -l --raw 200"),
	    "remote: listen (raw) on any IPv4 address") != NULL);
	CHECK(strstr(plan_explained("sockcat --explain -g a,b --oob "
	    "--send-oob=! --sockopt so_rcvbuf=9 h 1"),
	    "route: a, b\n"
	    "option: SO_RCVBUF=9\n"
	    "urgent data: reported, and left in place\n"
	    "urgent data: each byte 0x21 of the input\n") != NULL);
}
