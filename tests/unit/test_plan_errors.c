#include "unit.h"

#include "plan_util.h"

struct wrong {
	const char	*line;
	int		 status;
	const char	*said;	/* all of it; ends with ..: its beginning */
};

/* Is this what was said? A text that ends in .. is a beginning. */
static bool
said(const char *text)
{
	size_t	len = strlen(text);

	if (len >= 2 && strcmp(text + len - 2, "..") == 0)
		return strncmp(plan_said, text, len - 2) == 0;
	return strcmp(plan_said, text) == 0;
}

static void
check(const struct wrong *w, size_t n)
{
	struct plan	plan;
	int		rc;

	for (; n > 0; n--, w++) {
		rc = plan_of(&plan, w->line);
		if (rc == w->status && said(w->said))
			continue;
		printf("%s: %d, \"%s\"\n  and not %d, \"%s\"\n", w->line, rc,
		    plan_said, w->status, w->said);
		unit_bad = true;
		if (rc == 0)
			plan_free(&plan);
	}
}

#define CHECK_ALL(table) check(table, sizeof(table) / sizeof(table[0]))

TEST(openbsd_has_its_words_for_values)
{
	static const struct wrong	t[] = {
		{ "nc -w abc h 1", 1, "nc: timeout invalid: abc\n" },
		{ "nc -w 0.5 h 1", 1, "nc: timeout invalid: 0.5\n" },
		{ "nc -w 5s h 1", 1, "nc: timeout invalid: 5s\n" },
		{ "nc -w -1 h 1", 1, "nc: timeout too small: -1\n" },
		{ "nc -w 99999999999 h 1", 1,
		    "nc: timeout too large: 99999999999\n" },
		{ "nc -i abc h 1", 1, "nc: interval invalid: abc\n" },
		{ "nc -i -1 h 1", 1, "nc: interval too small: -1\n" },
		{ "nc -i 99999999999 h 1", 1,
		    "nc: interval too large: 99999999999\n" },
		{ "nc -q abc h 1", 1, "nc: quit timer invalid: abc\n" },
		{ "nc -q 1.5 h 1", 1, "nc: quit timer invalid: 1.5\n" },
		{ "nc -I 0 h 1", 1, "nc: TCP receive window too small: 0\n" },
		{ "nc -I x h 1", 1, "nc: TCP receive window invalid: x\n" },
		{ "nc -O 0 h 1", 1, "nc: TCP send window too small: 0\n" },
		{ "nc -M 256 h 1", 1, "nc: ttl is too large\n" },
		{ "nc -M x h 1", 1, "nc: ttl is invalid\n" },
		{ "nc -m -1 h 1", 1, "nc: minttl is too small\n" },
		{ "nc -W 0 h 1", 1, "nc: receive limit too small: 0\n" },
		{ "nc -T foo h 1", 1, "nc: illegal tos value foo\n" },
		{ "nc -T 0x1ff h 1", 1, "nc: illegal tos value 0x1ff\n" },
		{ "nc -X 6 h 1", 1, "nc: unsupported proxy protocol\n" },
		{ "nc -V 0 h 1", 1, "nc: no alternate routing table support "
		    "available\n" },
	};

	CHECK_ALL(t);
}

TEST(openbsd_has_its_words_for_ports)
{
	static const struct wrong	t[] = {
		{ "nc h", 1, "nc: missing port number\n" },
		{ "nc -l", 1, "nc: missing port number\n" },
		{ "nc h 99999", 1, "nc: port number too large: 99999\n" },
		{ "nc h 0", 1, "nc: port number too small: 0\n" },
		{ "nc h -- -1", 1, "nc: port number too small: -1\n" },
		{ "nc h nosuchservice", 1,
		    "nc: port number invalid: nosuchservice\n" },
		{ "nc h 20-x", 1, "nc: port number invalid: x\n" },
		{ "nc h x-20", 1, "nc: port number invalid: x-20\n" },
		{ "nc h 20-", 1, "nc: port number invalid: \n" },
		{ "nc h 20xxxxxxxxxxxxxx-30", 1,
		    "nc: port number invalid: 20xxxxxxxxxxxxxx-30\n" },
		{ "nc h 1-99999", 1, "nc: port number too large: 99999\n" },
		{ "nc -l 99999", 1, "nc: port number too large: 99999\n" },
		{ "nc -p 99999 h 1", 1, "nc: port number too large: 99999\n" },
	};

	CHECK_ALL(t);
}

TEST(openbsd_has_its_words_for_what_does_not_fit)
{
	static const struct wrong	t[] = {
		{ "nc", 1, "usage: nc [-46bCDdEFhklNnrStUuvZz] .." },
		{ "nc -v", 1, "usage: nc .." },
		{ "nc -j", 1, "nc: invalid option -- 'j'\nusage: nc .." },
		{ "nc --nosuch", 1,
		    "nc: unrecognized option '--nosuch'\nusage: nc .." },
		{ "nc -q", 1,
		    "nc: option requires an argument -- 'q'\nusage: nc .." },
		{ "nc -k h 1", 1, "nc: must use -l with -k\n" },
		{ "nc -l -z 1", 1, "nc: cannot use -z and -l\n" },
		{ "nc -l -p 1 h", 1, "usage: nc .." },
		{ "nc -l -s h 1", 1, "usage: nc .." },
		{ "nc -l h 1 2", 1, "usage: nc .." },
		{ "nc -U", 1, "usage: nc .." },
		{ "nc -U -p 1 a", 1, "usage: nc .." },
		{ "nc -l -U", 1, "nc: missing socket pathname\n" },
		{ "nc -U a b", 1, "nc: cannot use port with -U\n" },
		{ "nc -U -4 a", 1, "nc: missing port number\n" },
		{ "nc -x a -l 1", 1, "nc: no proxy support for listen\n" },
		{ "nc -x a -u h 1", 1, "nc: no proxy support for UDP mode\n" },
		{ "nc -x a -U p", 1,
		    "nc: no proxy support for unix sockets\n" },
		{ "nc -Z -U p", 1, "nc: cannot use -Z and -U\n" },
		{ "nc --ssl -z h 1", 1, "nc: cannot use --tls and -z\n" },
		{ "nc -z -e prog h 1", 1, "nc: cannot use -z and -e\n" },
		{ "nc -e a -c b h 1", 1, "nc: cannot use -e and -c\n" },
		{ "/usr/bin/nc.openbsd h", 1,
		    "nc.openbsd: missing port number\n" },
		{ "sockcat --compat=openbsd h", 1,
		    "sockcat: missing port number\n" },
	};

	CHECK_ALL(t);
}

TEST(traditional_has_its_words)
{
	static const struct wrong	t[] = {
		{ "nc.traditional", 1, "no destination\n" },
		{ "nc.traditional -v", 1, "no destination\n" },
		{ "nc.traditional h", 1, "no port[s] to connect to\n" },
		{ "nc.traditional -w abc h 1", 1, "invalid wait-time abc\n" },
		{ "nc.traditional -w 0 h 1", 1, "invalid wait-time 0\n" },
		{ "nc.traditional -i 0 h 1", 1, "invalid interval time 0\n" },
		{ "nc.traditional h nosuchservice", 1,
		    "invalid port nosuchservice\n" },
		{ "nc.traditional h 0", 1, "invalid port 0\n" },
		{ "nc.traditional h 20-x", 1, "invalid port x\n" },
		{ "nc.traditional h x-20", 1, "invalid port x\n" },
		{ "nc.traditional h 20-", 1, "invalid port \n" },
		{ "nc.traditional -n h http", 1, "invalid port http\n" },
		{ "nc.traditional -p nosuch h 1", 1,
		    "invalid local port nosuch\n" },
		{ "nc.traditional -l -p 0", 1, "invalid local port 0\n" },
		{ "nc.traditional -4 h 1", 1, "nc.traditional: invalid "
		    "option -- '4'\nnc -h for help\n" },
		{ "nc.traditional -l -p 9 h nosuch", 1,
		    "invalid port nosuch\n" },
		{ "nc.traditional -G x h 1", 1, "invalid hop pointer 0, must "
		    "be multiple of 4 <= 28\n" },
	};

	CHECK_ALL(t);
}

#define FORMS	" (a time is a number of seconds, or has a unit: 500ms 5s " \
		"2m 1h)\n"
#define QUIT	" QUITTING.\n"
#define BOUNDS	" (must be greater than 0 and less than 2147483s)." QUIT
#define TRY	"Ncat: Try `--help' or man(1) ncat for more information, " \
		"usage options and help." QUIT

TEST(ncat_has_its_words_for_values)
{
	static const struct wrong	t[] = {
		{ "ncat", 2, "Ncat: You must specify a host to connect to."
		    QUIT },
		{ "ncat h 99999", 2, "Ncat: Invalid port number \"99999\"."
		    QUIT },
		{ "ncat h http", 2, "Ncat: Invalid port number \"http\"."
		    QUIT },
		{ "ncat h 21-26", 2, "Ncat: Invalid port number \"21-26\"."
		    QUIT },
		{ "ncat h 1 2", 2,
		    "Ncat: Got more than one port specification: 1 2." QUIT },
		{ "ncat -l -p 1 2", 2,
		    "Ncat: Got more than one port specification: 1 2." QUIT },
		{ "ncat -l -p 1 h 2", 2,
		    "Ncat: Got more than one port specification: 1 2." QUIT },
		{ "ncat -l h x", 2, "Ncat: Invalid port number \"x\"." QUIT },
		{ "ncat -p x h 1", 2,
		    "Ncat: Invalid source port number \"x\"." QUIT },
		{ "ncat -p 99999 h 1", 2, "Ncat: Invalid source port 99999."
		    QUIT },
		{ "ncat -w abc h 1", 2, "Ncat: Invalid -w timeout \"abc\""
		    BOUNDS },
		{ "ncat --wait 0 h 1", 2, "Ncat: Invalid -w timeout \"0\""
		    BOUNDS },
		{ "ncat -d abc h 1", 2, "Ncat: Invalid -d delay \"abc\""
		    BOUNDS },
		{ "ncat -G 32 h 1", 2,
		    "Ncat: Invalid source-route hop pointer 32." QUIT },
		{ "ncat -i -1 h 1", 2, "Ncat: Invalid -i timeout \"-1\""
		    BOUNDS },
	};

	CHECK_ALL(t);
}

TEST(ncat_has_its_words_for_what_does_not_fit)
{
	static const struct wrong	t[] = {
		{ "ncat -q 1 h 1", 2, "ncat: invalid option -- 'q'\n" TRY },
		{ "ncat --nosuch", 2,
		    "ncat: unrecognized option '--nosuch'\n" TRY },
		{ "ncat --no h 1", 2, "ncat: option '--no' is ambiguous; .." },
		{ "ncat -w", 2,
		    "ncat: option requires an argument -- 'w'\n" TRY },
		{ "ncat -l -s h 1", 2, "Ncat: -l and -s are incompatible.  "
		    "Specify the address and port to bind to like you would "
		    "a host to connect to." QUIT },
		{ "ncat -k h 1", 2, "Ncat: Invalid option combination: "
		    "`--keep-open' with connect." QUIT },
		{ "ncat -l -u -k 1", 2, "Ncat: UDP mode does not support the "
		    "-k or --keep-open options, except with --exec or "
		    "--sh-exec." QUIT },
		{ "ncat -z -l 1", 2, "Ncat: Services designed for LISTENING "
		    "can't be used with -z" QUIT },
		{ "ncat -e a -c b h 1", 2, "Ncat: Only one of --exec, "
		    "--sh-exec, and --lua-exec is allowed." QUIT },
		{ "ncat -U", 2, "Ncat: You have to specify path to a socket "
		    "to connect to." QUIT },
		{ "ncat -l -U", 2, "Ncat: You have to specify path to a "
		    "socket to listen on." QUIT },
		{ "ncat --proxy-type socks4 -l", 2, "Ncat: Invalid proxy type "
		    "\"socks4\"; Ncat proxy server only supports \"http\"."
		    QUIT },
	};

	CHECK_ALL(t);
}

TEST(an_address_of_socat_is_answered_with_our_line)
{
#define SOCAT(words, named, line)	{ "sockcat " words, 1, "sockcat: " \
	named " is a socat address; use: sockcat " line "\n" }
	static const struct wrong	t[] = {
		SOCAT("tcp-listen:80,fork", "tcp-listen:80,fork", "-l -k 80"),
		SOCAT("TCP:localhost:80", "TCP:localhost:80", "localhost 80"),
		SOCAT("- TCP4:h:80", "TCP4:h:80", "-4 h 80"),
		SOCAT("STDIO tcp6-connect:[::1]:80", "tcp6-connect:[::1]:80",
		    "-6 ::1 80"),
		SOCAT("UDP:h:53 -", "UDP:h:53", "-u h 53"),
		SOCAT("UDP-SENDTO:h:53", "UDP-SENDTO:h:53", "-u h 53"),
		SOCAT("-u UDP-RECVFROM:53,fork", "UDP-RECVFROM:53,fork",
		    "-l -k -u 53"),
		SOCAT("UNIX-CONNECT:/run/x", "UNIX-CONNECT:/run/x",
		    "-U /run/x"),
		SOCAT("UNIX-SENDTO:/x", "UNIX-SENDTO:/x", "-u -U /x"),
		SOCAT("ABSTRACT-LISTEN:x", "ABSTRACT-LISTEN:x", "-l -U @x"),
		SOCAT("VSOCK-CONNECT:2:80", "VSOCK-CONNECT:2:80",
		    "--vsock 2 80"),
		SOCAT("OPENSSL:h:443,verify=0", "OPENSSL:h:443,verify=0",
		    "--tls --tls-insecure h 443"),
		SOCAT("ssl-l:443,cert=c,cafile=a,fork EXEC:cat",
		    "ssl-l:443,cert=c,cafile=a,fork",
		    "-l -k --tls --tls-cert c --tls-client-ca a -e 'cat' 443"),
		SOCAT("OPENSSL-DTLS-CLIENT:h:1", "OPENSSL-DTLS-CLIENT:h:1",
		    "-u --tls h 1"),
		SOCAT("EXEC:cat,pty tcp-l:80,bind=::1,reuseaddr",
		    "EXEC:cat,pty", "-l -e 'cat' ::1 80"),
		SOCAT("TCP:h:80,bind=::2 SYSTEM:date", "TCP:h:80,bind=::2",
		    "-s ::2 -c 'date' h 80"),
		SOCAT("EXEC:cat", "EXEC:cat", "-e 'cat' HOST PORT"),
		SOCAT("TCP-LISTEN:80,fork TCP:h:81", "TCP-LISTEN:80,fork",
		    "-l -k --forward h:81 80"),
		SOCAT("UNIX:/x TCP-L:80", "UNIX:/x",
		    "-l --forward unix:/x 80"),
		SOCAT("UNIX-L:/x,fork SSL:h:81", "UNIX-L:/x,fork",
		    "-l -k -U --forward tls:h:81 /x"),
		SOCAT("TCP:a:1 TCP:b:2", "TCP:a:1", "-c 'sockcat b 2' a 1"),
		/* What a shell would take apart is one word for it. */
		SOCAT("SYSTEM:it's TCP:h:80", "SYSTEM:it's",
		    "-c 'it'\\''s' h 80"),
		/* These are a host and a port of ours. */
		{ "sockcat tcp:80 81", 1, "sockcat: two ports: 80 and 81\n" },
		{ "sockcat exec:80 81", 1, "sockcat: two ports: 80 and 81\n" },
		{ "nc TCP:h:80", 1, "nc: missing port number\n" },
	};
#undef SOCAT

	CHECK_ALL(t);
}

TEST(our_own_words_are_one_line_each)
{
	static const struct wrong	t[] = {
		{ "sockcat -v -u", 1, "sockcat: missing host and port\n" },
		{ "sockcat -4 --name x", 1,
		    "sockcat: missing host and port\n" },
		{ "sockcat --raw-text -l 1", 1,
		    "sockcat: must use --chat with --raw-text\n" },
		{ "sockcat https://h/ 80", 1, "sockcat: not a URL of tcp, tls, "
		    "udp or unix: https://h/ (for HTTP, use curl)\n" },
		{ "sockcat ftp://h:21", 1, "sockcat: not a URL of tcp, tls, "
		    "udp or unix: ftp://h:21\n" },
		{ "sockcat tls://h:443/x", 1,
		    "sockcat: no path in a URL here: tls://h:443/x\n" },
		{ "sockcat tcp://h:80?x", 1,
		    "sockcat: no path in a URL here: tcp://h:80?x\n" },
		{ "sockcat tcp://me@h:80", 1,
		    "sockcat: no user in a URL here: tcp://me@h:80\n" },
		{ "sockcat udp://h", 1,
		    "sockcat: missing port number: udp://h\n" },
		{ "sockcat tcp://[::1] 80", 1,
		    "sockcat: missing port number: tcp://[::1]\n" },
		{ "sockcat tcp://h:80 81", 1,
		    "sockcat: two ports: 80 and 81\n" },
		{ "sockcat -u tcp://h:80", 1,
		    "sockcat: -u contradicts tcp://h:80\n" },
		{ "sockcat -u tls://h:80", 1,
		    "sockcat: -u contradicts tls://h:80\n" },
		{ "sockcat -U udp://h:80", 1,
		    "sockcat: -U contradicts udp://h:80\n" },
		{ "sockcat --vsock unix:p", 1,
		    "sockcat: --vsock contradicts unix:p\n" },
		{ "sockcat -l unix://", 1,
		    "sockcat: missing path of the Unix socket\n" },
		{ "sockcat -x http://h:3128 h 80", 1, "sockcat: not a proxy: "
		    "http://h:3128 (give host:port; with --proxy-type=http "
		    "for HTTP)\n" },
		{ "sockcat -X 6 -x h:1 h 80", 1, "sockcat: -X must be 4, 4a, "
		    "5 or connect: 6\n" },
		{ "sockcat -V h 80", 1, "sockcat: -V: this system has no "
		    "routing tables for sockets (--version tells the "
		    "version)\n" },
		{ "sockcat -x :1080 h 80", 1, "sockcat: not a proxy: :1080 "
		    "(give host:port; with --proxy-type=http for HTTP)\n" },
		{ "sockcat -o f --output f h 1", 1,
		    "sockcat: -o and --output cannot write to one file: f\n" },
		{ "sockcat -l --port-file f --tcp-info f,1s 1", 1, "sockcat: "
		    "--port-file and --tcp-info cannot write to one file: f\n"
		},
		{ "sockcat --stats=xml h 1", 1,
		    "sockcat: --stats takes no value except json: xml\n" },
		{ "sockcat --progress=bar h 1", 1,
		    "sockcat: --progress takes no value except force: bar\n" },
		{ "sockcat --rate-limit 10x h 1", 1, "sockcat: --rate-limit: "
		    "rate invalid: 10x (bytes, or with k, M, G or T: powers of "
		    "1024)\n" },
		{ "sockcat --progress --size 5q h 1", 1, "sockcat: --size: "
		    "size invalid: 5q (bytes, or with k, M, G or T: powers of "
		    "1024)\n" },
		{ "sockcat --log - --chat h 1", 1, "sockcat: --log: standard "
		    "output is for the data; /dev/stderr is a file, too\n" },
		{ "sockcat --tcp-info -,1s h 1", 1, "sockcat: --tcp-info: "
		    "standard output is for the data; /dev/stderr is a file, "
		    "too\n" },
		{ "sockcat -l --port-file - 0", 1, "sockcat: --port-file: "
		    "standard output is for the data; --ready-fd tells a "
		    "descriptor\n" },
		{ "sockcat -l --wait 5 1", 1,
		    "sockcat: cannot use --connect-timeout and -l\n" },
		{ "sockcat --peer-fd 5 --mptcp", 1,
		    "sockcat: cannot use --peer-fd and --mptcp\n" },
		{ "sockcat -j", 1, "sockcat: invalid option -- 'j' (see "
		    "--help)\n" },
		{ "./build/sockcat -j", 1,
		    "sockcat: invalid option -- 'j' (see --help)\n" },
		{ "sockcat h", 1, "sockcat: missing port number\n" },
		{ "sockcat h 0", 1, "sockcat: port number too small: 0\n" },
		{ "sockcat h:80 81", 1, "sockcat: two ports: 80 and 81\n" },
		{ "sockcat [::1 80", 1, "sockcat: not an address: [::1\n" },
		{ "sockcat ::1:24004", 1, "sockcat: missing port number: an "
		    "IPv6 address before a port has brackets: [::1]:24004, or "
		    "::1 24004\n" },
		{ "sockcat -l fe80::1%lo:http", 1, "sockcat: missing port "
		    "number: an IPv6 address before a port has brackets: "
		    "[fe80::1%lo]:http, or fe80::1%lo http\n" },
		{ "sockcat -l ::1", 1, "sockcat: missing port number\n" },
		{ "sockcat a:b:c", 1, "sockcat: missing port number\n" },
		{ "sockcat -l :", 1, "sockcat: missing port number\n" },
		{ "sockcat -l :nosuch", 1,
		    "sockcat: port number invalid: nosuch\n" },
		{ "sockcat :0", 1, "sockcat: port number too small: 0\n" },
		{ "sockcat -l", 1, "sockcat: missing port number\n" },
		{ "sockcat -l nosuch", 1,
		    "sockcat: port number invalid: nosuch\n" },
		{ "sockcat -l -p 1 2", 1,
		    "sockcat: two ports to listen on: 1 and 2\n" },
		{ "sockcat -l -s a b 1", 1,
		    "sockcat: two addresses to listen on: a and b\n" },
		{ "sockcat -l 1 2 3", 1,
		    "sockcat: only one port allowed with -l: 3\n" },
		{ "sockcat -lU", 1,
		    "sockcat: missing path of the Unix socket\n" },
		{ "sockcat -U a b", 1,
		    "sockcat: only one path allowed: b\n" },
		{ "sockcat -d --send-only h 1", 1, "sockcat: --send-only "
		    "and --recv-only leave nothing to do\n" },
		{ "sockcat --ssl -z h 1", 1,
		    "sockcat: cannot use --tls and -z\n" },
		{ "sockcat -e a -c b h 1", 1,
		    "sockcat: cannot use -e and -c\n" },
		{ "sockcat -z -c b h 1", 1,
		    "sockcat: cannot use -z and -c\n" },
		{ "sockcat --echo -e b -l 1", 1,
		    "sockcat: cannot use --echo and -e\n" },
		{ "sockcat --input=f -e b -l 1", 1,
		    "sockcat: cannot use --input and -e\n" },
		{ "sockcat --input=f --chat -l 1", 1,
		    "sockcat: cannot use --input and --chat\n" },
		{ "sockcat --input=f --broker -l 1", 1,
		    "sockcat: cannot use --input and --broker\n" },
		{ "sockcat --input=f --talk -l 1", 1,
		    "sockcat: cannot use --input and --talk\n" },
		{ "sockcat -lk --tag=%a -e b 1", 1, "sockcat: --stdin, "
		    "--merge and --tag are for standard input and output\n" },
		{ "sockcat -lku --tag=%n --echo 1", 1,
		    "sockcat: --tag has no %n with -u\n" },
		{ "sockcat -lk --stdin=all --echo 1", 1, "sockcat: --stdin, "
		    "--merge and --tag are for standard input and output\n" },
		{ "sockcat --allow=::1 h 1", 1,
		    "sockcat: must use -l with --allow and --deny\n" },
		{ "sockcat --max-conns=3 -l 1", 1,
		    "sockcat: must use -l -k with --max-conns\n" },
		{ "sockcat -lk --max-conns=0 1", 1,
		    "sockcat: --max-conns: count too small: 0\n" },
		{ "sockcat --talk h 1", 1,
		    "sockcat: must use -l with --talk\n" },
		{ "sockcat --broker h 1", 1,
		    "sockcat: must use -l with --broker\n" },
		{ "sockcat -l --broker --talk 1", 1,
		    "sockcat: cannot use --broker and --talk\n" },
		{ "sockcat -l --broker --tag=x 1", 1,
		    "sockcat: cannot use --broker and --tag\n" },
		{ "sockcat -l --talk -C 1", 1,
		    "sockcat: cannot use --talk and -C\n" },
		{ "sockcat -l --talk --framing=len6 --frame-input=all 1", 1,
		    "sockcat: cannot use --talk and --frame-input\n" },
		{ "sockcat -l --broker --framing=len6 1", 1,
		    "sockcat: cannot use --broker and --framing\n" },
		{ "sockcat -l --talk --framing=line 1", 1,
		    "sockcat: cannot use --talk and --framing\n" },
		{ "sockcat -lk --framing=line --merge=line 1", 1, "sockcat: "
		    "cannot use --framing and --merge: the bytes of clients "
		    "are joined\n" },
		{ "sockcat -lk --framing=line --max-conns=3 1", 1, "sockcat: "
		    "cannot use --framing and --max-conns: the bytes of "
		    "clients are joined\n" },
		{ "sockcat -lu --talk 1", 1, "sockcat: a room needs "
		    "connections, not datagrams\n" },
		{ "sockcat -l --broker --password-file=f 1", 1,
		    "sockcat: must use --talk with --password-file\n" },
		{ "sockcat -l --tag=%a 1", 1,
		    "sockcat: must use --input or -l -k with --tag\n" },
		{ "sockcat -lk --tag=%x 1", 1, "sockcat: --tag knows %a, %p, "
		    "%n, %f and %%: %x\n" },
		{ "sockcat -lk --tag=% 1", 1, "sockcat: --tag knows %a, %p, "
		    "%n, %f and %%: %\n" },
		{ "sockcat -lk --tag=%f 1", 1,
		    "sockcat: must use --input with %f of --tag\n" },
		{ "sockcat --input=x --tag=%a h 1", 1, "sockcat: an input "
		    "has no %a and %p: --tag %a\n" },
		{ "sockcat -lk --input=x --tag=%f%p 1", 1, "sockcat: an input "
		    "has no %a and %p: --tag %f%p\n" },
		{ "sockcat --backlog=1 h 1", 1,
		    "sockcat: must use -l with --backlog\n" },
		{ "sockcat -lu --backlog=1 1", 1, "sockcat: cannot use "
		    "--backlog and -u: datagrams are not accepted\n" },
		{ "sockcat -l --backlog=-1 1", 1,
		    "sockcat: --backlog: count too small: -1\n" },
		{ "sockcat -lk --stdin=some 1", 1, "sockcat: --stdin must be "
		    "first, all, last or none: some\n" },
		{ "sockcat -l --max-amplification=3 -c x 1", 1,
		    "sockcat: must use -u with --max-amplification\n" },
		{ "sockcat -lk --merge=x 1", 1,
		    "sockcat: --merge must be line or chunk: x\n" },
		{ "sockcat -lu --dgram=x 1", 1, "sockcat: --dgram must be "
		    "record, line or block: x\n" },
		{ "sockcat -E h 1", 1,
		    "sockcat: must use -e or -c with -E\n" },
		{ "sockcat -u --dgram=line h 1", 1,
		    "sockcat: must use -e or -c with --dgram\n" },
		{ "sockcat --dgram=line h 1", 1,
		    "sockcat: must use -u with --dgram\n" },
		{ "sockcat --talk", 1,
		    "sockcat: must use -l with --talk\n" },
		{ "sockcat --chat -l -k", 1,
		    "sockcat: cannot use --chat and -k\n" },
		{ "sockcat --chat -e cat h", 1,
		    "sockcat: cannot use --chat and -e\n" },
		{ "sockcat --chat --talk -l", 1,
		    "sockcat: cannot use --chat and --talk\n" },
		{ "sockcat --bell h 1", 1,
		    "sockcat: must use --chat with --bell\n" },
		{ "sockcat --password-file=f h 1", 1, "sockcat: must use "
		    "--talk with --password-file\n" },
		{ "sockcat -l -u --talk 1", 1, "sockcat: a room needs "
		    "connections, not datagrams\n" },
		{ "sockcat --compat=gnu h 1", 1, "sockcat: no such "
		    "personality: gnu (native, openbsd, "
		    "traditional or ncat)\n" },
	};

	CHECK_ALL(t);
}

TEST(sockcat_ignores_nothing_in_silence)
{
	static const struct wrong	t[] = {
		{ "sockcat --log f h 1", 1,
		    "sockcat: must use --chat or --talk with --log\n" },
		{ "sockcat --timestamps --echo -l 1", 1,
		    "sockcat: cannot use --timestamps and --echo\n" },
		{ "sockcat --name me -l --broker 1", 1,
		    "sockcat: must use --chat or --talk with --name\n" },
		{ "nc --name me h 1", 1,
		    "nc: must use --chat or --talk with --name\n" },
		{ "sockcat -4 -6 h 1", 1, "sockcat: cannot use -4 and -6\n" },
		{ "sockcat h 9-", 1, "sockcat: port number invalid: 9-\n" },
		{ "sockcat --chat h 1 2", 1,
		    "sockcat: only one port allowed with --chat: 2\n" },
		{ "sockcat []:1", 1, "sockcat: not an address: []:1\n" },
		{ "sockcat 127.0.0.1:", 1,
		    "sockcat: port number invalid: ''\n" },
		{ "sockcat --log= --chat h", 1,
		    "sockcat: --log: value empty: ''\n" },
		{ "sockcat --wait= h 1", 1,
		    "sockcat: --wait: timeout empty: ''" FORMS },
		{ "sockcat --name= --chat h", 1,
		    "sockcat: --name: value empty: ''\n" },
		{ "sockcat --name=a\tb --chat h", 1, "sockcat: --name: a "
		    "name has no control characters\n" },
	};

	CHECK_ALL(t);
}

/* The words that stay when there is nothing near are rows, too. */
TEST(an_unknown_option_names_the_nearest)
{
#define NONE	"sockcat: no option --"
#define MEAN	"; do you mean "
	static const struct wrong	t[] = {
		{ "sockcat --nosuchthing", 1,
		    NONE "nosuchthing (see --help)\n" },
		{ "sockcat --x", 1, NONE "x (see --help)\n" },
		{ "sockcat --lisen", 1,
		    NONE "lisen" MEAN "--listen?\n" },
		{ "sockcat --kepe-open h 1", 1,
		    NONE "kepe-open" MEAN "--keep-open?\n" },
		{ "sockcat h --connecttimeout=3 1", 1,
		    NONE "connecttimeout" MEAN "--connect-timeout?\n" },
		{ "sockcat --VERBOSE", 1,
		    NONE "VERBOSE" MEAN "--verbose?\n" },
		/* The beginning of a name is no name. */
		{ "sockcat --port 27700", 1,
		    NONE "port" MEAN "--port-file?\n" },
		{ "sockcat --out=f h 1", 1, NONE "out" MEAN "--output?\n" },
		{ "sockcat --re h 1", 1, NONE "re" MEAN "--retry, "
		    "--retry-delay, --reconnect, --recv-only, --ready-fd, "
		    "--reorder or --reset-after?\n" },
		/* What other tools call by another name. */
		{ "sockcat --host h", 1,
		    NONE "host (an operand: sockcat HOST PORT)\n" },
		{ "sockcat --proto=udp h 1", 1,
		    NONE "proto" MEAN "-u (UDP) or -U (Unix sockets)?\n" },
		{ "sockcat --timeout 3 h 1", 1, NONE "timeout" MEAN
		    "-w, --connect-timeout or --idle-timeout?\n" },
		{ "sockcat --insecure h 1", 1,
		    NONE "insecure" MEAN "--tls-insecure?\n" },
		{ "sockcat --cacert f h 1", 1,
		    NONE "cacert" MEAN "--tls-ca?\n" },
		{ "sockcat -V", 1, "sockcat: option requires an argument -- "
		    "'V'" MEAN "--version?\n" },
		{ "sockcat -vK", 1,
		    "sockcat: invalid option -- 'K'" MEAN "-k?\n" },
		{ "sockcat -w", 1, "sockcat: option requires an argument -- "
		    "'w' (see --help)\n" },
		{ "sockcat --wait", 1, "sockcat: option '--wait' requires an "
		    "argument (see --help)\n" },
		{ "sockcat --listen=4", 1, "sockcat: option '--listen' takes "
		    "no argument (see --help)\n" },
		/* The others keep the words of their C library. */
		{ "nc --lisen h 1", 1, "nc: unrecognized option '--lisen'\n"
		    "usage: nc .." },
		{ "ncat --lisen h 1", 2,
		    "ncat: unrecognized option '--lisen'\n" TRY },
	};

	CHECK_ALL(t);
}

TEST(a_bad_time_names_the_forms)
{
	static const struct wrong	t[] = {
		{ "sockcat -w x h 1", 1,
		    "sockcat: -w: timeout invalid: x" FORMS },
		{ "sockcat -q 1.x h 1", 1,
		    "sockcat: -q: quit timer invalid: 1.x" FORMS },
		{ "sockcat -i 1d h 1", 1,
		    "sockcat: -i: interval invalid: 1d" FORMS },
		{ "sockcat --idle-timeout=-1 h 1", 1,
		    "sockcat: --idle-timeout: timeout invalid: -1" FORMS },
		{ "sockcat --deadline 5x h 1", 1,
		    "sockcat: --deadline: deadline invalid: 5x" FORMS },
		{ "sockcat --sockopt TCP_KEEPIDLE=x h 1", 1, "sockcat: "
		    "--sockopt: value of TCP_KEEPIDLE invalid: x" FORMS },
		/* What has the form, and what is no time, needs no hint. */
		{ "sockcat --deadline 0 h 1", 1,
		    "sockcat: --deadline: deadline too small: 0\n" },
		{ "sockcat -M x h 1", 1, "sockcat: -M: ttl invalid: x\n" },
		{ "nc -w x h 1", 1, "nc: timeout invalid: x\n" },
	};

	CHECK_ALL(t);
}

TEST(an_unknown_socket_option_names_the_nearest)
{
#define NO	"sockcat: --sockopt: no such option: "
#define LIST	"--sockopt=help lists them)\n"
	static const struct wrong	t[] = {
		{ "sockcat --sockopt NODELAY h 1", 1,
		    NO "NODELAY (the nearest is TCP_NODELAY; " LIST },
		{ "sockcat --sockopt tcp_nodely=1 h 1", 1,
		    NO "tcp_nodely (the nearest is TCP_NODELAY; " LIST },
		{ "sockcat --sockopt keepalive h 1", 1,
		    NO "keepalive (the nearest is SO_KEEPALIVE; " LIST },
		{ "sockcat --sockopt TTL=4 h 1", 1,
		    NO "TTL (the nearest is IP_TTL; " LIST },
		{ "sockcat --sockopt SO_KEEP h 1", 1,
		    NO "SO_KEEP (the nearest is SO_KEEPALIVE; " LIST },
		{ "sockcat --sockopt SO_NONSENSE h 1", 1,
		    NO "SO_NONSENSE (" LIST },
	};

	CHECK_ALL(t);
}
