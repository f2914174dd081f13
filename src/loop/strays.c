/*
 * Strays: processes of commands that left the group of their command, such as
 * daemons, and became children of this program when their parents ended.
 *
 * Laws: only children of this program are signalled, whose numbers cannot be
 * reused before they are reaped, and the groups of sessions that descendants
 * made. Children that this program had before exec, and theirs, never are.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loop/child.h"

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

/* Reads the mark of a process that this program made; false: it has none. */
static bool
strays_read_mark(pid_t pid, char mark[STRAYS_MARK_MAX + 1])
{
	char path[64], text[4096], begin[STRAYS_MARK_MAX];
	bool found = false;
	size_t used = 0;
	ssize_t n;
	int fd;

	strays_mark_begin(begin);
	(void)snprintf(path, sizeof(path), "/proc/%ld/environ", (long)pid);
	/* Another user's environment cannot be read. */
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return false;
	while (!found && (n = read(fd, text, sizeof(text))) > 0)
		for (ssize_t i = 0; i < n && !found; i++) {
			if (used < STRAYS_MARK_MAX)
				mark[used++] = text[i];
			if (text[i] != '\0')
				continue;
			mark[used] = '\0';
			found = strncmp(mark, begin, strlen(begin)) == 0;
			used = 0;
		}
	(void)close(fd);
	return found;
}

bool
strays_is_marked(pid_t pid, const char *mark)
{
	char its[STRAYS_MARK_MAX + 1];

	return strays_read_mark(pid, its) && strcmp(its, mark) == 0;
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

/* Without a mark, a stray belongs to the only command there is. */
static bool
strays_is_of(const struct children *all, const struct child *c, pid_t pid)
{
	char mark[STRAYS_MARK_MAX + 1];

	if (strays_read_mark(pid, mark))
		return c == NULL || strcmp(mark, c->mark) == 0;
	return !all->strays.had_others && (c == NULL || all->n == 1);
}

bool
strays_signal(const struct children *all, const struct child *c, int signo)
{
	struct strays_list list = { .fd = all->strays.list };
	bool found = false;
	pid_t pid, group;

	/* Without a command there is none, and /proc need not be read. */
	if (all->strays.marked == 0 || (c != NULL && c->mark[0] == '\0'))
		return false;
	while (list.fd != -1 && (pid = strays_next(&list)) != 0) {
		group = getpgid(pid);
		/* Our own group may have helpers of this program. */
		if (group == getpgrp() || child_find(all, pid) != NULL ||
		    child_find(all, group) != NULL ||
		    !strays_is_of(all, c, pid))
			continue;
		found = true;
		if (signo == 0)
			continue;
		/* The whole group, if a descendant has made its session. */
		(void)kill(group > 0 && getsid(pid) != getsid(0) ? -group :
		    pid, signo);
	}
	return found;
}
