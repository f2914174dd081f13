/*
 * Command lines: the first byte says under which name we are called, and the
 * rest are words, one a line. Oracles: what is refused is refused with words
 * and with the personality's status; what is taken says nothing, and can be
 * told by --explain; and the same line comes to the same again.
 */
#include <string.h>

#include "base/diag.h"
#include "fuzz.h"
#include "plan/plan.h"

#define WORDS_MAX	40
#define TEXT_MAX	2000

static const char	*const names[] = {
	"sockcat", "nc", "/bin/nc.traditional", "ncat", "netcat",
	"netcat-traditional"
};

struct said {
	char	*err, *out;
	size_t	 nerr, nout;
	size_t	 told;		/* bytes of messages */
	int	 status;
};

static void
count_message(void *arg, const char *line)
{
	struct said *said = arg;

	said->told += strlen(line) + 1;
}

/* The words, each a text of its own, for a plan points into them. */
static int
words_of(char *text, const char *name, char **argv)
{
	int argc = 0;

	argv[argc++] = (char *)(uintptr_t)name;
	for (; text != NULL && argc < WORDS_MAX; argc++)
		argv[argc] = strsep(&text, "\n");
	argv[argc] = NULL;
	return argc;
}

static void
check_plan(const struct plan *plan)
{
	bool ports = (plan->mode == PLAN_CONNECT || plan->mode == PLAN_SCAN) &&
	    plan_has_ports(plan) && plan->device == NULL;

	FUZZ_CHECK(plan->messages != NULL);
	FUZZ_CHECK(!plan->tls.on || !plan->exec.handover);
	FUZZ_CHECK(!ports || plan->nports > 0);
	for (size_t i = 0; i < plan->nports; i++)
		FUZZ_CHECK(plan->ports[i].lo <= plan->ports[i].hi);
}

static void
show(const struct plan *plan)
{
	if (plan->mode == PLAN_EXPLAIN)
		(void)plan_explain(plan);
	else if (plan->mode == PLAN_HELP)
		(void)plan_help(plan);
	else if (plan->mode == PLAN_VERSION)
		(void)plan_version(plan);
}

/* Parse and tell, with what is printed kept. */
static void
go(struct said *said, const char *name, const char *text)
{
	static char copy[TEXT_MAX + 1];
	char *argv[WORDS_MAX + 1];
	FILE *out = stdout, *err = stderr;
	struct plan plan;

	memset(said, 0, sizeof(*said));
	memcpy(copy, text, strlen(text) + 1);
	if ((stdout = open_memstream(&said->out, &said->nout)) == NULL ||
	    (stderr = open_memstream(&said->err, &said->nerr)) == NULL)
		abort();
	diag_redirect(count_message, said);
	said->status = plan_parse(&plan, words_of(copy, name, argv), argv);
	fflush(stdout);
	if (said->status != 0 || said->nout != 0)
		goto out;
	check_plan(&plan);
	show(&plan);
	plan_free(&plan);
out:
	fclose(stdout);
	fclose(stderr);
	stdout = out;
	stderr = err;
	diag_redirect(NULL, NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tape t = tape_of(data, size);
	const char *name = names[tape_upto(&t,
	    sizeof(names) / sizeof(names[0]) - 1)];
	size_t n = (size_t)(t.end - t.next);
	char text[TEXT_MAX + 1];
	struct said said, retry;

	if (n > TEXT_MAX)
		n = TEXT_MAX;
	memcpy(text, n > 0 ? t.next : (const uint8_t *)"", n);
	text[n] = '\0';
	go(&said, name, text);
	FUZZ_CHECK(said.status >= 0 && said.status <= 2);
	FUZZ_CHECK(said.status == 0 || said.told + said.nerr > 0);
	FUZZ_CHECK(said.status == 0 || said.nout == 0);
	go(&retry, name, text);
	FUZZ_CHECK(said.status == retry.status && said.told == retry.told);
	FUZZ_CHECK(said.nout == retry.nout &&
	    memcmp(said.out, retry.out, said.nout) == 0);
	free(said.out);
	free(said.err);
	free(retry.out);
	free(retry.err);
	return 0;
}
