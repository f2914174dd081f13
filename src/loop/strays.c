#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loop/strays.h"

/* Whose a stray is, by its environment. */
enum strays_owner {
	STRAYS_MINE,		/* of the command in question */
	STRAYS_OTHER,		/* of another command of this program */
	STRAYS_UNKNOWN
};

/* ---- The list of children ----------------------------------------------- */

/* Reads the children from the list as of proc(5). */
struct strays_list {
	int	 fd;
	char	 text[1024];
	size_t	 at, n;		/* the next of the n bytes of text */
	off_t	 offset;	/* of the next read */
};

static int
strays_next_char(struct strays_list *l)
{
	ssize_t n;

	if (l->at < l->n)
		return l->text[l->at++];
	n = pread(l->fd, l->text, sizeof(l->text), l->offset);
	if (n <= 0)
		return EOF;
	l->offset += n;
	l->n = (size_t)n;
	l->at = 1;
	return l->text[0];
}

/* The next child; 0: there are no more. */
static pid_t
strays_next(struct strays_list *l)
{
	pid_t pid = 0;
	int c;

	while ((c = strays_next_char(l)) >= '0' && c <= '9')
		pid = pid * 10 + (c - '0');
	return pid;
}

/* ---- Marks -------------------------------------------------------------- */

/* The beginning of all marks of this program. */
static void
strays_mark_begin(char mark[STRAYS_MARK_MAX])
{
	(void)snprintf(mark, STRAYS_MARK_MAX, STRAYS_MARK "=%ld.",
	    (long)getpid());
}

void
strays_mark(struct strays *s, char mark[STRAYS_MARK_MAX])
{
	size_t len;

	strays_mark_begin(mark);
	len = strlen(mark);
	(void)snprintf(mark + len, STRAYS_MARK_MAX - len, "%u", ++s->marked);
}

/* Compares a variable, which may be cut, with the mark. */
static enum strays_owner
strays_compare(const char *variable, const char *mark)
{
	/* With the number of this program and the dot. */
	size_t len = strcspn(mark, ".") + 1;

	if (strcmp(variable, mark) == 0)
		return STRAYS_MINE;
	return strncmp(variable, mark, len) == 0 ? STRAYS_OTHER :
	    STRAYS_UNKNOWN;
}

/* mark: that of a command, or of this program with any number. */
static enum strays_owner
strays_owner(pid_t pid, const char *mark)
{
	enum strays_owner owner = STRAYS_UNKNOWN;
	char path[64], text[4096], variable[STRAYS_MARK_MAX + 1];
	size_t used = 0;
	ssize_t n = 1;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%ld/environ", (long)pid);
	/* Another user's environment cannot be read. */
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return owner;
	while (owner == STRAYS_UNKNOWN &&
	    (n = read(fd, text, sizeof(text))) > 0)
		for (ssize_t i = 0; i < n && owner == STRAYS_UNKNOWN; i++) {
			if (used < sizeof(variable) - 1)
				variable[used++] = text[i];
			if (text[i] != '\0')
				continue;
			variable[used] = '\0';
			owner = strays_compare(variable, mark);
			used = 0;
		}
	(void)close(fd);
	return owner;
}

bool
strays_is_marked(pid_t pid, const char *mark)
{
	return strays_owner(pid, mark) == STRAYS_MINE;
}

/* ---- Strays ------------------------------------------------------------- */

void
strays_open(struct strays *s)
{
	struct strays_list list = { .at = 0 };
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/task/%ld/children",
	    (long)getpid());
	s->list = list.fd = open(path, O_RDONLY | O_CLOEXEC);
	s->had_others = s->list != -1 && strays_next(&list) != 0;
	s->marked = 0;
}

void
strays_close(struct strays *s)
{
	if (s->list != -1)
		(void)close(s->list);
	s->list = -1;
}

static bool
strays_is_of(const struct strays *s, const struct strays_of *of, pid_t pid)
{
	char any[STRAYS_MARK_MAX];

	strays_mark_begin(any);
	switch (strays_owner(pid, of->mark != NULL ? of->mark : any)) {
	case STRAYS_MINE:
		return true;
	case STRAYS_OTHER:
		return of->mark == NULL;
	case STRAYS_UNKNOWN:
		break;
	}
	return !s->had_others && (of->mark == NULL || of->alone);
}

/* The whole group, if its session was made by a descendant. */
static void
strays_kill(pid_t pid, pid_t group, int signo)
{
	if (group > 0 && getsid(pid) != getsid(0))
		(void)kill(-group, signo);
	else
		(void)kill(pid, signo);
}

bool
strays_signal(const struct strays *s, const struct strays_of *of, int signo)
{
	struct strays_list list = { .fd = s->list };
	bool found = false;
	pid_t pid, group;

	/* Without a command there is none, and /proc need not be read. */
	if (s->marked == 0)
		return false;
	while (list.fd != -1 && (pid = strays_next(&list)) != 0) {
		group = getpgid(pid);
		/* Our own group may have helpers of this program. */
		if (group == getpgrp() ||
		    of->is_in_group(of->arg, pid, group) ||
		    !strays_is_of(s, of, pid))
			continue;
		found = true;
		if (signo != 0)
			strays_kill(pid, group, signo);
	}
	return found;
}
