/*
 * Children: start, signals, death.
 */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "io/fd.h"
#include "loop/child.h"

#define BUCKETS	(sizeof(((struct children *)0)->table) / \
		    sizeof(((struct children *)0)->table[0]))
/* The highest signal of the system. */
#define LAST_SIGNAL	64

/* Input of the new process, which shares our memory until exec. */
struct launch {
	const struct child_spec	*spec;
	const struct children	*all;
	volatile int		 num;	/* errno of the failure; 0: none */
};

static struct child_list *
child_row(struct children *all, pid_t pid)
{
	return &all->table[(size_t)pid % BUCKETS];
}

static struct child *
child_find(struct children *all, pid_t pid)
{
	struct child *c;

	TAILQ_FOREACH(c, child_row(all, pid), link)
		if (c->pid == pid)
			return c;
	return NULL;
}

static void
child_on_sigchld(void *arg, int signo)
{
	struct children *all = arg;
	struct child *c;
	int status;
	pid_t pid;

	(void)signo;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		c = child_find(all, pid);
		/* A child that this program had before exec. */
		if (c == NULL || !c->running)
			continue;
		c->running = false;
		c->status = status;
		/* Before the number of the group can be reused. */
		(void)child_has_heirs(c);
		loop_hold(all->loop, -1);
		c->exited(c->arg, c);
	}
}

static bool
child_is_in_group(void *arg, pid_t pid, pid_t group)
{
	return child_find(arg, pid) != NULL || child_find(arg, group) != NULL;
}

/* Signals the strays of a child, or of all (NULL); whether there are any. */
static bool
child_signal_strays(struct children *all, const struct child *c, int signo)
{
	const struct strays_of of = { .mark = c != NULL ? c->mark : NULL,
	    .alone = all->n == 1, .is_in_group = child_is_in_group,
	    .arg = all };

	if (c != NULL && c->mark[0] == '\0')
		return false;
	return strays_signal(&all->strays, &of, signo);
}

int
children_init(struct children *all, struct loop *loop)
{
	sigset_t set;

	memset(all, 0, sizeof(*all));
	all->strays.list = -1;
	all->loop = loop;
	for (size_t i = 0; i < BUCKETS; i++)
		TAILQ_INIT(&all->table[i]);
	if (getrlimit(RLIMIT_NOFILE, &all->files) == -1)
		return -1;
	fd_hide_inherited();
	/*
	 * Grandchildren that outlive their parent become our children, and
	 * are reaped at once, so that their group is seen to be empty, and
	 * those that have left the group are found.
	 */
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	strays_open(&all->strays);
	/* The parent of this program may have blocked the signal. */
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
	return loop_signal(loop, SIGCHLD, child_on_sigchld, all);
}

void
children_free(struct children *all)
{
	struct child *c;

	for (size_t i = 0; i < BUCKETS; i++)
		while ((c = TAILQ_FIRST(&all->table[i])) != NULL) {
			if (c->running)
				child_signal(c, SIGKILL);
			child_forget(c);
		}
	(void)child_signal_strays(all, NULL, SIGKILL);
	strays_close(&all->strays);
}

/* from is above 2, except for a stderr that stays. */
static int
child_place(int from, int to)
{
	return from == to ? 0 : dup2(from, to);
}

static uint64_t
child_bit(int signo)
{
	return UINT64_C(1) << (signo - 1);
}

/*
 * Finds the signals with an action that this program changed, which a child
 * resets: asking once is cheaper than resetting all of them in each child.
 * Signals that were ignored from the start stay ignored across exec(2), so
 * that nohup(1) applies to commands, too; but SIGPIPE and SIGXFSZ, which this
 * program ignores, are reset.
 */
static void
child_ask_taken(struct children *all)
{
	struct sigaction act;

	for (int signo = 1; signo <= LAST_SIGNAL; signo++)
		if (sigaction(signo, NULL, &act) == 0 &&
		    act.sa_handler != SIG_DFL &&
		    (act.sa_handler != SIG_IGN || signo == SIGPIPE ||
		    signo == SIGXFSZ))
			all->taken |= child_bit(signo);
}

/*
 * The new process. The memory is the parent's: only the launch is written to.
 * Signals are blocked, so that no handler of the parent runs here.
 */
static void __attribute__((noreturn, noinline))
child_become(struct launch *l)
{
	const struct child_spec *s = l->spec;
	sigset_t none;
	int signo;

	(void)setpgid(0, 0);
	for (signo = 1; signo <= LAST_SIGNAL; signo++)
		if (l->all->taken & child_bit(signo))
			(void)signal(signo, SIG_DFL);
	(void)setrlimit(RLIMIT_NOFILE, &l->all->files);
	if (child_place(s->in, STDIN_FILENO) != -1 &&
	    child_place(s->out, STDOUT_FILENO) != -1 &&
	    child_place(s->err, STDERR_FILENO) != -1) {
		(void)sigemptyset(&none);
		(void)sigprocmask(SIG_SETMASK, &none, NULL);
		if (s->search)
			(void)execvpe(s->path, s->argv, s->envp);
		else
			(void)execve(s->path, s->argv, s->envp);
	}
	l->num = errno;
	_exit(127);
}

static pid_t __attribute__((noinline))
child_launch(struct launch *l)
{
	pid_t pid = vfork();

	if (pid == 0)
		child_become(l);
	return pid;
}

static void
child_enter(struct children *all, struct child *c, pid_t pid)
{
	struct child *old = child_find(all, pid);

	/* The pid was reused, so the group of the old child is empty. */
	if (old != NULL) {
		child_forget(old);
		old->alone = true;
	}
	c->of = all;
	c->pid = pid;
	c->running = true;
	c->alone = false;
	c->status = 0;
	TAILQ_INSERT_TAIL(child_row(all, pid), c, link);
	all->n++;
	loop_hold(all->loop, 1);
}

void
child_adopt(struct children *all, struct child *c, pid_t pid)
{
	child_enter(all, c, pid);
	(void)raise(SIGCHLD);
}

int
child_start(struct children *all, struct child *c,
    const struct child_spec *spec)
{
	struct launch l = { .spec = spec, .all = all };
	sigset_t every, mask;
	pid_t pid;
	int num;

	/* SIGCHLD is always taken, so 0 means: not asked yet. */
	if (all->taken == 0)
		child_ask_taken(all);
	(void)sigfillset(&every);
	if (sigprocmask(SIG_SETMASK, &every, &mask) == -1)
		return -1;
	pid = child_launch(&l);
	num = pid == -1 ? errno : l.num;
	(void)sigprocmask(SIG_SETMASK, &mask, NULL);
	if (num != 0) {
		if (pid != -1)
			(void)waitpid(pid, NULL, 0);	/* has exited */
		errno = num;
		return -1;
	}
	child_enter(all, c, pid);
	return 0;
}

void
child_signal(struct child *c, int signo)
{
	if (c->running || child_has_heirs(c))
		(void)kill(-c->pid, signo);
	if (c->of != NULL)
		(void)child_signal_strays(c->of, c, signo);
}

void
child_mark(struct children *all, struct child *c)
{
	strays_mark(&all->strays, c->mark);
}

bool
child_has_strays(struct child *c)
{
	return c->of != NULL && child_signal_strays(c->of, c, 0);
}

/* A group that was seen to be empty once is never signalled again. */
bool
child_has_heirs(struct child *c)
{
	if (c->running || c->alone)
		return false;
	c->alone = c->pid <= 0 ||
	    (kill(-c->pid, 0) == -1 && errno == ESRCH);
	return !c->alone;
}

void
child_forget(struct child *c)
{
	if (c->of == NULL)
		return;
	if (c->running)
		loop_hold(c->of->loop, -1);
	TAILQ_REMOVE(child_row(c->of, c->pid), c, link);
	c->of->n--;
	c->of = NULL;
	c->pid = 0;
	c->running = false;
}

int
child_code(const struct child *c)
{
	return WIFSIGNALED(c->status) ? 128 + WTERMSIG(c->status) :
	    WEXITSTATUS(c->status);
}
