#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/nsswitch.h"

static const struct nsswitch_module {
	const char	*name;
	bool		 sockets;
	const char	*path;		/* NULL: none */
} nsswitch_modules[] = {
	{ "files", false, NULL }, { "dns", false, NULL },
	{ "db", false, "/var/db" }, { "usrfiles", false, "/usr/etc" },
	{ "myhostname", false, NULL }, { "systemd", true, NULL },
	{ "sss", true, "/var/lib/sss" },
	{ "resolve", true, "/run/systemd/resolve" },
	{ "mymachines", true, "/run/systemd/machine" },
	{ "mdns", true, "/run/avahi-daemon" },
	{ "mdns4", true, "/run/avahi-daemon" },
	{ "mdns6", true, "/run/avahi-daemon" },
	{ "mdns_minimal", true, "/run/avahi-daemon" },
	{ "mdns4_minimal", true, "/run/avahi-daemon" },
	{ "mdns6_minimal", true, "/run/avahi-daemon" }
};

static void
nsswitch_add(struct nsswitch *n, const char *name)
{
	const struct nsswitch_module *m = nsswitch_modules,
	    *end = m + sizeof(nsswitch_modules) / sizeof(*m);

	while (m < end && strcmp(name, m->name) != 0)
		m++;
	n->known &= m < end;
	n->sockets |= m == end || m->sockets;
	if (m == end || m->path == NULL)
		return;
	for (size_t i = 0; i < n->npaths; i++)
		if (n->paths[i] == m->path)
			return;
	if (n->npaths == NSSWITCH_PATHS)
		n->known = false;
	else
		n->paths[n->npaths++] = m->path;
}

/*
 * Loads a module; one that is missing is missing in the lookup, too. Since
 * version 2.34, glibc itself has "files" and "dns". Other C libraries load no
 * modules.
 */
static void
nsswitch_load(const char *name)
{
	char version[32], soname[64];

	if (confstr(_CS_GNU_LIBC_VERSION, version, sizeof(version)) == 0 ||
	    strncmp(version, "glibc 2.", 8) != 0 ||
	    ((strcmp(name, "files") == 0 || strcmp(name, "dns") == 0) &&
	    strtol(version + 8, NULL, 10) >= 34))
		return;
	if ((size_t)snprintf(soname, sizeof(soname), "libnss_%s.so.2", name) <
	    sizeof(soname))
		(void)dlopen(soname, RTLD_NOW | RTLD_LOCAL);
}

/* The line is changed. Actions stand in brackets: "[NOTFOUND=return]". */
static void
nsswitch_read_line(struct nsswitch *n, char *line)
{
	static const char separators[] = ": \t";
	bool action = false, hosts;
	char *rest, *word;

	line[strcspn(line, "#")] = '\0';
	word = strtok_r(line, separators, &rest);
	hosts = word != NULL && strcmp(word, "hosts") == 0;
	if (!hosts && (word == NULL || strcmp(word, "services") != 0))
		return;
	while ((word = strtok_r(NULL, separators, &rest)) != NULL) {
		action = action || *word == '[';
		if (!action)
			nsswitch_add(n, word);
		if (!action && hosts)
			nsswitch_load(word);
		action = action && strchr(word, ']') == NULL;
	}
}

/* Without stdio, whose memory a start would feel. */
void
nsswitch_prepare(struct nsswitch *s, const char *path)
{
	char text[4096], *rest = text, *line;
	ssize_t n;
	int num = open(path, O_RDONLY | O_CLOEXEC);

	*s = (struct nsswitch){ .known = true };
	if (num == -1)
		return;
	n = read(num, text, sizeof(text) - 1);
	(void)close(num);
	if (n == -1 || n == (ssize_t)sizeof(text) - 1) {
		s->known = false;
		s->sockets = true;
	}
	text[n > 0 ? n : 0] = '\0';
	while ((line = strsep(&rest, "\n")) != NULL)
		nsswitch_read_line(s, line);
}
