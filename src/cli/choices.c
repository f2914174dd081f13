#include <stdio.h>
#include <string.h>

#include "cli/option.h"

/*
 * Options that take one word of a few: which they are, for the setters, for
 * what is said of any other, and for the shells that complete them.
 */

static const char *const compats[] = {
	[COMPAT_NATIVE] = "native", [COMPAT_OPENBSD] = "openbsd",
	[COMPAT_TRADITIONAL] = "traditional", [COMPAT_NCAT] = "ncat", NULL
};
static const char *const framings[] = {
	[FRAMING_NONE] = "none", [FRAMING_LINE] = "line",
	[FRAMING_LEN6] = "len6", [FRAMING_U16BE] = "u16be",
	[FRAMING_U32BE] = "u32be", [FRAMING_NETSTRING] = "netstring", NULL
};
static const char *const frame_inputs[] = { "line", "all", NULL };
static const char *const frame_outputs[] = { "line", "raw", NULL };
static const char *const stdins[] = {
	[STDIN_FIRST] = "first", [STDIN_ALL] = "all",
	[STDIN_LAST] = "last", [STDIN_NONE] = "none", NULL
};
static const char *const merges[] = {
	[MERGE_LINE] = "line", [MERGE_CHUNK] = "chunk", NULL
};
static const char *const dgrams[] = {
	[DGRAM_RECORD] = "record", [DGRAM_LINE] = "line",
	[DGRAM_BLOCK] = "block", NULL
};
static const char *const movers[] = {
	[PLAN_MOVER_AUTO] = "auto", [PLAN_MOVER_COPY] = "copy",
	[PLAN_MOVER_SPLICE] = "splice", [PLAN_MOVER_SENDFILE] = "sendfile",
	NULL
};
static const char *const pollers[] = {
	[PLAN_POLLER_BEST] = "best", [PLAN_POLLER_EPOLL] = "epoll",
	[PLAN_POLLER_POLL] = "poll", NULL
};
static const char *const proxy_protocols[] = {
	"4", "4a", "5", "connect", NULL
};
static const char *const proxy_types[] = {
	"http", "socks4", "socks4a", "socks5", NULL
};
static const char *const proxy_dns[] = {
	[DNS_REMOTE] = "remote", [DNS_LOCAL] = "local",
	[DNS_BOTH] = "both", [DNS_NONE] = "none", NULL
};
static const char *const engines[] = { "epoll", "poll", "select", NULL };

const char *const *
choices_of(enum act act)
{
	static const char *const *const all[ACT_COUNT] = {
		[ACT_COMPAT] = compats, [ACT_FRAMING] = framings,
		[ACT_FRAME_INPUT] = frame_inputs,
		[ACT_FRAME_OUTPUT] = frame_outputs, [ACT_STDIN] = stdins,
		[ACT_MERGE] = merges, [ACT_DGRAM] = dgrams,
		[ACT_MOVER] = movers, [ACT_POLLER] = pollers,
		[ACT_PROXY_PROTOCOL] = proxy_protocols,
		[ACT_PROXY_TYPE] = proxy_types, [ACT_PROXY_DNS] = proxy_dns,
		[ACT_NSOCK_ENGINE] = engines
	};

	return all[act];
}

const char *
framing_name(enum plan_framing how)
{
	return framings[how];
}

int
choice(const struct parse *p, const char *word)
{
	const char *const *words = choices_of(p->row->act);

	return word_value(words, word);
}

/* "--merge is line or chunk: word" */
int
refuse_choice(const struct parse *p, const char *word)
{
	const char *const *w = choices_of(p->row->act);
	char option[OPTION_TEXT_MAX], text[128] = "";

	for (; *w != NULL; w++) {
		if (*text != '\0')
			strlcat(text, w[1] != NULL ? ", " : " or ",
			    sizeof(text));
		strlcat(text, *w, sizeof(text));
	}
	return refuse(p, "%s is %s: %s",
	    option_text(p->row, p->by_letter, option), text, word);
}

int
set_choice(struct parse *p, const struct action *a, const char *arg)
{
	int i = choice(p, arg);

	if (i == -1)
		return refuse_choice(p, arg);
	*(unsigned *)((char *)p->plan + a->field) = (unsigned)i;
	return 0;
}

int
set_second(struct parse *p, const struct action *a, const char *arg)
{
	int i = choice(p, arg);

	if (i == -1)
		return refuse_choice(p, arg);
	*(bool *)((char *)p->plan + a->field) = i == 1;
	return 0;
}
