#include "cli/option.h"

/*
 * The grammar of netcat-traditional. The long options are those that every
 * personality has.
 */
static const struct option_row rows[] = {
	{ 'c', NULL, ACT_SH_EXEC, "shell commands", NULL,
	    "run by /bin/sh after connect [dangerous!!]", 0 },
	{ 'e', NULL, ACT_EXEC, "filename", NULL,
	    "program to run after connect [dangerous!!]", 0 },
	{ 'b', NULL, ACT_BROADCAST, NULL, NULL, "allow broadcasts", 0 },
	{ 'g', NULL, ACT_SOURCE_HOP, "gateway", NULL,
	    "source-routing hops", 0 },
	{ 'G', NULL, ACT_SOURCE_POINTER, "num", "hop pointer",
	    "source-routing pointer: 4, 8, 12, ...", 0 },
	{ 'h', "help", ACT_HELP, NULL, NULL, "this help", 0 },
	{ 'i', NULL, ACT_INTERVAL_LOOSE, "secs", "interval time",
	    "pause between lines sent", 0 },
	{ 'k', NULL, ACT_KEEPALIVE, NULL, NULL,
	    "set the socket's keepalive option", 0 },
	{ 'l', NULL, ACT_LISTEN, NULL, NULL,
	    "listen for a connection; the port comes with -p", 0 },
	{ 'n', NULL, ACT_NUMERIC_ALL, NULL, NULL,
	    "numbers only, no names", 0 },
	{ 'o', NULL, ACT_HEX_DUMP, "file", NULL, "hex dump of the traffic", 0 },
	{ 'p', NULL, ACT_SOURCE_PORT, "port", "local port",
	    "local port number", 0 },
	{ 'r', NULL, ACT_RANDOM, NULL, NULL, "ports in random order", 0 },
	{ 'q', NULL, ACT_QUIT_LOOSE, "secs", "quit time",
	    "quit so long after the end of the input", 0 },
	{ 's', NULL, ACT_SOURCE, "addr", NULL, "local address", 0 },
	{ 'T', NULL, ACT_TOS, "tos", NULL, "type of service", 0 },
	{ 't', NULL, ACT_TELNET, NULL, NULL, "answer telnet negotiation", 0 },
	{ 'u', NULL, ACT_UDP, NULL, NULL, "UDP", 0 },
	{ 'v', NULL, ACT_VERBOSE, NULL, NULL,
	    "verbose [twice: more of it]", 0 },
	{ 'w', NULL, ACT_WAIT_LOOSE, "secs", "wait-time",
	    "limit of connecting, and of silence", 0 },
	{ 'C', NULL, ACT_CRLF, NULL, NULL, "send CR LF for LF", 0 },
	{ 'z', NULL, ACT_SCAN, NULL, NULL,
	    "only see whether the ports are open", 0 },
	{ 0, "version", ACT_VERSION, NULL, NULL, "the version", 0 },
	{ 0, "explain", ACT_EXPLAIN, NULL, NULL,
	    "tell how this command line is understood", 0 },
	{ 0, "compat", ACT_COMPAT, "name", NULL,
	    "behave as openbsd, traditional, ncat or native", 0 },
	{ 0, "mover", ACT_MOVER, "how", NULL, "for tests", OPT_HIDDEN },
	{ 0, "poller", ACT_POLLER, "which", NULL, "for tests", OPT_HIDDEN },
};

const struct option_table table_traditional = {
	rows, sizeof(rows) / sizeof(rows[0])
};
