/*
 * Waits for conditions, instead of sleeping for a guessed time. Exits with 0
 * when they hold, with 1 when the deadline has passed.
 *
 *	waitfor [-t ms] [-p PID] CONDITION...
 *
 * All of them, in order, within 15 s; -p: while the process lives.
 *
 *	file:PATH nofile:PATH		it exists, does not
 *	text:PATH:TEXT			the file holds the text
 *	size:PATH:N			the file has at least N bytes
 *	tcp:PORT udp:PORT unix:PATH	a socket listens, is bound there
 *	linked:PORT			a TCP connection to PORT stands
 *	gone:PID			the process has ended
 *	asleep:PID			the process slept for 150 ms
 *	ms				no wait: print the clock
 */
#include <sys/stat.h>
#include <signal.h>
#include <stdbool.h>

#include "lib/port.h"
#include "lib/tool.h"

static bool
missing(const char *path)
{
	return !tool_exists(path);
}

/* Split PATH:REST at the first colon. */
static const char *
split(const char *arg, char *path, size_t room)
{
	const char *colon = strchr(arg, ':');

	if (colon == NULL || (size_t)(colon - arg) >= room)
		tool_fail("waitfor: bad condition %s", arg);
	memcpy(path, arg, (size_t)(colon - arg));
	path[colon - arg] = '\0';
	return colon + 1;
}

static bool
holds_text(const char *arg)
{
	static char buf[1 << 20];
	char path[4096];
	const char *text = split(arg, path, sizeof(path));
	FILE *f = fopen(path, "r");
	size_t n;

	if (f == NULL)
		return false;
	n = fread(buf, 1, sizeof(buf), f);
	fclose(f);
	return memmem(buf, n, text, strlen(text)) != NULL;
}

static bool
has_size(const char *arg)
{
	char path[4096];
	const char *text = split(arg, path, sizeof(path));
	struct stat st;

	return stat(path, &st) == 0 && st.st_size >= tool_number(text);
}

static bool
tcp_listens(const char *port)
{
	return port_listens((unsigned)tool_number(port));
}

static bool
tcp_linked(const char *port)
{
	return port_tcp_is((unsigned)tool_number(port), PORT_LINKED);
}

static bool
udp_bound(const char *port)
{
	return port_is_bound((unsigned)tool_number(port));
}

/* State and context switches of a process; 'X' when there is none. */
static char
look(const char *pid, long *switches)
{
	char path[64], line[256], state = 'X';
	long n;
	FILE *f;

	*switches = 0;
	snprintf(path, sizeof(path), "/proc/%s/status", pid);
	if ((f = fopen(path, "r")) == NULL)
		return 'X';
	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "State: %c", &state) == 1)
			continue;
		if (sscanf(line, "voluntary_ctxt_switches: %ld", &n) == 1 ||
		    sscanf(line, "nonvoluntary_ctxt_switches: %ld", &n) == 1)
			*switches += n;
	}
	fclose(f);
	return state;
}

static bool
gone(const char *pid)
{
	long n;
	char state = look(pid, &n);

	return state == 'X' || state == 'Z';
}

static bool
asleep(const char *pid)
{
	long before, after;
	char state;

	state = look(pid, &before);
	if (state == 'X' || state == 'Z') {
		fprintf(stderr, "waitfor: %s has ended\n", pid);
		exit(1);
	}
	if (state != 'S')
		return false;
	nap_ms(150);
	return look(pid, &after) == 'S' && before == after;
}

static const struct condition {
	const char	*prefix;
	bool		(*holds)(const char *);
} conditions[] = {
	{ "file:", tool_exists }, { "nofile:", missing },
	{ "text:", holds_text }, { "size:", has_size },
	{ "tcp:", tcp_listens }, { "linked:", tcp_linked },
	{ "udp:", udp_bound }, { "unix:", port_unix_is_bound },
	{ "gone:", gone }, { "asleep:", asleep },
	{ NULL, NULL }
};

static bool
wait_for(const char *word, const char *process, int64_t deadline)
{
	const struct condition *c;
	const char *arg = NULL;

	for (c = conditions; c->prefix != NULL; c++)
		if ((arg = tool_after(word, c->prefix)) != NULL)
			break;
	if (c->prefix == NULL)
		tool_fail("waitfor: what is %s?", word);
	while (!c->holds(arg)) {
		if (clock_ms() > deadline || (process != NULL &&
		    gone(process))) {
			fprintf(stderr, "waitfor: too late: %s\n", word);
			return false;
		}
		nap_ms(3);
	}
	return true;
}

int
main(int argc, char **argv)
{
	int64_t deadline = clock_ms() + 15000;
	const char *process = NULL;
	int i;

	for (i = 1; i + 1 < argc && argv[i][0] == '-'; i += 2)
		if (strcmp(argv[i], "-t") == 0)
			deadline = clock_ms() + tool_number(argv[i + 1]);
		else
			process = argv[i + 1];
	for (; i < argc; i++) {
		if (strcmp(argv[i], "ms") == 0)
			printf("%lld\n", (long long)clock_ms());
		else if (!wait_for(argv[i], process, deadline))
			return 1;
	}
	return 0;
}
