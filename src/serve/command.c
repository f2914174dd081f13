/*
 * The command of -e and -c.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/program.h"
#include "base/diag.h"
#include "base/text.h"
#include "filter/sanitize.h"
#include "serve/command.h"

#define COMMAND_SHELL	"/bin/sh"
/* As isspace(3) in the C locale. */
#define COMMAND_BLANKS	" \t\n\v\f\r"
/* Variables that tell about the connection, and the length of each. */
#define COMMAND_FACTS	10
#define COMMAND_FACT_MAX	(COMMAND_ADDR_MAX + 32)
/* Each byte of a path may be shown as a number. */
#define COMMAND_ADDR_MAX	(TEXT_OCTAL * ADDR_HOST_MAX)

/*
 * Cuts a command at blanks, in place; argv has room for all words and the
 * NULL. A backslash at the very end is dropped. As in ncat, blanks after an
 * escaped character are dropped, too, and end no word, unless that character is
 * a blank or a backslash.
 */
static void
command_cut(char *s, char **argv, bool escapes)
{
	char *to;

	for (s += strspn(s, COMMAND_BLANKS); *s != '\0';
	    s += strspn(s, COMMAND_BLANKS)) {
		*argv++ = to = s;
		while (*s != '\0' && strchr(COMMAND_BLANKS, *s) == NULL) {
			bool escaped = escapes && *s == '\\';

			if (escaped && *++s == '\0')
				break;
			*to++ = *s++;
			if (escaped && strchr(COMMAND_BLANKS "\\",
			    s[-1]) == NULL)
				s += strspn(s, COMMAND_BLANKS);
		}
		if (*s != '\0')
			s++;
		*to = '\0';
	}
	*argv = NULL;
}

static int
command_make_words(struct command *c, const struct plan_exec *exec)
{
	char *slash;

	c->words = strdup(exec->command);
	/* There are at most half as many words as characters, or 3. */
	c->argv = calloc(strlen(exec->command) / 2 + 5, sizeof(*c->argv));
	if (c->words == NULL || c->argv == NULL)
		return -1;
	c->path = c->argv[0] = c->words;
	if (exec->how == EXEC_SHELL) {
		c->path = COMMAND_SHELL;
		c->argv[0] = memcpy(c->shell[0], "sh", 3);
		c->argv[1] = memcpy(c->shell[1], "-c", 3);
		c->argv[2] = c->words;
	} else if (exec->how == EXEC_SCRIPT) {
		c->path = c->argv[0] = exec->interpreter;
		c->argv[1] = c->words;
	} else if (exec->how != EXEC_PATH) {
		command_cut(c->words, c->argv, exec->how == EXEC_ESCAPED);
		c->path = c->argv[0];
	} else if ((slash = strrchr(c->words, '/')) != NULL)
		c->argv[0] = slash + 1;
	return 0;
}

/* Adds a variable under both names. */
static void
command_tell(struct command *c, size_t *n, const char *end, const char *name,
    const char *value)
{
	static const char *const prefixes[] = { "NCAT_", "SOCKCAT_" };
	char *text;

	for (size_t i = 0; i < 2; i++) {
		text = c->facts + *n * COMMAND_FACT_MAX;
		(void)snprintf(text, COMMAND_FACT_MAX, "%s%s%s=%s",
		    prefixes[i], end, name, value);
		c->envp[(*n)++] = text;
	}
}

/* Is var a variable of the name that other has, too? */
static bool
command_is_of_name(const char *var, const char *other)
{
	return strncmp(other, var, strcspn(other, "=") + 1) == 0;
}

/* Do the n facts replace an inherited variable, or is it for sockcat only? */
static bool
command_drops(const struct command *c, size_t n, const struct plan *plan,
    const char *var)
{
	/* They are for the process LISTEN_PID, which no command is. */
	static const char *const activation[] = { "LISTEN_PID=",
		"LISTEN_FDS=", "LISTEN_FDNAMES=", "LISTEN_PIDFDID=" };

	for (size_t i = 0; i < n; i++)
		if (command_is_of_name(var, c->envp[i]))
			return true;
	for (size_t i = 0; i < sizeof(activation) / sizeof(char *); i++)
		if (command_is_of_name(var, activation[i]))
			return true;
	/* sockcat notifies the service manager; a command does not. */
	return plan->service.native &&
	    command_is_of_name(var, "NOTIFY_SOCKET=");
}

static int
command_make_environment(struct command *c, const struct plan *plan,
    const struct addr *peer, const struct addr *local, char *mark)
{
	char host[ADDR_HOST_MAX], shown[COMMAND_ADDR_MAX], port[ADDR_PORT_MAX];
	/* The sockets that were given may be Unix sockets without -U. */
	bool is_unix = plan->family == FAMILY_UNIX ||
	    addr_family(local) == AF_UNIX;
	size_t n = 0, facts, inherited = 0;

	while (environ[inherited] != NULL)
		inherited++;
	c->envp = calloc(inherited + COMMAND_FACTS + 2, sizeof(*c->envp));
	c->facts = calloc(COMMAND_FACTS, COMMAND_FACT_MAX);
	if (c->envp == NULL || c->facts == NULL)
		return -1;
	for (int i = 0; i < 2; i++) {
		const struct addr *a = i == 0 ? peer : local;
		const char *end = i == 0 ? "REMOTE" : "LOCAL";

		(void)snprintf(port, sizeof(port), "%u", addr_port(a));
		/* The path of a Unix socket may have any bytes. */
		command_tell(c, &n, end, "_ADDR", sanitize_text(addr_host(a,
		    host, sizeof(host)), shown, sizeof(shown)));
		command_tell(c, &n, end, "_PORT",
		    addr_family(a) == AF_UNIX ? "" : port);
	}
	command_tell(c, &n, "", "PROTO", is_unix ? "UNIX" :
	    plan->type == TYPE_DGRAM ? "UDP" : "TCP");
	if (*mark != '\0')
		c->envp[n++] = mark;
	facts = n;
	for (size_t i = 0; i < inherited; i++)
		if (!command_drops(c, facts, plan, environ[i]))
			c->envp[n++] = environ[i];
	return 0;
}

int
command_make(struct command *c, const struct plan *plan,
    const struct addr *peer, const struct addr *local, char *mark)
{
	memset(c, 0, sizeof(*c));
	if (command_make_words(c, &plan->exec) == 0 &&
	    command_make_environment(c, plan, peer, local, mark) == 0)
		return 0;
	command_free(c);
	return -1;
}

void
command_free(struct command *c)
{
	free(c->words);
	free(c->argv);
	free(c->envp);
	free(c->facts);
}

int
command_start(struct child *child, const struct conn_start *start,
    const struct fd *in, const struct fd *out)
{
	const struct plan *plan = start->run->plan;
	struct child_spec spec = { .in = in->num, .out = out->num,
	    .err = plan->exec.with_stderr ? out->num : STDERR_FILENO,
	    .search = plan->exec.how == EXEC_WORDS };
	struct command cmd;
	int rc;

	strays_mark(&start->run->children.strays, child->mark);
	if (command_make(&cmd, plan, start->peer, start->local,
	    child->mark) == -1)
		return -1;
	spec.path = cmd.path;
	spec.argv = cmd.argv;
	spec.envp = cmd.envp;
	rc = child_start(&start->run->children, child, &spec);
	command_free(&cmd);
	return rc;
}

int
command_failed(const struct run *r)
{
	const struct plan_exec *exec = &r->plan->exec;
	const char *path = exec->how == EXEC_SHELL ? COMMAND_SHELL :
	    exec->how == EXEC_SCRIPT ? exec->interpreter : exec->command;
	size_t len = strlen(path);
	struct error err;
	int num = errno;

	if (path == exec->command && exec->how != EXEC_PATH) {
		path += strspn(path, COMMAND_BLANKS);
		len = strcspn(path, COMMAND_BLANKS);
	}
	error_set(&err, num, "run", "%.*s", (int)len, path);
	return REPORT(r->plan, EVENT_EXEC_FAILED, .error = &err);
}

/*
 * Whether the limit of descriptors has room for a listener and the socket and
 * pipes of one client.
 */
static bool
command_has_room(const struct plan *plan)
{
	size_t wanted = plan->service.activated > 0 ? 0 :
	    plan->wildcard == WILDCARD_BOTH && plan->local_host == NULL ? 2 : 1;

	if (!plan->exec.handover)
		wanted += 4;
	if (plan_has_connections(plan))
		wanted++;
	return !plan->keep_open || fd_room(wanted) == wanted;
}

int
command_check(const struct run *r)
{
	const struct plan_exec *exec = &r->plan->exec;
	struct command c = { .path = NULL };
	char path[PATH_MAX];
	struct error err;
	int rc = 0;

	if (exec->checked && command_make_words(&c, exec) == 0)
		rc = exec->how == EXEC_WORDS && strchr(c.path, '/') == NULL ?
		    program_find(c.path, path) : program_check(c.path);
	command_free(&c);
	if (rc == -1)
		return command_failed(r);
	if (command_has_room(r->plan))
		return 0;
	error_set(&err, EMFILE, "serve", "clients");
	(void)snprintf(err.why, sizeof(err.why), "%s (a limit of %zu, "
	    "ulimit -n, leaves too few for a command)", reason_text(EMFILE),
	    fd_limit());
	return messages_failed(r->plan, &err);
}
