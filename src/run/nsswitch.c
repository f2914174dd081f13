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

static const struct nsswitch_module *
nsswitch_find(const char *name)
{
	size_t n = sizeof(nsswitch_modules) / sizeof(nsswitch_modules[0]);

	for (size_t i = 0; i < n; i++)
		if (strcmp(name, nsswitch_modules[i].name) == 0)
			return &nsswitch_modules[i];
	return NULL;
}

static void
nsswitch_add_path(struct nsswitch *n, const char *path)
{
	for (size_t i = 0; i < n->npaths; i++)
		if (n->paths[i] == path)
			return;
	if (n->npaths == NSSWITCH_PATHS)
		n->known = false;
	else
		n->paths[n->npaths++] = path;
}

static void
nsswitch_add(struct nsswitch *n, const char *name)
{
	const struct nsswitch_module *m = nsswitch_find(name);

	n->known &= m != NULL;
	n->sockets |= m == NULL || m->sockets;
	if (m != NULL && m->path != NULL)
		nsswitch_add_path(n, m->path);
}

/*
 * Since version 2.34, glibc itself has these two. Other C libraries load no
 * modules.
 */
static bool
nsswitch_is_apart(const char *name)
{
	char version[32];

	if (confstr(_CS_GNU_LIBC_VERSION, version, sizeof(version)) == 0 ||
	    strncmp(version, "glibc 2.", 8) != 0)
		return false;
	return (strcmp(name, "files") != 0 && strcmp(name, "dns") != 0) ||
	    strtol(version + 8, NULL, 10) < 34;
}

/* A module that is missing is missing in the lookup, too. */
static void
nsswitch_load(const char *name)
{
	char soname[64];

	if (nsswitch_is_apart(name) && (size_t)snprintf(soname, sizeof(soname),
	    "libnss_%s.so.2", name) < sizeof(soname))
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
