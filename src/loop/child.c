/*
 * Children: start, signals, death.
 */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "io/fd.h"
#include "loop/child.h"

#define BUCKETS	(sizeof(((struct children *)0)->table) / \
		    sizeof(((struct children *)0)->table[0]))
/* Between two looks at the terminal, and how often SIGCONT is repeated. */
#define CHILD_LOOK	(100 * NSEC_PER_MSEC)
/* The longest time from SIGTSTP until a shell has the terminal again. */
#define CHILD_SUSPENDS	NSEC_PER_SEC
#define CHILD_NUDGES	3
/* The highest signal of the system. */
#define LAST_SIGNAL	64

/* Input of the new process, which shares our memory until exec. */
struct launch {
	const struct child_spec	*spec;
	const struct children	*all;
	pid_t			 parent;	/* this program */
	bool			 session;	/* and not a group only */
	volatile int		 num;	/* errno of the failure; 0: none */
};

static struct child_list *
child_row(struct children *all, pid_t pid)
{
	return &all->table[(size_t)pid % BUCKETS];
}

/* ---- The terminal ------------------------------------------------------- */

/* Whether this program's job is in the foreground. */
static bool
terminal_is_ours(const struct terminal *t)
{
	return t->fd != -1 && tcgetpgrp(t->fd) == t->job;
}

/*
 * Puts a group of this session into the foreground. Returns false if neither
 * this program's job nor that group is there now.
 */
static bool
terminal_lend(struct terminal *t, pid_t group)
{
	sigset_t ttou;

	if (t->lent == group && tcgetpgrp(t->fd) == group)
		return true;
	if (!terminal_is_ours(t) || tcgetattr(t->fd, &t->modes) == -1)
		return false;
	(void)sigemptyset(&ttou);
	(void)sigaddset(&ttou, SIGTTOU);
	if (t->lent == 0)
		(void)sigprocmask(SIG_BLOCK, &ttou, &t->mask);
	t->lent = group;
	return tcsetpgrp(t->fd, group) == 0;
}

/*
 * Ends the loan, and puts this program's job into the foreground again, unless
 * a living group is there that has no process with this mark.
 */
static void
terminal_take(struct terminal *t, const char *mark)
{
	pid_t group;

	if (t->lent == 0)
		return;
	group = tcgetpgrp(t->fd);
	if (group > 0 && (group == t->lent ||
	    (kill(-group, 0) == -1 && errno == ESRCH) ||
	    strays_is_marked(group, mark))) {
		(void)tcsetpgrp(t->fd, t->job);
		(void)tcsetattr(t->fd, TCSANOW, &t->modes);
	}
	t->lent = 0;
	(void)sigprocmask(SIG_SETMASK, &t->mask, NULL);
}

/* ---- Children and the terminal ------------------------------------------ */

static void
child_look_later(struct children *all)
{
	if (!timer_is_set(&all->look))
		timer_set(all->loop, &all->look,
		    loop_now(all->loop) + CHILD_LOOK);
}

/*
 * Gives the terminal to a stopped child, if it may have it, and lets it go on.
 * A program that asks for a password catches the signals of job control, and
 * stops itself a moment later, perhaps after this SIGCONT: see child_on_look.
 */
static bool
child_take_over(struct child *c)
{
	struct children *all = c->of;

	if (loop_now(all->loop) < all->suspended ||
	    !terminal_lend(&all->terminal, c->pid))
		return false;
	c->stop_signal = 0;
	(void)kill(-c->pid, SIGCONT);
	all->nudges = CHILD_NUDGES;
	child_look_later(all);
	return true;
}

bool
child_wants_terminal(const struct child *c)
{
	return c->stop_signal == SIGTTIN || c->stop_signal == SIGTTOU;
}

/*
 * The suspend key stopped a child that has the terminal, so it stops this
 * program's whole job, as if the job had the terminal. The shell continues the
 * job, in the foreground or not. A worker is in another group, and waits until
 * the shell has taken the terminal. The worker may miss that, if the job comes
 * back at once, so it waits no longer than CHILD_SUSPENDS.
 */
static void
child_suspend_job(struct child *c)
{
	struct children *all = c->of;
	pid_t job = all->terminal.job;

	(void)kill(-job, SIGTSTP);
	if (job != getpgrp()) {
		all->suspended = loop_now(all->loop) + CHILD_SUSPENDS;
		c->stop_signal = SIGTTIN;	/* waits for the terminal */
		child_look_later(all);
	} else if (!child_take_over(c)) {
		c->stop_signal = 0;
		(void)kill(-c->pid, SIGCONT);
	}
}

static void
child_on_stop(struct child *c, int signo)
{
	struct terminal *t = &c->of->terminal;
	bool had = t->lent == c->pid;

	c->stop_signal = signo;
	if (child_wants_terminal(c) && child_take_over(c))
		return;
	if (had)
		terminal_take(t, c->mark);
	if (had && signo == SIGTSTP) {
		child_suspend_job(c);
		return;
	}
	if (child_wants_terminal(c))
		child_look_later(c->of);
	if (c->stopped != NULL)
		c->stopped(c->arg, c);
}

/* ---- Deaths ------------------------------------------------------------- */

static void
child_on_exit(struct child *c, int status)
{
	struct terminal *t = &c->of->terminal;
	int signo = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	c->running = false;
	c->status = status;
	c->stop_signal = 0;
	/* Before the number of the group can be reused. */
	(void)child_has_heirs(c);
	if (t->lent == c->pid) {
		terminal_take(t, c->mark);
		/*
		 * The keys and the hangup that end a job have ended the child
		 * in the place of this program's job, which gets the signal.
		 */
		if (signo == SIGINT || signo == SIGQUIT || signo == SIGHUP)
			(void)kill(-t->job, signo);
	}
	loop_hold(c->of->loop, -1);
	c->exited(c->arg, c);
}

static void
child_on_sigchld(void *arg, int signo)
{
	struct children *all = arg;
	struct child *c;
	int status;
	pid_t pid;

	(void)signo;
	while ((pid = waitpid(-1, &status,
	    WNOHANG | WUNTRACED | WCONTINUED)) > 0) {
		c = child_find(all, pid);
		if (!WIFSTOPPED(status) && !WIFCONTINUED(status)) {
			/* Others are children that we had before exec. */
			if (c != NULL && c->running)
				child_on_exit(c, status);
			continue;
		}
		/* The child, or another process of its group. */
		if (c == NULL)
			c = child_find(all, getpgid(pid));
		if (c != NULL && WIFSTOPPED(status))
			child_on_stop(c, WSTOPSIG(status));
		else if (c != NULL)
			c->stop_signal = 0;
	}
}

/*
 * A stop that the loop has not told of yet, by the suspend key, is seen before
 * SIGCONT would undo it.
 */
static void
child_on_look(void *arg)
{
	struct children *all = arg;
	bool later = false;
	struct child *c;

	child_on_sigchld(all, SIGCHLD);
	if (!terminal_is_ours(&all->terminal))
		all->suspended = 0;
	if (all->terminal.lent != 0 && all->nudges > 0) {
		all->nudges--;
		(void)kill(-all->terminal.lent, SIGCONT);
		later = true;
	}
	for (size_t i = 0; i < BUCKETS; i++)
		TAILQ_FOREACH(c, &all->table[i], link)
			later |= child_wants_terminal(c) && !child_take_over(c);
	if (later)
		child_look_later(all);
}

int
children_init(struct children *all, struct loop *loop)
{
	sigset_t set;

	memset(all, 0, sizeof(*all));
	all->strays.list = all->terminal.fd = -1;
	all->loop = loop;
	all->look = (struct timer){ .fire = child_on_look, .arg = all };
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
	all->terminal.job = getpgrp();
	all->terminal.fd = open("/dev/tty",
	    O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
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
	(void)strays_signal(all, NULL, SIGKILL);
	timer_clear(all->loop, &all->look);
	if (all->strays.list != -1)
		(void)close(all->strays.list);
	if (all->terminal.fd != -1)
		(void)close(all->terminal.fd);
	all->strays.list = all->terminal.fd = -1;
}

static uint64_t
child_bit(int signo)
{
	return UINT64_C(1) << (signo - 1);
}

/*
 * Finds the signals with an action that a child resets: asking once is cheaper
 * than resetting all of them in each child. Signals that were ignored from the
 * start stay ignored across exec(2), so that nohup(1) applies to commands, too;
 * but SIGPIPE and SIGXFSZ, which this program ignores, are reset, and so are
 * the signals that tell this program of a command that uses the terminal.
 */
static void
child_ask_taken(struct children *all)
{
	const uint64_t reset = child_bit(SIGPIPE) | child_bit(SIGXFSZ) |
	    child_bit(SIGTTIN) | child_bit(SIGTTOU);
	struct sigaction act;

	for (int signo = 1; signo <= LAST_SIGNAL; signo++)
		if (sigaction(signo, NULL, &act) == 0 &&
		    act.sa_handler != SIG_DFL && (act.sa_handler != SIG_IGN ||
		    (reset & child_bit(signo)) != 0))
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

	if (l->session)
		(void)setsid();
	else
		(void)setpgid(0, 0);
	/*
	 * exec(2) of a set-user-ID program and fork(2) undo this, so programs
	 * of other users and daemons go on. The thread that forks is the main
	 * thread, which ends with the program.
	 */
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != l->parent)
		_exit(127);
	for (signo = 1; signo <= LAST_SIGNAL; signo++)
		if (l->all->taken & child_bit(signo))
			(void)signal(signo, SIG_DFL);
	(void)setrlimit(RLIMIT_NOFILE, &l->all->files);
	/* All are above 2, except for a stderr that stays. */
	if (dup2(s->in, STDIN_FILENO) != -1 &&
	    dup2(s->out, STDOUT_FILENO) != -1 &&
	    (s->err == STDERR_FILENO || dup2(s->err, STDERR_FILENO) != -1)) {
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
	c->stop_signal = 0;
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
	struct launch l = { .spec = spec, .all = all, .parent = getpid(),
	    .session = all->terminal.fd != -1 &&
	    !terminal_is_ours(&all->terminal) };
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
		(void)strays_signal(c->of, c, signo);
}

bool
child_has_strays(struct child *c)
{
	return c->of != NULL && strays_signal(c->of, c, 0);
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
	if (c->of->terminal.lent == c->pid)
		terminal_take(&c->of->terminal, c->mark);
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
