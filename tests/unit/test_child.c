/*
 * Children: how they start, what they are given, how their end is told.
 */
#include <sys/resource.h>
#include <sys/wait.h>
#include <sched.h>
#include <signal.h>

#include "loop/child.h"
#include "net.h"

#define CROWD	200

static struct children	all;
static int		deaths, stops;
static char		said[4096];

static void
on_exited(void *arg, struct child *c)
{
	CHECK(arg == c);
	CHECK(!c->running);
	deaths++;
}

static void
begin_children(void)
{
	deaths = 0;
	loop = loop_new();
	CHECK_INT(children_init(&all, loop), 0);
}

static void
end_children(void)
{
	children_free(&all);
	finish();
}

static void
prepare(struct child *c)
{
	memset(c, 0, sizeof(*c));
	c->exited = on_exited;
	c->arg = c;
}

/* Its output goes where we say. */
static int
start_words(struct child *c, char *const *argv, int out)
{
	struct child_spec spec = { .path = argv[0], .argv = argv,
	    .envp = environ, .search = true, .in = STDIN_FILENO, .out = out,
	    .err = out };

	prepare(c);
	return child_start(&all, c, &spec);
}

static int
start_to(struct child *c, const char *script, int out)
{
	static char sh[] = "/bin/sh", dash_c[] = "-c";
	char *text = strdup(script), *argv[] = { sh, dash_c, text, NULL };
	int rc = start_words(c, argv, out);

	free(text);
	return rc;
}

static void
start(struct child *c, const char *script)
{
	CHECK_INT(start_to(c, script, STDOUT_FILENO), 0);
	CHECK(c->running);
}

/* What is written there is in said, once the child has ended. */
static FILE *
record(void)
{
	FILE *f = tmpfile();

	if (f == NULL || fcntl(fileno(f), F_SETFD, FD_CLOEXEC) == -1)
		abort();
	return f;
}

static int
hear_out(struct child *c, FILE *f)
{
	size_t n;

	CHECK(turn_until(&deaths, deaths + 1));
	rewind(f);
	n = fread(said, 1, sizeof(said) - 1, f);
	said[n] = '\0';
	fclose(f);
	child_forget(c);
	return child_code(c);
}

static int
code_of(const char *script)
{
	struct child c;
	FILE *f = record();

	CHECK_INT(start_to(&c, script, fileno(f)), 0);
	return hear_out(&c, f);
}

static bool
nobody_is_left(void)
{
	return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD;
}

static bool
turn_until_no_heirs(struct child *c)
{
	int64_t end = clock_now() + PATIENCE;

	while (child_has_heirs(c) && clock_now() < end)
		turn(10 * NSEC_PER_MSEC);
	return !child_has_heirs(c);
}

TEST(the_status_is_told_as_a_shell_would_say_it)
{
	begin_children();
	CHECK_INT(code_of("exit 0"), 0);
	CHECK_INT(code_of("exit 3"), 3);
	CHECK_INT(code_of("exit 255"), 255);
	CHECK_INT(code_of("kill -TERM $$"), 128 + SIGTERM);
	CHECK_INT(code_of("kill -KILL $$"), 128 + SIGKILL);
	CHECK_INT(deaths, 5);
	end_children();
}

TEST(a_stopped_child_has_not_ended)
{
	struct child c;
	int i;

	begin_children();
	start(&c, "kill -STOP $$; exit 7");
	for (i = 0; i < 5; i++)
		turn(20 * NSEC_PER_MSEC);
	CHECK_INT(deaths, 0);
	child_signal(&c, SIGCONT);
	CHECK(turn_until(&deaths, 1));
	CHECK_INT(child_code(&c), 7);
	end_children();
}

/* Whatever we ignore, and whatever those who started us block. */
TEST(signals_are_those_that_we_were_started_with)
{
	static const int blocked[] = { SIGTERM, SIGUSR1, SIGCHLD };
	char grep[] = "grep", what[] = "^Sig[BI]", of[] = "/proc/self/status",
	    *argv[] = { grep, what, of, NULL };
	FILE *f = record();
	struct child c;
	unsigned long long blk, ign;
	sigset_t set, was;
	size_t i;

	(void)sigemptyset(&set);
	for (i = 0; i < sizeof(blocked) / sizeof(int); i++)
		(void)sigaddset(&set, blocked[i]);
	(void)sigprocmask(SIG_BLOCK, &set, &was);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	(void)signal(SIGRTMIN + 1, SIG_IGN);
	begin_children();
	CHECK_INT(start_words(&c, argv, fileno(f)), 0);
	CHECK_INT(hear_out(&c, f), 0);
	CHECK_INT(sscanf(said, "SigBlk: %llx SigIgn: %llx", &blk, &ign), 2);
	CHECK_INT(blk, 0);
	/* Two belong to the C library, which lets nobody touch them. */
	ign &= ~(3ULL << 31);
	/* What was ignored stays so; a pipe's end is ignored by us alone. */
	CHECK(ign == (1ULL << (SIGHUP - 1) | 1ULL << SIGRTMIN));
	CHECK(signal(SIGPIPE, SIG_DFL) == SIG_IGN);
	CHECK(signal(SIGHUP, SIG_DFL) == SIG_IGN);
	(void)signal(SIGRTMIN + 1, SIG_DFL);
	end_children();
	(void)sigprocmask(SIG_SETMASK, &was, NULL);
}

TEST(our_own_mask_is_as_before)
{
	sigset_t now, was;
	struct child c;

	begin_children();
	memset(&now, 0, sizeof(now));
	memset(&was, 0, sizeof(was));
	(void)sigprocmask(SIG_BLOCK, NULL, &was);
	start(&c, "exit 0");
	(void)sigprocmask(SIG_BLOCK, NULL, &now);
	CHECK(memcmp(&now, &was, sizeof(now)) == 0);
	CHECK(turn_until(&deaths, 1));
	end_children();
}

TEST(a_child_has_exactly_0_1_and_2)
{
	int fds[20], i;

	for (i = 0; i < 20; i++)
		fds[i] = dup(STDIN_FILENO);
	begin_children();
	CHECK_INT(code_of("ls /proc/$$/fd; :"), 0);
	CHECK_STR(said, "0\n1\n2\n");
	for (i = 0; i < 20; i++)
		(void)close(fds[i]);
	end_children();
}

/* The one with this name fails in this way, and leaves nothing behind. */
static void
expect_failure(const char *path, bool search, int num)
{
	char word[] = "x", *argv[] = { word, NULL };
	struct child_spec spec = { .path = path, .argv = argv,
	    .envp = environ, .search = search, .in = 0, .out = 1, .err = 2 };
	struct child c;
	int fds = open_fds();

	prepare(&c);
	CHECK_INT(child_start(&all, &c, &spec), -1);
	CHECK_INT(errno, num);
	CHECK_INT(open_fds(), fds);
	CHECK(!c.running);
	CHECK(nobody_is_left());
	child_forget(&c);
}

static void
write_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	(void)close(fd);
	CHECK_INT(chmod(path, mode), 0);
}

TEST(why_a_program_cannot_be_run_is_known_at_once)
{
	char path[100], long_name[5000];

	tmpdir_make();
	begin_children();
	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[0] = '/';
	long_name[sizeof(long_name) - 1] = '\0';
	expect_failure("/nonexistent/program", false, ENOENT);
	expect_failure("nonexistent-program", true, ENOENT);
	expect_failure(tmpdir, false, EACCES);
	expect_failure(long_name, false, ENAMETOOLONG);
	write_file(tmp_path("plain", path), "exit 0\n", 0600);
	expect_failure(path, false, EACCES);
	write_file(tmp_path("text", path), "exit 0\n", 0700);
	expect_failure(path, false, ENOEXEC);
	write_file(tmp_path("script", path), "#!/nonexistent/sh\n", 0700);
	expect_failure(path, false, ENOENT);
	CHECK_INT(deaths, 0);
	CHECK_INT(code_of("exit 9"), 9);
	end_children();
	tmpdir_remove();
}

TEST(a_fork_that_fails_is_told)
{
	struct rlimit none = { 0, 0 };
	pid_t pid;
	int status;

	if (getuid() != 0)
		SKIP("needs another user's limits: not root");
	fflush(stdout);
	if ((pid = fork()) == 0) {
		begin_children();
		if (setrlimit(RLIMIT_NPROC, &none) == -1 ||
		    setuid(65534) == -1)
			_exit(2);
		expect_failure("/bin/true", false, EAGAIN);
		fflush(stdout);
		_exit(unit_bad ? 1 : 0);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK_INT(status, 0);
}

TEST(a_signal_reaches_the_whole_group)
{
	struct child c;
	struct stat st;
	FILE *f = record();

	begin_children();
	CHECK_INT(start_to(&c, "sleep 60 & sleep 60 & echo; wait",
	    fileno(f)), 0);
	while (fstat(fileno(f), &st) == 0 && st.st_size == 0)
		turn(5 * NSEC_PER_MSEC);
	child_signal(&c, SIGTERM);
	CHECK(turn_until(&deaths, 1));
	CHECK_INT(child_code(&c), 128 + SIGTERM);
	CHECK(turn_until_no_heirs(&c));
	fclose(f);
	end_children();
	CHECK(nobody_is_left());
}

TEST(heirs_are_seen_signalled_and_reaped)
{
	struct child c;

	begin_children();
	start(&c, "sleep 60 & exit 4");
	CHECK(!child_has_heirs(&c));	/* it runs itself */
	CHECK(turn_until(&deaths, 1));
	CHECK_INT(child_code(&c), 4);
	CHECK(child_has_heirs(&c));
	child_signal(&c, SIGKILL);
	CHECK(turn_until_no_heirs(&c));
	CHECK_INT(deaths, 1);
	child_forget(&c);
	end_children();
	CHECK(nobody_is_left());
}

TEST(a_child_without_heirs_has_none)
{
	struct child c;

	begin_children();
	start(&c, "exit 0");
	CHECK(turn_until(&deaths, 1));
	CHECK(!child_has_heirs(&c));
	end_children();
}

TEST(the_limit_of_descriptors_is_the_one_we_came_with)
{
	struct rlimit was, low, high;
	char want[32];

	CHECK_INT(getrlimit(RLIMIT_NOFILE, &was), 0);
	low = high = was;
	low.rlim_cur = 100;
	high.rlim_cur = 200;
	(void)setrlimit(RLIMIT_NOFILE, &low);
	begin_children();
	(void)setrlimit(RLIMIT_NOFILE, &high);
	CHECK_INT(code_of("ulimit -n; ulimit -Hn"), 0);
	(void)snprintf(want, sizeof(want), "100\n%llu\n",
	    (unsigned long long)was.rlim_max);
	CHECK_STR(said, want);
	(void)setrlimit(RLIMIT_NOFILE, &was);
	end_children();
}

TEST(two_hundred_at_once_each_end_once)
{
	static struct child multi_client[CROWD];
	char script[32];
	int i;

	begin_children();
	for (i = 0; i < CROWD; i++) {
		(void)snprintf(script, sizeof(script), "exit %d", i);
		start(&multi_client[i], script);
	}
	CHECK(turn_until(&deaths, CROWD));
	for (i = 0; i < CROWD; i++) {
		CHECK(!multi_client[i].running);
		CHECK_INT(child_code(&multi_client[i]), i);
	}
	CHECK_INT(deaths, CROWD);
	end_children();
	CHECK(nobody_is_left());
}

/* It ends before, while and after we come back from starting it. */
TEST(no_death_is_missed_whenever_it_comes)
{
	struct timespec pause = { 0, 0 };
	struct child c;
	int i, run;

	for (run = 0; run < 150; run++) {
		begin_children();
		start(&c, run % 3 == 0 ? "exit 5" : run % 3 == 1 ?
		    "exec sleep 0.001; exit 5" : "kill -INT $$");
		pause.tv_nsec = run % 7 * 300000;
		(void)nanosleep(&pause, NULL);
		for (i = 0; i < 1000 && deaths == 0; i++)
			turn(20 * NSEC_PER_MSEC);
		CHECK_INT(deaths, 1);
		CHECK_INT(child_code(&c), run % 3 == 0 ? 5 : run % 3 == 1 ?
		    0 : 128 + SIGINT);
		end_children();
		if (unit_bad)
			break;
	}
}

static void
on_stopped(void *arg, struct child *c)
{
	CHECK(arg == c);
	stops++;
}

/* The turns that the stop and the start of a child cost. */
static int
turns_of_a_stop(const struct child *c)
{
	int n;

	CHECK_INT(kill(c->pid, SIGSTOP), 0);
	n = turns_within(100 * NSEC_PER_MSEC);
	CHECK_INT(c->stop_signal, SIGSTOP);
	CHECK_INT(kill(c->pid, SIGCONT), 0);
	n += turns_within(100 * NSEC_PER_MSEC);
	CHECK_INT(c->stop_signal, 0);
	return n;
}

TEST(a_child_that_stops_is_told_of_and_costs_few_turns)
{
	struct child c;
	int tries = 0;

	begin_children();
	stops = 0;
	start(&c, "exec sleep 60");
	c.stopped = on_stopped;
	/* Two each; we may be interrupted ourselves. */
	while (turns_of_a_stop(&c) > 4 && ++tries < 5)
		;
	CHECK(tries < 5);
	CHECK_INT(stops, tries + 1);
	CHECK(!child_wants_terminal(&c));
	CHECK_INT(deaths, 0);
	end_children();
}

TEST(a_stop_that_the_loop_has_not_seen_is_not_undone)
{
	struct child c;
	siginfo_t info;

	begin_children();
	start(&c, "exec sleep 60");
	c.stopped = on_stopped;
	stops = 0;
	all.terminal.lent = c.pid;
	all.nudges = 1;
	CHECK_INT(kill(c.pid, SIGSTOP), 0);
	CHECK_INT(waitid(P_PID, (id_t)c.pid, &info, WSTOPPED | WNOWAIT), 0);
	/* Timers come first in a turn. */
	timer_set(loop, &all.look, loop_now(loop));
	loop_turn(loop, 0);
	CHECK_INT(stops, 1);
	CHECK_INT(waitid(P_PID, (id_t)c.pid, &info,
	    WCONTINUED | WNOHANG | WNOWAIT), 0);
	CHECK_INT(info.si_pid, 0);
	end_children();
}

TEST(a_forgotten_child_is_reaped_in_silence)
{
	struct child c, other;

	begin_children();
	start(&c, "exit 0");
	start(&other, "sleep 0.05");
	child_forget(&c);
	CHECK(turn_until(&deaths, 1));
	CHECK(!other.running);
	end_children();
	CHECK(nobody_is_left());
}

TEST(a_loop_with_a_child_goes_on)
{
	struct child c;

	begin_children();
	start(&c, "sleep 0.05; exit 6");
	loop_run(loop);		/* ends when there is nothing to wait for */
	CHECK_INT(deaths, 1);
	CHECK_INT(child_code(&c), 6);
	end_children();
}

/* Left to us by whoever ran us; not one of ours, and reaped in silence. */
TEST(a_child_that_we_did_not_start_is_no_matter)
{
	pid_t stranger;
	struct child c;

	begin_children();
	if ((stranger = fork()) == 0)
		_exit(33);
	start(&c, "sleep 0.05; exit 1");
	CHECK(turn_until(&deaths, 1));
	CHECK_INT(child_code(&c), 1);
	CHECK(kill(stranger, 0) == -1 && errno == ESRCH);
	end_children();
}

TEST(those_that_run_are_killed_in_the_end)
{
	struct child c;
	int status;
	pid_t pid;

	begin_children();
	start(&c, "trap '' TERM; while :; do sleep 60; done");
	pid = c.pid;
	end_children();
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	while (waitpid(-1, &status, 0) > 0)
		;
}

/*
 * Numbers are given out again: the group of a dead child may be somebody
 * else's by now. 0: it was left alone.
 */
static int
reuse_a_number(void)
{
	struct child c;
	pid_t stranger;
	char text[16];
	int fd, status;

	begin_children();
	start(&c, "exit 0");
	if (!turn_until(&deaths, 1))
		return 3;
	fd = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);
	(void)snprintf(text, sizeof(text), "%d", (int)(c.pid - 1));
	if (write(fd, text, strlen(text)) == -1)
		return 2;
	(void)close(fd);
	if ((stranger = fork()) == 0) {
		(void)setpgid(0, 0);
		for (;;)
			(void)pause();
	}
	(void)setpgid(stranger, stranger);
	if (stranger != c.pid)
		return 2;
	if (child_has_heirs(&c))
		return 1;
	child_signal(&c, SIGKILL);
	(void)nanosleep(&(struct timespec){ 0, 50000000 }, NULL);
	return waitpid(stranger, &status, WNOHANG) != 0;
}

TEST(a_number_that_is_used_again_is_not_signalled)
{
	int status;
	pid_t pid;

	fflush(stdout);
	if ((pid = fork()) == 0) {
		if (unshare(CLONE_NEWPID) == -1)
			_exit(2);
		/* The first one in there takes all others with it. */
		if ((pid = fork()) == 0)
			_exit(reuse_a_number());
		_exit(waitpid(pid, &status, 0) == pid && WIFEXITED(status) ?
		    WEXITSTATUS(status) : 4);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
		SKIP("cannot make a number be used again here");
	CHECK_INT(status, 0);
}
