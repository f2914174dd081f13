#include "cli/option.h"

/*
 * The grammar of netcat-traditional. The long options are those that every
 * personality has.
 */
static const struct option_row rows[] = {
	TAKES('c', NULL, SH_EXEC, "shell commands",
	    "run by /bin/sh after connect [dangerous!!]"),
	TAKES('e', NULL, EXEC, "filename",
	    "program to run after connect [dangerous!!]"),
	FLAG('b', NULL, BROADCAST, "allow broadcasts"),
	TAKES('g', NULL, GATEWAY, "gateway", "source-routing hops"),
	VALUE('G', NULL, SOURCE_POINTER, "num", "hop pointer",
	    "source-routing pointer: 4, 8, 12, ..."),
	FLAG('h', "help", HELP, "this help"),
	VALUE('i', NULL, INTERVAL_LOOSE, "secs", "interval time",
	    "pause between lines sent"),
	FLAG('k', NULL, KEEPALIVE, "set the socket's keepalive option"),
	FLAG('l', NULL, LISTEN,
	    "listen for a connection; the port comes with -p"),
	FLAG('n', NULL, NUMERIC, "numbers only, no names"),
	TAKES('o', NULL, HEX_DUMP, "file", "hex dump of the traffic"),
	VALUE('p', NULL, SOURCE_PORT, "port", "local port",
	    "local port number"),
	FLAG('r', NULL, RANDOM, "ports in random order"),
	VALUE('q', NULL, QUIT_LOOSE, "secs", "quit time",
	    "quit so long after the end of the input"),
	TAKES('s', NULL, SOURCE, "addr", "local address"),
	TAKES('T', NULL, TOS_LOOSE, "tos", "type of service"),
	FLAG('t', NULL, TELNET, "answer telnet negotiation"),
	FLAG('u', NULL, UDP, "UDP"),
	FLAG('v', NULL, VERBOSE, "verbose [twice: more of it]"),
	VALUE('w', NULL, WAIT_LOOSE, "secs", "wait-time",
	    "limit of connecting, and of silence"),
	FLAG('C', NULL, CRLF, "send CR LF for LF"),
	FLAG('z', NULL, SCAN, "only see whether the ports are open"),
	LONG("version", VERSION, "the version"),
	LONG("explain", EXPLAIN, "tell how this command line is understood"),
	ARG("compat", COMPAT, "name",
	    "behave as openbsd, traditional, ncat or native"),
	OPTION(0, "mover", MOVER, "how", "value", "for tests", OPT_HIDDEN),
};

const struct option_table table_traditional = {
	rows, sizeof(rows) / sizeof(rows[0])
};
