#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "run/nsswitch.h"

static const char *const nsswitch_modules[] = {
	"files", "dns", "db", "sss", "resolve", "myhostname", "mymachines",
	"systemd", "mdns", "mdns4", "mdns6", "mdns_minimal", "mdns4_minimal",
	"mdns6_minimal"
};

static bool
nsswitch_knows(const char *module)
{
	size_t n = sizeof(nsswitch_modules) / sizeof(nsswitch_modules[0]);

	for (size_t i = 0; i < n; i++)
		if (strcmp(module, nsswitch_modules[i]) == 0)
			return true;
	return false;
}

/* The line is changed. Actions stand in brackets: "[NOTFOUND=return]". */
static bool
nsswitch_knows_line(char *line)
{
	static const char separators[] = ": \t";
	bool action = false;
	char *rest, *word;

	line[strcspn(line, "#")] = '\0';
	word = strtok_r(line, separators, &rest);
	if (word == NULL || (strcmp(word, "hosts") != 0 &&
	    strcmp(word, "services") != 0))
		return true;
	while ((word = strtok_r(NULL, separators, &rest)) != NULL) {
		action = action || *word == '[';
		if (!action && !nsswitch_knows(word))
			return false;
		action = action && strchr(word, ']') == NULL;
	}
	return true;
}

/* Without stdio, whose memory a start would feel. */
bool
nsswitch_is_known(const char *path)
{
	char text[4096], *rest = text, *line;
	ssize_t n;
	int num = open(path, O_RDONLY | O_CLOEXEC);

	if (num == -1)
		return true;
	n = read(num, text, sizeof(text) - 1);
	(void)close(num);
	if (n == -1 || n == (ssize_t)sizeof(text) - 1)
		return false;
	text[n] = '\0';
	while ((line = strsep(&rest, "\n")) != NULL)
		if (!nsswitch_knows_line(line))
			return false;
	return true;
}
