/*
 * The command of -e and -c.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/program.h"
#include "serve/command.h"

/* isspace(3) where there is no locale. */
#define BLANKS		" \t\n\v\f\r"
#define FACTS		5	/* each under two names */
#define FACT_MAX	(ADDR_HOST_MAX + 32)

static char *
command_skip_blanks(char *s)
{
	while (isspace((unsigned char)*s))
		s++;
	return s;
}

/*
 * Cuts a command at blanks, in place; argv has room for all words and the
 * NULL. A backslash at the very end is dropped.
 */
static void
command_cut(char *s, char **argv, bool escapes)
{
	char *to;

	for (s = command_skip_blanks(s); *s != '\0';
	    s = command_skip_blanks(s)) {
		*argv++ = to = s;
		while (*s != '\0' && !isspace((unsigned char)*s)) {
			if (escapes && *s == '\\' && *++s == '\0')
				break;
			*to++ = *s++;
		}
		if (*s != '\0')
			s++;
		*to = '\0';
	}
	*argv = NULL;
}

static char *
command_base_name(char *path)
{
	char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static int
command_make_words(struct command *c, const struct plan_exec *exec)
{
	size_t len = strlen(exec->command) + 1;

	/* execve(2) wants words that it could write to. */
	c->words = malloc(len + sizeof("sh") + sizeof("-c"));
	/* No more words than half the characters, and never less than 3. */
	c->argv = calloc(strlen(exec->command) / 2 + 5, sizeof(*c->argv));
	if (c->words == NULL || c->argv == NULL)
		return -1;
	memcpy(c->words, exec->command, len);
	if (exec->shell) {
		c->path = "/bin/sh";
		c->argv[0] = memcpy(c->words + len, "sh", sizeof("sh"));
		c->argv[1] = memcpy(c->argv[0] + sizeof("sh"), "-c",
		    sizeof("-c"));
		c->argv[2] = c->words;
	} else if (exec->interpreter != NULL) {
		c->path = c->argv[0] = exec->interpreter;
		c->argv[1] = c->words;
	} else if (exec->split) {
		command_cut(c->words, c->argv, exec->escapes);
		c->path = c->argv[0];
	} else {
		c->path = c->words;
		c->argv[0] = command_base_name(c->words);
	}
	return 0;
}

static const char *
command_proto(const struct plan *plan, const struct addr *local)
{
	/* The sockets that were given may be Unix sockets without -U. */
	if (plan->family == FAMILY_UNIX || addr_family(local) == AF_UNIX)
		return "UNIX";
	return plan->type == TYPE_DGRAM ? "UDP" : "TCP";
}

static const char *
command_port_text(const struct addr *a, char buf[ADDR_PORT_MAX])
{
	(void)snprintf(buf, ADDR_PORT_MAX, "%u", addr_port(a));
	return addr_family(a) == AF_UNIX ? "" : buf;
}

/* One fact under both names; what it was before is not told any more. */
static void
command_tell(struct command *c, size_t *n, const char *name, const char *value)
{
	static const char *const prefixes[] = { "NCAT_", "SOCKCAT_" };
	char *text;
	size_t i;

	for (i = 0; i < 2; i++) {
		text = c->facts + *n * FACT_MAX;
		(void)snprintf(text, FACT_MAX, "%s%s=%s", prefixes[i], name,
		    value);
		c->envp[(*n)++] = text;
	}
}

static bool
command_is_told(const struct command *c, size_t n, const char *var)
{
	size_t i, len;

	for (i = 0; i < n; i++) {
		len = (size_t)(strchr(c->envp[i], '=') - c->envp[i]) + 1;
		if (strncmp(c->envp[i], var, len) == 0)
			return true;
	}
	return false;
}

/* Where to tell that we are ready, who are not ready when a command is. */
static bool
command_is_ours(const struct plan *plan, const char *var)
{
	static const char name[] = "NOTIFY_SOCKET=";

	return plan->service.notifies &&
	    strncmp(name, var, sizeof(name) - 1) == 0;
}

static int
command_make_environment(struct command *c, const struct plan *plan,
    const struct addr *peer, const struct addr *local)
{
	char host[ADDR_HOST_MAX], port[ADDR_PORT_MAX];
	size_t i, n = 0, facts, inherited = 0;

	while (environ[inherited] != NULL)
		inherited++;
	c->envp = calloc(inherited + 2 * FACTS + 1, sizeof(*c->envp));
	c->facts = calloc(2 * FACTS, FACT_MAX);
	if (c->envp == NULL || c->facts == NULL)
		return -1;
	command_tell(c, &n, "REMOTE_ADDR", addr_host(peer, host, sizeof(host)));
	command_tell(c, &n, "REMOTE_PORT", command_port_text(peer, port));
	command_tell(c, &n, "LOCAL_ADDR", addr_host(local, host, sizeof(host)));
	command_tell(c, &n, "LOCAL_PORT", command_port_text(local, port));
	command_tell(c, &n, "PROTO", command_proto(plan, local));
	facts = n;
	for (i = 0; i < inherited; i++)
		if (!command_is_told(c, facts, environ[i]) &&
		    !command_is_ours(plan, environ[i]))
			c->envp[n++] = environ[i];
	return 0;
}

int
command_make(struct command *c, const struct plan *plan,
    const struct addr *peer, const struct addr *local)
{
	memset(c, 0, sizeof(*c));
	if (command_make_words(c, &plan->exec) == 0 &&
	    command_make_environment(c, plan, peer, local) == 0)
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
	    .search = plan->exec.search && !plan->exec.shell };
	struct command cmd;
	int rc, num;

	if (command_make(&cmd, plan, start->peer, start->local) == -1)
		return -1;
	spec.path = cmd.path;
	spec.argv = cmd.argv;
	spec.envp = cmd.envp;
	rc = child_start(&start->run->children, child, &spec);
	num = errno;
	command_free(&cmd);
	errno = num;
	return rc;
}

int
command_check(const struct plan *plan)
{
	const struct plan_exec *exec = &plan->exec;
	struct command c = { .path = NULL };
	char path[PATH_MAX];
	int rc, num;

	if (!exec->checked || command_make_words(&c, exec) == -1)
		rc = 0;
	else if (exec->search && !exec->shell && strchr(c.path, '/') == NULL)
		rc = program_find(c.path, path);
	else
		rc = program_check(c.path);
	num = errno;
	command_free(&c);
	errno = num;
	return rc;
}

int
command_failed(const struct run *r)
{
	const struct plan_exec *exec = &r->plan->exec;
	const char *path = exec->command;
	size_t len = strlen(path);
	struct error err;
	int num = errno;

	if (exec->shell) {
		path = "/bin/sh";
		len = strlen(path);
	} else if (exec->interpreter != NULL) {
		path = exec->interpreter;
		len = strlen(path);
	} else if (exec->split) {
		path += strspn(path, BLANKS);
		len = strcspn(path, BLANKS);
	}
	error_set(&err, num, "run", "%.*s", (int)len, path);
	return r->messages->exec_failed(r->plan, &err);
}
