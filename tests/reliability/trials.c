/*
 * Trials in numbers:
 *
 *	trials storm SEED COUNT		random command lines, peers and
 *					streams; trial N of SEED is SEED + N
 *	trials plain [PLAN]...		each plan once, without a fault
 *	trials calls EVERY [PLAN]...	the kth call of each system call fails,
 *					by strace, until there is no kth
 *	trials memory EVERY [PLAN]...	the kth allocation fails, once, and from
 *					then on
 *	trials short SEEDS [PLAN]...	short counts, EINTR, EAGAIN, by SEEDS
 *					seeds
 *
 * EVERY: 1 is all; 2 takes about half of the calls and of the k's and so on,
 * and the first allocation. The last line is "KIND trials N done N clean N bad
 * N bytes N"; each bad one has been printed before, with its command line.
 * Exits with 1 if there was one.
 *
 * From the environment: as in plans.c; FAULTLINE_SO and REFUSE_SO; TRIAL_DIR,
 * for files; TRIAL_VERBOSE, which prints every trial.
 */
#include <sys/stat.h>

#include "lib/tool.h"
#include "reliability/trial.h"

#define CALLS_MOST	60	/* of one system call, k */
#define MEMORY_MOST	400

static struct {
	const char	*dir;
	unsigned long	 count[3], bytes;
	bool		 verbose;
} trials;

/* ---- One trial ----------------------------------------------------------- */

static const char *
trials_step(const struct step *s, char *text, size_t room)
{
	static const char *const names[] = { "send", "recv", "quiet", "fin",
	    "drain", "rst", "close" };

	snprintf(text, room, s->verb <= VERB_QUIET ? "%s:%u" : "%s",
	    names[s->verb], s->n);
	return text;
}

static void
trials_print(const struct trial *t, const struct result *r, const char *how)
{
	static const char *const verdicts[] = { "done", "clean", "bad" };
	static const char *const inputs[] = { "pipe", "file", "null" };
	static const char *const outputs[] = { "pipe", "file", "leaves" };
	char text[64];

	printf("%s: %s, %s%s%s\n    ", verdicts[r->verdict], t->name, how,
	    r->verdict == TRIAL_BAD ? ": " : "", r->why);
	for (int i = 0; i < t->argc; i++)
		printf(" '%s'", t->argv[i]);
	printf("\n    input %s %zu, output %s %zu, %u clients, peer:",
	    inputs[t->input], t->in_size, outputs[t->output], t->leave_after,
	    t->clients);
	for (int i = 0; i < t->nsteps; i++)
		printf(" %s", trials_step(&t->steps[i], text, sizeof(text)));
	printf("\n    status %#x, %lld ms, said: %s\n", (unsigned)r->status,
	    (long long)r->ms, r->said);
	fflush(stdout);
}

static void
trials_run(const struct trial *t, const char *how)
{
	struct result r;
	int64_t began = clock_ms();

	trial_run(t, trials.dir, &r);
	r.ms = clock_ms() - began;
	trials.count[r.verdict]++;
	trials.bytes += r.bytes;
	if (r.verdict == TRIAL_BAD || trials.verbose)
		trials_print(t, &r, how);
}

/* A plan that is preceded by a launcher's words. */
static bool
trials_plan(struct trial *t, int plan, const char *const *launcher)
{
	memset(t, 0, sizeof(*t));
	for (; launcher != NULL && *launcher != NULL; launcher++)
		trial_add(t, "%s", *launcher);
	return plan_make(t, plan, trials.dir);
}

static void
trials_free(struct trial *t)
{
	while (t->argc > 0)
		free(t->argv[--t->argc]);
}

/* ---- The kinds ----------------------------------------------------------- */

static void
trials_storm(unsigned long seed, unsigned long count)
{
	struct trial t;
	char how[64];

	for (; count-- > 0; seed++) {
		dice_state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
		for (int i = 0; i < 8; i++)
			(void)dice(2);
		memset(&t, 0, sizeof(t));
		plan_random(&t, trials.dir);
		snprintf(how, sizeof(how), "storm %lu 1", seed);
		trials_run(&t, how);
		trials_free(&t);
	}
}

/* Whether the launcher has said that its fault was met. */
static bool
trials_met(const char *path, const char *text)
{
	char line[4096];
	FILE *f = fopen(path, "re");
	bool met = false;

	if (f == NULL)
		return false;
	met = text == NULL;
	while (!met && fgets(line, sizeof(line), f) != NULL)
		met = strstr(line, text) != NULL;
	fclose(f);
	unlink(path);
	return met;
}

/* What may fail, and how. mmap is the loader's, which dies then. */
static const char *const faults[] = {
	"accept4:EMFILE", "accept4:ECONNABORTED", "bind:EADDRINUSE",
	"close:EIO", "connect:ENETUNREACH", "dup3:EMFILE", "dup2:EMFILE",
	"epoll_create1:EMFILE", "epoll_ctl:ENOMEM", "epoll_wait:EINTR",
	"epoll_pwait:EINTR", "epoll_pwait2:EINTR", "epoll_pwait2:ENOSYS",
	"fcntl:EMFILE", "fstat:EIO", "newfstatat:EIO", "getpeername:ENOTCONN",
	"getrandom:ENOSYS", "getsockname:ENOBUFS", "getsockopt:ENOBUFS",
	"ioctl:ENOTTY", "listen:EADDRINUSE", "lseek:ESPIPE",
	"openat:EMFILE", "pidfd_open:EMFILE", "pipe2:EMFILE", "poll:EINTR",
	"prctl:EINVAL", "preadv2:EIO", "prlimit64:EPERM", "pwritev2:EPIPE",
	"read:EIO", "read:EINTR", "readv:ECONNRESET", "recvfrom:ECONNRESET",
	"recvmmsg:ENOMEM", "recvmsg:ENOMEM", "rt_sigaction:EINVAL",
	"sendfile:EINVAL", "sendfile:EIO", "sendmmsg:ENOBUFS",
	"sendmsg:ENOBUFS", "sendto:EPIPE", "setsockopt:ENOPROTOOPT",
	"shutdown:ENOTCONN", "socket:EMFILE", "splice:EINVAL", "splice:EIO",
	"statx:EIO", "tee:EINVAL", "vfork:EAGAIN", "clone:EAGAIN",
	"clone3:EAGAIN", "write:EPIPE",
	"write:EINTR", "writev:EPIPE"
};

/* A sample begins with one of so many k's: most calls are made a few times. */
#define FIRST_OF	4

/* The next k: about one in so many. */
static unsigned
trials_next(unsigned k, unsigned every)
{
	return k + 1 + (every > 1 ? dice(2 * every - 1) : 0);
}

static void
trials_calls(int plan, unsigned every)
{
	char trace[128], inject[128], call[64], *colon;
	struct trial t;

	snprintf(trace, sizeof(trace), "%s/trace", trials.dir);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		snprintf(call, sizeof(call), "%s", faults[i]);
		colon = strchr(call, ':');
		*colon = '\0';
		if (every > 1 && dice(every) > 0)
			continue;
		for (unsigned k = 1 + (every > 1 ? dice(FIRST_OF) : 0);
		    k <= CALLS_MOST; k = trials_next(k, every)) {
			snprintf(inject, sizeof(inject),
			    "inject=%s:error=%s:when=%u", call, colon + 1, k);
			if (!trials_plan(&t, plan, (const char *const[]){
			    "strace", "-D", "-qq", "-o", trace, "-e",
			    inject, NULL }))
				return;
			t.calm = false;
			/* A server's client that is gone is no event. */
			t.mutes = t.keeps;
			/*
			 * Without its end, a peer may wait for ever; a target
			 * that takes no more may still answer; a lost SIGCHLD
			 * is noticed with the next.
			 */
			t.leaks = strcmp(call, "close") == 0 ||
			    strcmp(call, "shutdown") == 0 ||
			    (plan_keeps(plan) && (strcmp(call, "write") == 0 ||
			    strcmp(colon + 1, "EPIPE") == 0));
			trials_run(&t, inject);
			trials_free(&t);
			if (!trials_met(trace, "(INJECTED)"))
				break;
		}
	}
}

static void
trials_memory(int plan, unsigned every)
{
	static const char *const ways[] = { "at", "from" };
	char met[128], rule[64];
	struct trial t;

	snprintf(met, sizeof(met), "%s/met", trials.dir);
	setenv("REFUSE_MET", met, 1);
	setenv("REFUSE_ALONE", "yes", 1);
	for (int i = 0; i < 2; i++)
		for (unsigned k = 1; k <= MEMORY_MOST;
		    k = trials_next(k, every)) {
			snprintf(rule, sizeof(rule), "REFUSE=memory:%s-%u:"
			    "ENOMEM", ways[i], k);
			if (!trials_plan(&t, plan, NULL))
				return;
			setenv("REFUSE", rule + strlen("REFUSE="), 1);
			setenv("LD_PRELOAD", getenv("REFUSE_SO"), 1);
			/* It would not let REFUSE_MET be made. */
			setenv("SOCKCAT_SANDBOX", "off", 1);
			t.calm = false;
			trials_run(&t, rule);
			unsetenv("LD_PRELOAD");
			unsetenv("SOCKCAT_SANDBOX");
			trials_free(&t);
			if (!trials_met(met, NULL))
				break;
		}
}

static void
trials_short(int plan, unsigned seeds)
{
	char line[64];
	struct trial t;

	for (unsigned seed = 1; seed <= seeds; seed++) {
		if (!trials_plan(&t, plan, NULL))
			return;
		/*
		 * A signal's own pipe with room in it is never full. Often:
		 * for what is read a few times alone.
		 */
		snprintf(line, sizeof(line), "seed=%u,short=30,eintr=5%s",
		    seed, t.keeps ? "" : seed % 2 == 0 ? ",eagain=60" :
		    ",eagain=5");
		setenv("FAULTLINE", line, 1);
		setenv("LD_PRELOAD", getenv("FAULTLINE_SO"), 1);
		trials_run(&t, line);
		unsetenv("LD_PRELOAD");
		trials_free(&t);
	}
}

static void
trials_plain(int plan, unsigned unused)
{
	struct trial t;

	(void)unused;
	if (!trials_plan(&t, plan, NULL))
		return;
	trials_run(&t, "no fault");
	trials_free(&t);
}

/* ---- The command line ---------------------------------------------------- */

static const struct kind {
	const char	*name;
	void		(*run)(int plan, unsigned arg);
	const char	*needs;		/* in the environment */
} kinds[] = {
	{ "plain", trials_plain, NULL }, { "calls", trials_calls, NULL },
	{ "memory", trials_memory, "REFUSE_SO" },
	{ "short", trials_short, "FAULTLINE_SO" }
};

static void
trials_plans(const struct kind *k, unsigned arg, char **names)
{
	for (int plan = 0; plan < NPLANS; plan++) {
		bool wanted = *names == NULL;

		for (char **name = names; *name != NULL; name++)
			wanted |= strcmp(*name, plan_names[plan]) == 0;
		if (wanted)
			k->run(plan, arg);
	}
}

static void
trials_do(char **argv)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(argv[0], kinds[i].name) == 0) {
			if (kinds[i].needs != NULL &&
			    getenv(kinds[i].needs) == NULL)
				tool_fail("trials: no %s", kinds[i].needs);
			if (kinds[i].run == trials_plain)
				trials_plans(&kinds[i], 0, argv + 1);
			else if (argv[1] != NULL)
				trials_plans(&kinds[i],
				    (unsigned)tool_number(argv[1]), argv + 2);
			return;
		}
	if (strcmp(argv[0], "storm") != 0 || argv[1] == NULL ||
	    argv[2] == NULL)
		tool_fail("trials storm SEED COUNT | KIND N [PLAN]...");
	trials_storm((unsigned long)tool_number(argv[1]),
	    (unsigned long)tool_number(argv[2]));
}

int
main(int argc, char **argv)
{
	char dir[] = "/tmp/trials.XXXXXX";

	if (argc < 2)
		tool_fail("trials KIND [ARG]...");
	if ((trials.dir = getenv("TRIAL_DIR")) == NULL)
		trials.dir = mkdtemp(dir);
	trials.verbose = getenv("TRIAL_VERBOSE") != NULL;
	trials_do(argv + 1);
	printf("%s trials %lu done %lu clean %lu bad %lu bytes %lu\n", argv[1],
	    trials.count[TRIAL_DONE] + trials.count[TRIAL_CLEAN] +
	    trials.count[TRIAL_BAD], trials.count[TRIAL_DONE],
	    trials.count[TRIAL_CLEAN], trials.count[TRIAL_BAD], trials.bytes);
	return trials.count[TRIAL_BAD] == 0 ? 0 : 1;
}
