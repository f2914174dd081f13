/*
 * One run of a row, in a process of its own: the program and its peers, and
 * what was seen of the program.
 */
#ifndef COMPAT_RUN_H
#define COMPAT_RUN_H

#include <sys/stat.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <signal.h>

#include "compat_table.h"
#include "peer.h"

enum { PORTS = 5, PEERS_END_MS = 2500, NAP_MS = 10, SHOWN_MAX = 8192 };

struct job {
	const struct row	*row;
	const char		*bin;	/* where the program is, as nc ... */
	const char		*dir;	/* its own, empty */
	const char		*start;	/* a line whose time is that of a mere
					   start, or NULL */
	long			 port;	/* PORTS free ones, this the first */
};

/* How a peer is started, and when: before or after the program. */
static const struct kind {
	const char	*name, *open;
	char		 table;		/* of its socket: t u x; 0: none */
	bool		 server;
} kinds[] = {
	{ "server", "listen-at:$P", 't', true },
	{ "udp-server", "udp-bind-at:$P", 'u', true },
	{ "unix-server", "ulisten:$D/s", 'x', true },
	{ "unix-dgram-server", "ud-bind:$D/s", 'x', true },
	{ "client", "connect:$P", 't', false },
	{ "client6", "connect6:$P", 't', false },
	{ "udp-client", "udp-connect:$P", 'u', false },
	{ "unix-client", "uconnect:$D/s", 'x', false },
	{ "peer", "", '\0', true },
	{ NULL, NULL, '\0', false }
};

static inline const struct kind *
kind_of(const char *name)
{
	const struct kind *k;

	for (k = kinds; k->name != NULL; k++)
		if (strcmp(k->name, name) == 0)
			return k;
	tool_fail("compat: what is %s?", name);
}

static inline bool
kind_ready(const struct kind *k, const struct job *j)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/s", j->dir);
	switch (k->table) {
	case 't':
		return port_listens((unsigned)j->port);
	case 'u':
		return port_is_bound((unsigned)j->port);
	case 'x':
		return port_unix_is_bound(path);
	}
	return true;
}

static inline const char *
in_dir(const struct job *j, const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", j->dir, name);
	return path;
}

static inline void
put_output(const struct job *j, const char *name, int fd)
{
	int file = open(in_dir(j, name), O_WRONLY | O_CREAT | O_TRUNC |
	    O_CLOEXEC, 0600);

	if (file == -1)
		tool_fail("compat: %s: %s", name, strerror(errno));
	dup2(file, fd);
}

/* A line for the shell, in a process group of its own. */
static inline pid_t
start_line(const struct job *j, const char *line, const char *out,
    const char *errs, int input)
{
	pid_t pid = fork();

	if (pid == -1)
		tool_fail("compat: fork: %s", strerror(errno));
	if (pid > 0)
		return pid;
	setpgid(0, 0);
	if (input == -1)
		input = open("/dev/null", O_RDONLY | O_CLOEXEC);
	dup2(input, STDIN_FILENO);
	put_output(j, out, STDOUT_FILENO);
	if (errs != NULL)
		put_output(j, errs, STDERR_FILENO);
	else
		dup2(STDOUT_FILENO, STDERR_FILENO);
	execl("/bin/sh", "sh", "-c", line, (char *)NULL);
	_exit(127);
}

static inline void
set_place(const struct job *j)
{
	char text[4096], name[8];

	for (int i = 0; i < PORTS; i++) {
		snprintf(name, sizeof(name), i == 0 ? "P" : "P%d", i);
		snprintf(text, sizeof(text), "%ld", j->port + i);
		setenv(name, text, 1);
	}
	snprintf(text, sizeof(text), "%s:%s", j->bin, getenv("PATH"));
	setenv("PATH", text, 1);
	setenv("D", j->dir, 1);
	if (chdir(j->dir) == -1)
		tool_fail("compat: %s: %s", j->dir, strerror(errno));
}

/* Returns whether the process ended within that time; kills it if not. */
static inline bool
await_end(pid_t pid, int *status, int64_t deadline)
{
	bool late;

	while (waitpid(pid, status, WNOHANG) == 0) {
		if ((late = clock_ms() > deadline))
			break;
		nap_ms(NAP_MS);
		late = false;
	}
	if (kill(-pid, 0) == 0 && (late = clock_ms() > deadline)) {
		kill(-pid, SIGKILL);
		waitpid(pid, status, 0);
		return false;
	}
	return true;
}

struct at_work {
	const struct job	*j;
	pid_t			 pid, peers[PEERS_MAX];
	int64_t			 began, ended, start;
	int			 status, writer;
	bool			 gone, killed;
};

static inline void
start_peer(struct at_work *w, int i)
{
	const struct peer_row *p = &w->j->row->peers[i];
	const struct kind *k = kind_of(p->kind);
	char *line, out[16];

	if (asprintf(&line, "exec peer %s %s", k->open, p->words) == -1)
		tool_fail("compat: no memory");
	snprintf(out, sizeof(out), "peer%d", i);
	w->peers[i] = start_line(w->j, line, out, NULL, -1);
	free(line);
}

/* Returns true while the program runs and is within its time limit. */
static inline bool
still_there(struct at_work *w)
{
	if (!w->gone && waitpid(w->pid, &w->status, WNOHANG) > 0) {
		w->gone = true;
		w->ended = clock_ms();
	}
	return !w->gone && clock_ms() - w->began < w->j->row->limit;
}

static inline void
start_servers(struct at_work *w)
{
	const struct row *r = w->j->row;
	int64_t deadline = clock_ms() + 5000;

	for (int i = 0; i < r->npeers; i++) {
		const struct kind *k = kind_of(r->peers[i].kind);

		if (!k->server)
			continue;
		start_peer(w, i);
		while (!kind_ready(k, w->j) && clock_ms() < deadline)
			nap_ms(NAP_MS);
	}
}

static inline void
start_clients(struct at_work *w)
{
	const struct row *r = w->j->row;

	for (int i = 0; i < r->npeers; i++) {
		const struct kind *k = kind_of(r->peers[i].kind);

		if (k->server)
			continue;
		while (!kind_ready(k, w->j) && still_there(w))
			nap_ms(NAP_MS);
		if (still_there(w))
			start_peer(w, i);
	}
}

/* Measures the start of a program that finds no peer at all. */
static inline int64_t
time_of_start(const struct job *j)
{
	int64_t began = clock_ms();
	int status;
	pid_t pid;

	if (j->start == NULL)
		return 0;
	pid = start_line(j, j->start, "start", NULL, -1);
	waitpid(pid, &status, 0);
	unlink(in_dir(j, "start"));
	return clock_ms() - began;
}

static inline void
start_program(struct at_work *w)
{
	const struct row *r = w->j->row;
	int ends[2] = { -1, -1 };
	char *text;
	size_t len;

	if (r->input != NULL) {
		if (pipe2(ends, O_CLOEXEC) == -1 ||
		    (text = malloc(strlen(r->input) + 1)) == NULL)
			tool_fail("compat: pipe: %s", strerror(errno));
		len = unescape(r->input, text);
		if (write(ends[1], text, len) != (ssize_t)len)
			tool_fail("compat: write: %s", strerror(errno));
		free(text);
		if (!r->hold) {
			close(ends[1]);
			ends[1] = -1;
		}
	}
	w->writer = ends[1];
	w->began = clock_ms();
	w->pid = start_line(w->j, r->run, "stdout", "stderr", ends[0]);
	close(ends[0]);
}

static inline void
end_all(struct at_work *w)
{
	int status;

	while (still_there(w))
		nap_ms(NAP_MS);
	w->killed = !w->gone;
	if (w->killed)
		w->ended = clock_ms();
	kill(-w->pid, SIGKILL);
	if (!w->gone)
		waitpid(w->pid, &w->status, 0);
	if (w->writer != -1)
		close(w->writer);
	for (int i = 0; i < w->j->row->npeers; i++)
		if (w->peers[i] > 0)
			await_end(w->peers[i], &status,
			    w->ended + PEERS_END_MS);
}

/* ---- What was seen ------------------------------------------------------ */

/* Replaces a number that differs from run to run by a name. */
static inline void
put_number(FILE *f, const struct job *j, const char *digits, size_t len)
{
	long n = len < 6 ? strtol(digits, NULL, 10) : 0;

	if (n == j->port)
		fputs("PORT", f);
	else if (n > j->port && n < j->port + PORTS)
		fprintf(f, "PORT+%ld", n - j->port);
	else if (n >= 32768 && n < 61000)
		fputs("EPHEMERAL", f);
	else
		fprintf(f, "%.*s", (int)len, digits);
}

static inline size_t
put_piece(FILE *f, const struct job *j, const char *s, size_t len)
{
	size_t n = strlen(j->dir);

	if (len >= n && memcmp(s, j->dir, n) == 0) {
		fputs("DIR", f);
		return n;
	}
	if (len > 9 && memcmp(s, "nc-", 3) == 0 && s[9] == '/') {
		fputs("nc-RANDOM", f);
		return 9;
	}
	if (isdigit((unsigned char)*s)) {
		for (n = 1; n < len && isdigit((unsigned char)s[n]); n++)
			;
		put_number(f, j, s, n);
		return n;
	}
	if (*s == '\n')
		fputs("\n  ", f);
	else if (*s == '\t' || (*s >= ' ' && *s <= '~'))
		putc(*s, f);
	else
		fprintf(f, "\\x%02x", (unsigned char)*s);
	return 1;
}

static inline void
put_file(FILE *f, const struct job *j, const char *name)
{
	static char text[SHOWN_MAX];
	struct stat st = { .st_size = 0 };
	FILE *in = fopen(in_dir(j, name), "re");
	size_t at = 0, len = 0;

	if (in != NULL) {
		fstat(fileno(in), &st);
		len = fread(text, 1, sizeof(text), in);
		fclose(in);
	}
	if (len > 0)
		fputs("\n  ", f);
	while (at < len)
		at += put_piece(f, j, text + at, len - at);
	if ((size_t)st.st_size > len)
		fprintf(f, "... %lld bytes", (long long)st.st_size);
}

static inline void
put_time(const struct at_work *w, FILE *f)
{
	int64_t ms = w->ended - w->began;

	if (w->killed)
		fputs("for ever", f);
	else
		fprintf(f, "%s (%lld ms, a mere start %lld)",
		    ms < 950 ? "at once" :
		    ms < 1950 ? "about a second" :
		    ms < 2950 ? "about two seconds" : "long", (long long)ms,
		    (long long)w->start);
}

/* Each field begins with a NUL and its name. */
static inline void
put_record(const struct at_work *w, FILE *f)
{
	char name[16];

	fprintf(f, "%cstatus: ", '\0');
	if (w->killed)
		fputs("none", f);
	else if (WIFSIGNALED(w->status))
		fprintf(f, "signal %d", WTERMSIG(w->status));
	else
		fprintf(f, "%d", WEXITSTATUS(w->status));
	fprintf(f, "%ctime: ", '\0');
	put_time(w, f);
	fprintf(f, "%cstdout: ", '\0');
	put_file(f, w->j, "stdout");
	fprintf(f, "%cstderr: ", '\0');
	put_file(f, w->j, "stderr");
	fprintf(f, "%cpeer: ", '\0');
	for (int i = 0; i < w->j->row->npeers; i++) {
		snprintf(name, sizeof(name), "peer%d", i);
		put_file(f, w->j, name);
		if (w->peers[i] <= 0)
			fputs("\n  found nobody there", f);
	}
	putc('\0', f);
}

/* Runs the row and writes the record to a file. */
static inline void
run_job(const struct job *j, const char *record)
{
	struct at_work w = { .j = j, .writer = -1 };
	FILE *f;

	signal(SIGPIPE, SIG_IGN);
	set_place(j);
	w.start = time_of_start(j);
	start_servers(&w);
	start_program(&w);
	start_clients(&w);
	end_all(&w);
	if ((f = fopen(record, "we")) == NULL)
		tool_fail("compat: %s: %s", record, strerror(errno));
	put_record(&w, f);
	fclose(f);
}

#endif
