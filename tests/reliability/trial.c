/*
 * Plays one trial: a loop over the program's standard streams, its peer and
 * its end.
 */
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>

#include "lib/port.h"
#include "lib/tool.h"
#include "reliability/world.h"

#define UP_MS		15000	/* to listen or connect */
#define END_MS		20000	/* to end, after the peer and the input */
#define SILENCE_MS	60	/* that ends a VERB_RECV */
#define DRAIN_MS	400	/* that ends a VERB_DRAIN, unless calm */
#define WAITS_MS	1500	/* for another client */
#define LEFT_MS		4000	/* for children to go */
#define BUSY_MS		2000	/* more, for bytes that are due */
#define ENOUGH		(16 << 20)	/* bytes of an endless command */
#define SPIN_MS		50	/* a window of VERB_QUIET */
#define CPU_MS		2500	/* of a run, and one more for each MiB */

/* ---- The peer ------------------------------------------------------------ */

static socklen_t
world_address(const struct trial *t, struct sockaddr_storage *ss)
{
	struct sockaddr_in *in = (struct sockaddr_in *)ss;
	struct sockaddr_un *un = (struct sockaddr_un *)ss;

	memset(ss, 0, sizeof(*ss));
	if (t->proto == PROTO_UNIX) {
		un->sun_family = AF_UNIX;
		snprintf(un->sun_path, sizeof(un->sun_path), "%s", t->path);
		return sizeof(*un);
	}
	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	in->sin_port = htons((uint16_t)tool_number(t->port));
	return sizeof(*in);
}

static int
world_socket(const struct trial *t)
{
	int fd = socket(t->proto == PROTO_UNIX ? AF_UNIX : AF_INET,
	    (t->proto == PROTO_UDP ? SOCK_DGRAM : SOCK_STREAM) |
	    SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd == -1)
		tool_fail("trials: socket: %s", strerror(errno));
	return fd;
}

/* Before the program starts: where it will connect to. */
static void
world_listen(struct world *w)
{
	struct sockaddr_storage ss;
	socklen_t len = world_address(w->t, &ss);
	int fd = world_socket(w->t), on = 1;

	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&ss, len) == -1 ||
	    (w->t->proto != PROTO_UDP && listen(fd, 16) == -1))
		tool_fail("trials: listen on %s: %s", w->t->port,
		    strerror(errno));
	if (w->t->proto == PROTO_UDP)
		w->peer = fd;
	else
		w->listener = fd;
}

static bool
world_is_up(const struct world *w)
{
	unsigned port = (unsigned)atoi(w->t->port);

	return w->t->proto == PROTO_UNIX ? port_unix_is_bound(w->t->path) :
	    w->t->proto == PROTO_UDP ? port_is_bound(port) :
	    port_listens(port);
}

/* A server's client got back what it sent, or the server said why not. */
static bool
world_served(const struct world *w)
{
	return w->t->to_peer != BYTES_PEER || !w->t->whole_peer ||
	    w->got == w->sent;
}

/* How long the verb waits for more; datagrams have no end. */
static int64_t
world_patience(const struct world *w, enum verb verb)
{
	if (w->t->calm && w->t->proto != PROTO_UDP && verb == VERB_DRAIN)
		return END_MS;
	return (verb == VERB_RECV ? SILENCE_MS : DRAIN_MS) +
	    (world_served(w) ? 0 : BUSY_MS);
}

static void
world_next_step(struct world *w)
{
	const struct step *s = &w->t->steps[++w->step];

	if (w->step >= w->t->nsteps)
		return;
	w->step_left = s->n;
	w->step_until = clock_ms() + (s->verb == VERB_QUIET ? s->n :
	    world_patience(w, s->verb));
}

static void
world_peer_is_open(struct world *w)
{
	w->peer_open = true;
	w->peer_eof = w->peer_reset = w->fin = false;
	w->step = -1;
	w->greeted = w->got = w->sent = 0;
	world_next_step(w);
}

/* Connects to the program, when that listens. */
static void
world_meet(struct world *w)
{
	struct sockaddr_storage ss, from;
	socklen_t len = world_address(w->t, &ss), flen = sizeof(from);

	if (!w->t->listens && w->t->proto == PROTO_UDP) {
		if (recvfrom(w->peer, NULL, 0, MSG_PEEK,
		    (struct sockaddr *)&from, &flen) == -1)
			return;
		(void)connect(w->peer, (struct sockaddr *)&from, flen);
		world_peer_is_open(w);
	} else if (!w->t->listens) {
		if ((w->peer = accept4(w->listener, NULL, NULL,
		    SOCK_NONBLOCK | SOCK_CLOEXEC)) != -1)
			world_peer_is_open(w);
	} else if (world_is_up(w)) {
		w->peer = world_socket(w->t);
		if (connect(w->peer, (struct sockaddr *)&ss, len) == 0 ||
		    errno == EINPROGRESS)
			world_peer_is_open(w);
		else
			world_close(&w->peer);
	}
}

static void
world_take_peer(struct world *w)
{
	char buf[65536];
	ssize_t n = recv(w->peer, buf, sizeof(buf), MSG_DONTWAIT);

	if (n > 0) {
		world_compare(w, "the peer's", buf, w->got, (size_t)n,
		    w->t->to_peer);
		w->got += (size_t)n;
		if (w->step < w->t->nsteps &&
		    w->t->steps[w->step].verb == VERB_RECV) {
			w->step_left -= (size_t)n < w->step_left ? (size_t)n :
			    w->step_left;
			w->step_until = clock_ms() + world_patience(w,
			    VERB_RECV);
		} else if (w->step < w->t->nsteps &&
		    w->t->steps[w->step].verb == VERB_DRAIN)
			w->step_until = clock_ms() + world_patience(w,
			    VERB_DRAIN);
	} else if (n == 0 && w->t->proto != PROTO_UDP)
		w->peer_eof = true;
	else if (n == -1 && errno != EAGAIN && errno != EINTR &&
	    w->t->proto != PROTO_UDP)
		w->peer_reset = true;
}

static void
world_send(struct world *w)
{
	const char *greeting = w->t->greeting != NULL ? w->t->greeting : "";
	bool greets = greeting[w->greeted] != '\0';
	char buf[16384];
	size_t n = w->step_left < sizeof(buf) ? w->step_left : sizeof(buf);
	ssize_t done;

	if (w->t->proto == PROTO_UDP && n > 1400)
		n = 1400;
	if (greets)
		n = strlcpy(buf, greeting + w->greeted, sizeof(buf));
	else
		world_fill(buf, w->sent, n, 1);
	done = send(w->peer, buf, n, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (done > 0 && greets)
		w->greeted += (size_t)done;
	else if (done > 0) {
		w->sent += (size_t)done;
		w->step_left -= (size_t)done;
	} else if (done == -1 && errno != EAGAIN && errno != ENOTCONN) {
		w->script_broken = true;
		w->step_left = 0;
	}
	if (w->step_left == 0)
		world_next_step(w);
}

/*
 * Closes the peer's socket, and notes how much its kernel had taken. The
 * program stands still meanwhile, so that no more comes; not after its end of
 * the data, for a sanitizer that looks for leaks may not be stopped.
 */
static void
world_hang_up(struct world *w, bool hard)
{
	struct linger linger = { .l_onoff = 1 };
	bool stop = !w->ended && !w->peer_eof && !w->peer_reset &&
	    w->t->proto != PROTO_UDP;
	int left = 0;

	if (stop) {
		kill(w->pid, SIGSTOP);
		nap_ms(1);
	}
	(void)ioctl(w->peer, FIONREAD, &left);
	w->inq = (size_t)left;
	if (hard)
		setsockopt(w->peer, SOL_SOCKET, SO_LINGER, &linger,
		    sizeof(linger));
	world_close(&w->peer);
	if (stop)
		kill(w->pid, SIGCONT);
	w->peer_open = false;
	w->step = w->t->nsteps;
}

/* Nothing is to be done: a program that works nevertheless spins. */
static void
world_watch_spin(struct world *w)
{
	long long before, after;

	for (int i = 0; i < 6; i++) {
		before = world_cpu(w);
		nap_ms(SPIN_MS);
		after = world_cpu(w);
		if (before == -1 || after == -1 ||
		    after - before < SPIN_MS * 300000LL)
			return;
		if (w->t->output != OUTPUT_FILE)
			world_take_out(w);
		world_take_err(w);
	}
	world_bad(w, "it spins while nothing happens");
}

static void
world_act(struct world *w)
{
	const struct step *s = &w->t->steps[w->step];
	bool late = clock_ms() >= w->step_until || w->got > ENOUGH;

	switch (s->verb) {
	case VERB_SEND:
		world_send(w);
		break;
	case VERB_RECV:
		if (w->step_left == 0 || late || w->peer_eof || w->peer_reset)
			world_next_step(w);
		break;
	case VERB_QUIET:
		if (late) {
			world_watch_spin(w);
			world_next_step(w);
		}
		break;
	case VERB_FIN:
		w->fin = shutdown(w->peer, SHUT_WR) == 0;
		world_next_step(w);
		break;
	case VERB_DRAIN:
		if (late || w->peer_eof || w->peer_reset)
			world_next_step(w);
		break;
	case VERB_RST:
	case VERB_CLOSE:
		world_hang_up(w, s->verb == VERB_RST);
		break;
	}
	if (w->peer_open && w->step >= w->t->nsteps)
		world_hang_up(w, false);
}

/* ---- The loop ------------------------------------------------------------ */

static void
world_wait(struct world *w, int ms)
{
	struct pollfd pfd[5];
	enum verb verb = w->peer_open && w->step < w->t->nsteps ?
	    w->t->steps[w->step].verb : VERB_DRAIN;
	bool quiet = verb == VERB_QUIET;

	pfd[0] = (struct pollfd){ quiet ? -1 : w->in, POLLOUT, 0 };
	pfd[1] = (struct pollfd){ w->t->output == OUTPUT_FILE ? -1 : w->out,
	    POLLIN, 0 };
	pfd[2] = (struct pollfd){ w->err, POLLIN, 0 };
	pfd[3] = (struct pollfd){ !w->peer_open ? w->listener :
	    quiet || w->peer_eof || w->peer_reset ? -1 : w->peer, POLLIN, 0 };
	if (verb == VERB_SEND)
		pfd[3].events |= POLLOUT;
	pfd[4] = (struct pollfd){ w->ended ? -1 : w->pidfd, POLLIN, 0 };
	(void)poll(pfd, 5, ms);
	if (pfd[0].revents != 0)
		world_feed(w);
	if (pfd[1].revents != 0)
		world_take_out(w);
	if (pfd[2].revents != 0)
		world_take_err(w);
	if (w->peer_open && pfd[3].revents != 0)
		world_take_peer(w);
	world_notice_end(w);
}

/* One client's script, or the only one. */
static void
world_play(struct world *w)
{
	int64_t most = clock_ms() + UP_MS;

	while (w->t->proto != PROTO_NONE && !w->peer_open) {
		if (w->ended)
			return;
		if (clock_ms() > most) {
			/* It may have been told not to. */
			w->script_broken = true;
			return;
		}
		world_wait(w, 3);
		world_meet(w);
	}
	while (w->peer_open) {
		world_wait(w, 5);
		if (w->peer_open)
			world_act(w);
		if (w->ended && w->step < w->t->nsteps &&
		    w->t->steps[w->step].verb != VERB_DRAIN &&
		    w->t->steps[w->step].verb != VERB_RECV)
			w->step = w->t->nsteps;
		if (w->ended && w->peer_open && w->step >= w->t->nsteps) {
			while (!w->peer_eof && !w->peer_reset &&
			    w->t->proto != PROTO_UDP &&
			    clock_ms() < w->started + END_MS)
				world_wait(w, 5);
			world_hang_up(w, false);
		}
	}
}

/* The first client that was served shows what the program keeps open. */
static void
world_expect_flat(struct world *w)
{
	int64_t most = clock_ms() + 5000;
	int n;

	if (w->fds == -1) {
		if (!world_served(w)) {
			w->more = 1;
			return;
		}
		nap_ms(20);
		w->fds = world_descriptors(w);
		return;
	}
	while ((n = world_descriptors(w)) > w->fds && clock_ms() < most &&
	    !w->ended)
		world_wait(w, 5);
	if (n > w->fds && !w->ended)
		world_bad(w, "%d descriptors after a client, %d after client "
		    "%u", w->fds, n, w->client);
}

/* With -k the end is asked for. */
static void
world_await_end(struct world *w)
{
	int64_t most = clock_ms() + END_MS, next = w->t->waits ?
	    clock_ms() + WAITS_MS : 0;

	while (!w->ended && clock_ms() < most) {
		/* A fault may have taken the first signal. */
		if ((w->t->keeps || w->t->waits || w->script_broken) &&
		    clock_ms() >= next) {
			kill(w->pid, SIGTERM);
			next = clock_ms() + 2000;
		}
		world_wait(w, 20);
		if (w->listener != -1 && !w->peer_open) {
			/* A second connection, as of --reconnect. */
			int fd = accept4(w->listener, NULL, NULL, SOCK_CLOEXEC);

			if (fd != -1)
				close(fd);
		}
	}
	if (!w->ended) {
		world_bad(w, "it hangs");
		kill(-w->pid, SIGKILL);
		kill(w->pid, SIGKILL);
		(void)wait4(w->pid, &w->r->status, 0, &w->usage);
		w->ended = true;
	}
}

/* No process of it is left. */
static void
world_await_children(struct world *w)
{
	int64_t most = clock_ms() + LEFT_MS;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) != -1) {
		if (pid == 0 && clock_ms() > most) {
			world_bad(w, "a process of it is left");
			kill(-w->pid, SIGKILL);
			return;
		}
		if (pid == 0)
			nap_ms(3);
	}
}

/* ---- The judgement ------------------------------------------------------ */

static void
world_take_rest(struct world *w)
{
	if (w->t->output == OUTPUT_FILE)
		lseek(w->out, 0, SEEK_SET);
	world_take_out(w);
}

static void
world_judge_success(struct world *w)
{
	const struct trial *t = w->t;
	size_t consumed = world_consumed(w), taken = w->got + w->inq;

	if (t->whole_peer && t->to_peer == BYTES_INPUT && taken < consumed)
		world_bad(w, "success, but of %zu bytes read the peer got %zu",
		    consumed, taken);
	if (t->whole_out && t->to_out == BYTES_PEER && w->fin &&
	    !w->left && !w->script_broken && w->out_got < w->sent)
		world_bad(w, "success, but of the peer's %zu bytes %zu came "
		    "out", w->sent, w->out_got);
	if (t->whole_out && t->to_out == BYTES_INPUT && !w->left &&
	    w->out_got < consumed)
		world_bad(w, "success, but of %zu bytes read %zu came back",
		    consumed, w->out_got);
}

static void
world_judge(struct world *w)
{
	struct result *r = w->r;
	const struct trial *t = w->t;
	int st = r->status, sig = WIFSIGNALED(st) ? WTERMSIG(st) : 0;
	long cpu = (w->usage.ru_utime.tv_sec + w->usage.ru_stime.tv_sec) * 1000
	    + (w->usage.ru_utime.tv_usec + w->usage.ru_stime.tv_usec) / 1000;
	bool success = (WIFEXITED(st) && WEXITSTATUS(st) == 0) ||
	    ((t->keeps || t->waits || w->script_broken) && sig == SIGTERM);

	if (strstr(r->said, "Sanitizer") != NULL ||
	    strstr(r->said, "runtime error:") != NULL)
		world_bad(w, "a sanitizer reports");
	if (sig != 0 && sig != SIGTERM && sig != SIGKILL)
		world_bad(w, "killed by signal %d", sig);
	if (cpu > CPU_MS + (long)((w->sent + w->in_sent) >> 10))
		world_bad(w, "%ld ms of CPU", cpu);
	if (success && !w->script_broken)
		world_judge_success(w);
	if (!success && !t->mutes && r->said[0] == '\0')
		world_bad(w, "it fails (%d) without a word", st);
	if (!world_served(w) && r->said[0] == '\0' && !w->script_broken &&
	    !t->mutes)
		world_bad(w, "a client got %zu of %zu bytes, without a word",
		    w->got, w->sent);
	if (r->verdict == TRIAL_BAD)
		return;
	r->verdict = success && world_served(w) && !w->script_broken ?
	    TRIAL_DONE : TRIAL_CLEAN;
	if (t->calm && r->verdict != TRIAL_DONE)
		world_bad(w, "it fails for no reason (status %d)", st);
}

void
trial_run(const struct trial *t, const char *dir, struct result *r)
{
	struct world w = { .t = t, .r = r, .listener = -1, .peer = -1,
	    .fds = -1, .started = clock_ms() };

	memset(r, 0, sizeof(*r));
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	signal(SIGPIPE, SIG_IGN);
	if (!t->listens && t->proto != PROTO_NONE)
		world_listen(&w);
	world_start(&w, dir);
	do {
		w.client++;
		world_play(&w);
		if (t->keeps && t->clients > 1 && !t->leaks)
			world_expect_flat(&w);
	} while (t->keeps && w.client < t->clients + w.more && !w.ended &&
	    !w.script_broken);
	world_await_end(&w);
	world_take_rest(&w);
	world_take_err(&w);
	world_await_children(&w);
	world_judge(&w);
	world_close(&w.in);
	world_close(&w.in_read);
	world_close(&w.out);
	world_close(&w.err);
	world_close(&w.listener);
	world_close(&w.peer);
	world_close(&w.pidfd);
	if (t->proto == PROTO_UNIX)
		unlink(t->path);
}

void
trial_add(struct trial *t, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (t->argc == TRIAL_WORDS - 1 || (t->argv[t->argc++] =
	    strdup(text)) == NULL)
		tool_fail("trials: too many words");
}
