#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/parse.h"

/* Operands of socat(1): recognised, and answered with our command line. */

static const struct socat_base {
	char	name[9], options[9], target[8]; /* no pointers to relocate */
	bool	path;
} socat_bases[] = {
	{ "TCP", "", "", false }, { "UDP", " -u", "udp:", false },
	{ "OPENSSL", " --tls", "tls:", false },
	{ "SSL", " --tls", "tls:", false }, { "TLS", " --tls", "tls:", false },
	{ "UNIX", " -U", "unix:", true }, { "LOCAL", " -U", "unix:", true },
	{ "ABSTRACT", " -U", "unix:@", true },
	{ "VSOCK", " --vsock", "vsock:", false }
};

static const struct socat_way {
	char	name[14];
	bool	listens, dgram;
} socat_ways[] = {
	{ "", false, false }, { "-CONNECT", false, false },
	{ "-CLIENT", false, false }, { "-SENDTO", false, true },
	{ "-DATAGRAM", false, true }, { "-DTLS-CLIENT", false, true },
	{ "-LISTEN", true, false }, { "-L", true, false },
	{ "-SERVER", true, false }, { "-RECV", true, true },
	{ "-RECVFROM", true, true }, { "-DTLS-SERVER", true, true }
};

struct socat_word {
	enum { SOCAT_NO, SOCAT_STDIO, SOCAT_COMMAND, SOCAT_SOCKET } is;
	const struct socat_base	*base;
	const struct socat_way	*way;		/* never NULL */
	bool			 shell;
	char			 family;	/* '4', '6'; '\0': any */
	char			 arg[256];
	const char		*options;	/* ",fork,reuseaddr" */
};

/* Room for our command line. */
#define SOCAT_LINE_MAX	800

static void __attribute__((format(printf, 2, 3)))
socat_add(char line[SOCAT_LINE_MAX], const char *fmt, ...)
{
	size_t	n = strlen(line);
	va_list	ap;

	va_start(ap, fmt);
	(void)vsnprintf(line + n, SOCAT_LINE_MAX - n, fmt, ap);
	va_end(ap);
}

/* As one word of a shell. */
static void
socat_add_quoted(char line[SOCAT_LINE_MAX], const char *word)
{
	size_t	n;

	socat_add(line, "'");
	for (; word[n = strcspn(word, "'")] != '\0'; word += n + 1)
		socat_add(line, "%.*s'\\''", (int)n, word);
	socat_add(line, "%s'", word);
}

/* ---- Reading ------------------------------------------------------------ */

static bool
socat_same(const char *word, size_t len, const char *name)
{
	return strlen(name) == len && strncasecmp(word, name, len) == 0;
}

static void
socat_read_socket(const char *word, size_t len, struct socat_word *w)
{
	for (size_t i = 0; i < sizeof(socat_bases) / sizeof(socat_bases[0]);
	    i++) {
		size_t	at = strlen(socat_bases[i].name), k = 0;
		char	family = '\0';

		if (at > len || !socat_same(word, at, socat_bases[i].name))
			continue;
		if (word[at] == '4' || word[at] == '6')
			family = word[at++];
		while (!socat_same(word + at, len - at, socat_ways[k].name))
			if (++k == sizeof(socat_ways) / sizeof(socat_ways[0]))
				return;
		w->is = SOCAT_SOCKET;
		w->base = &socat_bases[i];
		w->way = &socat_ways[k];
		w->family = family;
		return;
	}
}

/* "exec:80" and "tcp:80" are a host and a port of ours. */
static void
socat_read(const char *word, struct socat_word *w)
{
	size_t	len = strcspn(word, ":");
	bool	fits, stdio = strcmp(word, "-") == 0 ||
		    strcasecmp(word, "STDIO") == 0;

	*w = (struct socat_word){ .is = stdio ? SOCAT_STDIO : SOCAT_NO,
	    .way = socat_ways };
	if (stdio || word[len] == '\0')
		return;
	w->options = word + len + 1 + strcspn(word + len + 1, ",");
	(void)snprintf(w->arg, sizeof(w->arg), "%.*s",
	    (int)(w->options - word - (ptrdiff_t)len - 1), word + len + 1);
	w->shell = !socat_same(word, len, "EXEC");
	if (!w->shell || socat_same(word, len, "SYSTEM") ||
	    socat_same(word, len, "SHELL"))
		w->is = SOCAT_COMMAND;
	else
		socat_read_socket(word, len, w);
	if (w->is != SOCAT_SOCKET || w->base->path)
		fits = !is_digits(w->arg);
	else
		fits = w->way->listens ? *w->arg != '\0' :
		    strchr(w->arg, ':') != NULL;
	if (!fits)
		w->is = SOCAT_NO;
}

/* The value of ",name=value", or "" of ",name"; NULL: it is not there. */
static const char *
socat_option(const struct socat_word *w, const char *name, int *n)
{
	size_t	len = strlen(name);

	for (const char *at = w->options; *at == ',';
	    at += strcspn(at, ",")) {
		at++;
		if (strncasecmp(at, name, len) != 0 ||
		    strchr(",=", at[len]) == NULL)
			continue;
		at += len + (at[len] == '=');
		*n = (int)strcspn(at, ",");
		return at;
	}
	return NULL;
}

/* ---- Our command line --------------------------------------------------- */

static void
socat_add_line(char line[SOCAT_LINE_MAX], const struct socat_word *w,
    const char *peer)
{
	static const struct {
		char	name[7], client[11], server[16]; /* no pointers */
	} options[] = {
		{ "bind", "-s", "" }, { "cert", "--tls-cert", "--tls-cert" },
		{ "key", "--tls-key", "--tls-key" },
		{ "cafile", "--tls-ca", "--tls-client-ca" }
	};
	const char	*value, *ours, *port = strrchr(w->arg, ':');
	bool		 listens = w->way->listens;
	int		 n;

	socat_add(line, "sockcat%s%s%s%s", listens ? " -l" : "",
	    listens && socat_option(w, "fork", &n) != NULL ? " -k" : "",
	    w->way->dgram && strcmp(w->base->name, "UDP") != 0 ? " -u" : "",
	    w->base->options);
	if (w->family != '\0')
		socat_add(line, " -%c", w->family);
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		ours = listens ? options[i].server : options[i].client;
		value = socat_option(w, options[i].name, &n);
		if (*ours != '\0' && value != NULL)
			socat_add(line, " %s %.*s", ours, n, value);
	}
	value = socat_option(w, "verify", &n);
	if (value != NULL && *value == '0' && !listens)
		socat_add(line, " --tls-insecure");
	socat_add(line, "%s", peer);
	if (w->base->path)
		socat_add(line, " %s%s", *w->base->name == 'A' ? "@" : "",
		    w->arg);
	else if (listens && (value = socat_option(w, "bind", &n)) != NULL)
		socat_add(line, " %.*s %s", n, value, w->arg);
	else if (listens)
		socat_add(line, " %s", w->arg);
	else if (*w->arg == '[' && port > w->arg && port[-1] == ']')
		socat_add(line, " %.*s %s", (int)(port - w->arg) - 2,
		    w->arg + 1, port + 1);
	else
		socat_add(line, " %.*s %s", (int)(port - w->arg), w->arg,
		    port + 1);
}

/* Adds the other side of the socket, as options. */
static void
socat_add_peer(char line[SOCAT_LINE_MAX], const struct socat_word *a,
    const struct socat_word *b)
{
	char	other[SOCAT_LINE_MAX] = "";

	if (b->is == SOCAT_COMMAND) {
		socat_add(line, b->shell ? " -c " : " -e ");
		socat_add_quoted(line, b->arg);
	} else if (b->is == SOCAT_SOCKET && a->way->listens &&
	    !b->way->listens && !b->way->dgram)
		socat_add(line, " --forward %s%s", b->base->target, b->arg);
	else if (b->is == SOCAT_SOCKET) {
		socat_add_line(other, b, "");
		socat_add(line, " -c ");
		socat_add_quoted(line, other);
	}
}

/* True: the operands are socat's, and *rc is the exit status. */
bool
socat_refuse(const struct parse *p, int *rc)
{
	struct socat_word	 w[2] = { { .way = socat_ways },
				    { .way = socat_ways } };
	char			 line[SOCAT_LINE_MAX] = "";
	char			 peer[SOCAT_LINE_MAX] = "";
	int			 n = p->nwords < 2 ? p->nwords : 2, first;
	const char		*word;
	bool			 cut = false;

	for (int i = 0; i < n; i++) {
		socat_read(p->words[i], &w[i]);
		cut |= strlen(p->words[i]) >= sizeof(w[i].arg);
	}
	if (p->nwords > 2 || (w[0].is < SOCAT_COMMAND &&
	    w[1].is < SOCAT_COMMAND))
		return false;
	/* A listener comes first, and a socket before a command. */
	first = w[1].is > w[0].is ||
	    (w[1].is == w[0].is && w[1].way->listens && !w[0].way->listens);
	socat_add_peer(peer, &w[first], &w[!first]);
	if (w[first].is == SOCAT_SOCKET)
		socat_add_line(line, &w[first], peer);
	else {
		socat_add_peer(peer, &w[!first], &w[first]);
		socat_add(line, "sockcat%s HOST PORT", peer);
	}
	word = p->words[w[0].is < SOCAT_COMMAND];
	/* A line that was cut short would be another one. */
	*rc = !cut && strlen(line) < sizeof(line) - 1 ?
	    refuse(p, "%s is a socat address; use: %s", word, line) :
	    refuse(p, "%.100s ... is a socat address; sockcat has options",
	    word);
	return true;
}
