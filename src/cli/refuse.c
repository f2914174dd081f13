#include <ctype.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "cli/parse.h"
#include "message/messages.h"

/* The messages about a wrong command line. */

static int
refuse_va(const struct parse *p, const char *fmt, va_list ap)
{
	char	text[512];

	/* A fault found after the options is reported after begin(). */
	if (p->words != NULL)
		REPORT(p->plan, EVENT_BEGIN);
	vsnprintf(text, sizeof(text), fmt, ap);
	(p->dialect->bare ? diag_plain : diag_warnx)("%s%s", text,
	    p->dialect->tail);
	return p->dialect->usage_status;
}

int
refuse(const struct parse *p, const char *fmt, ...)
{
	va_list	ap;
	int	rc;

	va_start(ap, fmt);
	rc = refuse_va(p, fmt, ap);
	va_end(ap);
	return rc;
}

int
refuse_as(const struct parse *p, enum text which, ...)
{
	const char	*text = p->dialect->texts[which];
	va_list		 ap;
	int		 rc;

	if (text == NULL)
		text = dialect_native.texts[which];
	if (*text == '\0')
		return 0;
	va_start(ap, which);
	rc = refuse_va(p, text, ap);
	va_end(ap);
	return rc;
}

/*
 * "--merge must be line or chunk: word"; or of an option with or without its
 * only word: "--stats takes no value except json: word".
 */
int
refuse_choice(const struct parse *p, const char *word)
{
	const char *const	*w = actions[p->row->act].choices;
	char			 option[OPTION_TEXT_MAX], text[128] = "";

	if (p->dialect->bad_choice != NULL)
		return p->dialect->bad_choice(p, word);
	if (w[1] == NULL)
		return refuse(p, "%s takes no value except %s: %s",
		    option_text(p->row, p->by_letter, option), *w, word);
	for (; *w != NULL; w++)
		words_add(text, sizeof(text), w[1] != NULL ? ", " : " or ",
		    *w);
	return refuse(p, "%s must be %s: %s",
	    option_text(p->row, p->by_letter, option), text, word);
}

int
refuse_value(const struct parse *p, const char *why, const char *word)
{
	return why == NULL ? 0 : p->dialect->bad_value(p, why, word);
}

int
refuse_with_usage(const struct parse *p)
{
	usage_lines(stderr, p->dialect->table);
	return p->dialect->usage_status;
}

/* ---- Options that getopt_long(3) does not take -------------------------- */

/*
 * Names that other tools have for what an option or an operand does here; an
 * answer in parentheses follows the name, another one is a question.
 */
static const struct {
	char	name[20], answer[56];	/* no pointers to relocate */
} refuse_known[] = {
	{ "address", "(operands: sockcat HOST PORT, sockcat -l ADDRESS PORT)" },
	{ "bind", "-s (with -l, the address is an operand)" },
	{ "ca", "--tls-ca" },
	{ "ca-file", "--tls-ca" },
	{ "cacert", "--tls-ca" },
	{ "cert", "--tls-cert" },
	{ "ciphers", "--tls-ciphers" },
	{ "command", "--exec or --sh-exec" },
	{ "daemon", "(use systemd, or setsid -f sockcat ...)" },
	{ "destination", "(an operand: sockcat HOST PORT)" },
	{ "dtls", "--tls with -u" },
	{ "file", "--input or --output" },
	{ "host", "(an operand: sockcat HOST PORT)" },
	{ "hostname", "(an operand: sockcat HOST PORT)" },
	{ "insecure", "--tls-insecure" },
	{ "interface", "-s (an address), or an address such as fe80::1%eth0" },
	{ "ipv4", "-4" },
	{ "ipv6", "-6" },
	{ "keep-alive", "--keepalive" },
	{ "key", "--tls-key" },
	{ "limit-rate", "--rate-limit" },
	{ "local-port", "-p" },
	{ "max-time", "--deadline" },
	{ "numeric", "-n" },
	{ "password", "--password-file" },
	{ "proto", "-u (UDP) or -U (Unix sockets)" },
	{ "protocol", "-u (UDP) or -U (Unix sockets)" },
	{ "quiet", "(sockcat is quiet without -v)" },
	{ "server", "-l" },
	{ "servername", "--tls-name" },
	{ "silent", "(sockcat is quiet without -v)" },
	{ "sni", "--tls-name" },
	{ "socket", "-U" },
	{ "socks4", "-X 4 -x" },
	{ "socks5", "-x" },
	{ "source-address", "-s" },
	{ "tcp", "(TCP is the default)" },
	{ "telnet-negotiation", "-t" },
	{ "timeout", "-w, --connect-timeout or --idle-timeout" },
	{ "unix", "-U" },
};

/* The names that begin with the word are listed: "a", "a or b", "a, b or c". */
int
refuse_name(const struct parse *p, const char *word)
{
	const struct option_table	*t = p->dialect->table;
	struct nearest			 near = { .word = word,
					    .len = strcspn(word, "=") };
	const char			*names[ROWS_MAX], *answer;
	char				 list[400] = "--";
	size_t				 n = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct option_row	*row = &t->rows[i];

		if (!row_has_name(row) || (row->flags & OPT_HIDDEN))
			continue;
		nearest_try(&near, row->name, row->name);
		if (near.len > 0 && strncmp(row->name, word, near.len) == 0)
			names[n++] = row->name;
	}
	if (n == 0 && (names[0] = nearest_name(&near)) != NULL)
		n = 1;
	for (size_t i = 0; i < n; i++)
		words_add(list, sizeof(list), i == 0 ? "" : i + 1 < n ?
		    ", --" : " or --", names[i]);
	answer = n > 0 ? list : "(see --help)";
	for (size_t i = 0; i < sizeof(refuse_known) / sizeof(refuse_known[0]);
	    i++)
		if (strncmp(refuse_known[i].name, word, near.len) == 0 &&
		    refuse_known[i].name[near.len] == '\0')
			answer = refuse_known[i].answer;
	return refuse(p, *answer == '(' ? "no option --%.*s %s" :
	    "no option --%.*s; do you mean %s?", (int)near.len, word, answer);
}

/*
 * optopt is the letter; or the value of a name's entry, beyond the letters; 0:
 * there is no such name. Only then is word never NULL.
 */
int
refuse_option(const struct parse *p, int ch, const char *word)
{
	int	other;

	if (!p->dialect->own_getopt)
		return p->dialect->bad_option == NULL ? refuse_with_usage(p) :
		    refuse(p, "%s", p->dialect->bad_option);
	if (optopt == 0)
		return refuse_name(p, word + strspn(word, "-"));
	if (optopt > 0 && optopt <= UCHAR_MAX) {
		if (ch == ':' && optopt == 'V')
			return refuse(p, "option requires an argument -- 'V'; "
			    "do you mean --version?");
		if (ch == ':')
			return refuse(p, "option requires an argument -- '%c' "
			    "(see --help)", optopt);
		other = islower(optopt) ? toupper(optopt) : tolower(optopt);
		return refuse(p, row_of_letter(p->dialect->table, other) ==
		    NULL ? "invalid option -- '%c' (see --help)" :
		    "invalid option -- '%c'; do you mean -%c?",
		    optopt, other);
	}
	return refuse(p, ch == ':' ? "option '%.*s' requires an argument "
	    "(see --help)" : "option '%.*s' takes no argument (see --help)",
	    (int)strcspn(word, "="), word);
}
