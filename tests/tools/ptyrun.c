/*
 * Runs a command on a new pty, which is the command's controlling terminal and
 * the descriptors of on=. Copies what the terminal shows to standard output,
 * and exits with the command's status.
 *
 *	ptyrun [on=0,1,2] [pid=FILE] [within=MS] [WORD...] -- command args
 *
 * All words together have 15 s, or that time.
 * Words are done in order while the command runs:
 *	type=TEXT	type this (\n, \d for the end-of-file key)
 *	await=FILE	wait until the file exists
 *	see=TEXT	wait until the terminal shows this, after the text of
 *			the last see=
 *	hangup		take the terminal away
 * raw turns off echo and line editing at the start.
 */
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <termios.h>

#include "lib/tool.h"

struct term {
	int	master;
	pid_t	pid;
	int64_t	deadline;
	char	seen[65536];
	size_t	len;
	size_t	past;		/* where the next thing to see may begin */
};

static void
become_command(const char *tty, const char *on, bool raw, char **argv)
{
	struct termios t;
	int fd;

	setsid();
	if ((fd = open(tty, O_RDWR)) == -1)
		_exit(126);
	ioctl(fd, TIOCSCTTY, 0);
	if (raw && tcgetattr(fd, &t) == 0) {
		cfmakeraw(&t);
		tcsetattr(fd, TCSANOW, &t);
	}
	for (; *on != '\0'; on++)
		if (*on >= '0' && *on <= '2')
			dup2(fd, *on - '0');
	if (fd > 2)
		close(fd);
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	execvp(argv[0], argv);
	_exit(127);
}

/* Copies what the terminal shows for at most ms; returns false at its end. */
static bool
show(struct term *t, int ms)
{
	struct pollfd pfd = { .fd = t->master, .events = POLLIN };
	char buf[4096];
	ssize_t n;

	if (t->master == -1) {
		nap_ms(ms);
		return false;
	}
	if (poll(&pfd, 1, ms) <= 0)
		return true;
	if ((n = read(t->master, buf, sizeof(buf))) <= 0) {
		nap_ms(ms);
		return false;
	}
	fwrite(buf, 1, (size_t)n, stdout);
	fflush(stdout);
	if (t->len + (size_t)n < sizeof(t->seen)) {
		memcpy(t->seen + t->len, buf, (size_t)n);
		t->len += (size_t)n;
	}
	return true;
}

static void
type(struct term *t, const char *text)
{
	char c;

	for (; *text != '\0'; text++) {
		c = *text;
		if (c == '\\' && text[1] != '\0') {
			text++;
			c = *text == 'n' ? '\n' : *text == 'd' ? 4 : *text;
		}
		if (write(t->master, &c, 1) != 1)
			tool_fail("ptyrun: cannot type");
	}
}

static void
in_time(struct term *t, const char *word)
{
	if (clock_ms() < t->deadline)
		return;
	kill(t->pid, SIGKILL);
	tool_fail("ptyrun: too late for %s", word);
}

/* Each text is searched after the one before. */
static void
see(struct term *t, const char *text, const char *word)
{
	const char *at;

	while ((at = memmem(t->seen + t->past, t->len - t->past, text,
	    strlen(text))) == NULL) {
		in_time(t, word);
		show(t, 5);
	}
	t->past = (size_t)(at - t->seen) + strlen(text);
}

static void
perform(struct term *t, const char *word)
{
	const char *arg;

	if ((arg = tool_after(word, "type=")) != NULL)
		type(t, arg);
	else if ((arg = tool_after(word, "await=")) != NULL)
		while (access(arg, F_OK) == -1) {
			in_time(t, word);
			show(t, 5);
		}
	else if ((arg = tool_after(word, "see=")) != NULL)
		see(t, arg, word);
	else if (strcmp(word, "hangup") == 0) {
		close(t->master);
		t->master = -1;
	} else
		tool_fail("ptyrun: what is %s?", word);
}

static int
attend(struct term *t, char **words, int n)
{
	int i, status;

	for (i = 0; i < n; i++)
		if (words[i] != NULL)
			perform(t, words[i]);
	while (waitpid(t->pid, &status, WNOHANG) == 0) {
		in_time(t, "the end");
		show(t, 5);
	}
	while (t->master != -1 && show(t, 0) && t->len < sizeof(t->seen)) {
		struct pollfd pfd = { .fd = t->master, .events = POLLIN };

		if (poll(&pfd, 1, 0) <= 0 || !(pfd.revents & POLLIN))
			break;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) :
	    128 + WTERMSIG(status);
}

static void
note_pid(const char *path, pid_t pid)
{
	char tmp[4096];
	FILE *f;

	snprintf(tmp, sizeof(tmp), "%s.part", path);
	if ((f = fopen(tmp, "w")) == NULL)
		tool_fail("ptyrun: %s: %s", path, strerror(errno));
	fprintf(f, "%d\n", (int)pid);
	fclose(f);
	rename(tmp, path);
}

int
main(int argc, char **argv)
{
	static struct term t;
	const char *arg, *on = "0", *pidfile = NULL;
	long long within = 15000;
	bool raw = false;
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if ((arg = tool_after(argv[i], "on=")) != NULL)
			on = arg;
		else if ((arg = tool_after(argv[i], "pid=")) != NULL)
			pidfile = arg;
		else if ((arg = tool_after(argv[i], "within=")) != NULL)
			within = tool_number(arg);
		else if (strcmp(argv[i], "raw") == 0)
			raw = true;
		else
			continue;
		argv[i] = NULL;
	}
	if (i + 1 >= argc)
		tool_fail("ptyrun: no command");
	t.master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (t.master == -1 || grantpt(t.master) == -1 ||
	    unlockpt(t.master) == -1)
		tool_fail("ptyrun: %s", strerror(errno));
	t.deadline = clock_ms() + within;
	if ((t.pid = fork()) == 0)
		become_command(ptsname(t.master), on, raw, argv + i + 1);
	if (pidfile != NULL)
		note_pid(pidfile, t.pid);
	return attend(&t, argv + 1, i - 1);
}
