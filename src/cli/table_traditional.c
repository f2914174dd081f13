#include "cli/option.h"

/*
 * The grammar of netcat-traditional. The long options are those that every
 * personality has.
 */
static const struct option_row rows[] = {
	TAKES('c', "", SH_EXEC, "shell commands",
	    "run by /bin/sh after connect [dangerous!!]"),
	TAKES('e', "", EXEC, "filename",
	    "program to run after connect [dangerous!!]"),
	FLAG('b', "", BROADCAST, "allow broadcasts"),
	TAKES('g', "", GATEWAY, "gateway", "source-routing hops"),
	VALUE('G', "", SOURCE_POINTER, "num", "hop pointer",
	    "source-routing pointer: 4, 8, 12, ..."),
	FLAG('h', "help", HELP, "this help"),
	VALUE('i', "", INTERVAL_LOOSE, "secs", "interval time",
	    "pause between lines sent"),
	FLAG('k', "", KEEPALIVE_SYSTEM, "set the socket's keepalive option"),
	FLAG('l', "", LISTEN,
	    "listen for a connection; the port comes with -p"),
	FLAG('n', "", NUMERIC, "numbers only, no names"),
	TAKES('o', "", HEX_DUMP, "file", "hex dump of the traffic"),
	VALUE('p', "", SOURCE_PORT, "port", "local port",
	    "local port number"),
	FLAG('r', "", RANDOM, "ports in random order"),
	VALUE('q', "", QUIT_LOOSE, "secs", "quit time",
	    "quit so long after the end of the input"),
	TAKES('s', "", SOURCE, "addr", "local address"),
	TAKES('T', "", TOS_LOOSE, "tos", "type of service"),
	FLAG('t', "", TELNET, "answer telnet negotiation"),
	FLAG('u', "", UDP, "UDP"),
	FLAG('v', "", VERBOSE, "verbose [twice: more of it]"),
	VALUE('w', "", WAIT_LOOSE, "secs", "wait-time",
	    "limit of connecting, and of silence"),
	FLAG('C', "", CRLF, "send CR LF for LF"),
	FLAG('z', "", SCAN, "only see whether the ports are open"),
	LONG("version", VERSION, "the version"),
	LONG("explain", EXPLAIN, "tell how this command line is understood"),
	ARG("compat", COMPAT, "name",
	    "behave as openbsd, traditional, ncat or native"),
	OPTION(0, "mover", MOVER, "how", "value", "for tests", OPT_HIDDEN),
};

const struct option_table table_traditional = {
	rows, sizeof(rows) / sizeof(rows[0])
};
