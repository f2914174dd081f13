/*
 * The door of a group chat: its password, and who has given it.
 *
 * Law: a password is compared in constant time.
 */
#include <errno.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "base/secret.h"
#include "chat/group_chat.h"

/*
 * Reads as many bytes as fit. Returns their number, or -1 with errno: ETXTBSY,
 * if group or others may change the file, which is asked of no device.
 */
static ssize_t
group_chat_read_file(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), num;
	struct stat st;
	size_t used = 0;
	ssize_t n = 1;

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == 0 && !S_ISCHR(st.st_mode) &&
	    (st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
		(void)close(fd);
		errno = ETXTBSY;
		return -1;
	}
	while (used < size && n > 0) {
		n = read(fd, buf + used, size - used);
		if (n > 0)
			used += (size_t)n;
	}
	num = errno;
	(void)close(fd);
	errno = num;
	return n == -1 ? -1 : (ssize_t)used;
}

/* The password is the first line, without its LF or CR LF. */
int
group_chat_read_password(struct room *room)
{
	struct run *r = room->run;
	const char *path = r->plan->chat.password_file, *lf;
	char buf[PASSWORD_MAX + 2];
	struct error err;
	ssize_t n;
	size_t len;

	if (path == NULL)
		return 0;
	run_begin_reading(r);
	n = group_chat_read_file(path, buf, sizeof(buf));
	error_set(&err, errno, "read", "%s", path);
	if (run_end_reading(r))
		return 1;
	if (n == -1) {
		if (err.num == ETXTBSY)
			(void)strlcpy(err.why, "group or others may change it "
			    "(chmod go-w)", sizeof(err.why));
		return messages_failed(r->plan, &err);
	}
	lf = memchr(buf, '\n', (size_t)n);
	len = lf != NULL ? (size_t)(lf - buf) : (size_t)n;
	if (lf != NULL && len > 0 && buf[len - 1] == '\r')
		len--;
	room->password = secret_new(PASSWORD_MAX + 1);
	if (room->password != NULL && len <= PASSWORD_MAX)
		memcpy(room->password, buf, room->password_len = len);
	explicit_bzero(buf, sizeof(buf));
	if (room->password == NULL) {
		error_set(&err, ENOMEM, "keep", "the password");
		return messages_failed(r->plan, &err);
	}
	if (len > 0 && len <= PASSWORD_MAX)
		return 0;
	diag_warnx("%s holds no password: its first line is %s", path,
	    len == 0 ? "empty" : "too long");
	return 1;
}

/* Takes the same time for each text. */
static bool
group_chat_is_password(const struct room *room, const char *text, size_t len)
{
	unsigned char sent[PASSWORD_MAX + 1] = { 0 };
	volatile unsigned char differs = 0;

	if (len > PASSWORD_MAX)
		return false;
	memcpy(sent, text, len);
	for (size_t i = 0; i < sizeof(sent); i++)
		differs = (unsigned char)(differs |
		    (sent[i] ^ room->password[i]));
	explicit_bzero(sent, sizeof(sent));
	return differs == 0 && len == room->password_len;
}

void
group_chat_ask(struct member *m, const char *before)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "%s" ROOM_PROMPT, before);
	hub_send(&m->hub, text, strlen(text));
}

static void
group_chat_forget_guess(struct member *m)
{
	if (m->lines.text.cap > 0)
		explicit_bzero(m->lines.text.mem, m->lines.text.cap);
	buf_free(&m->lines.text);
	m->overlong = false;
}

bool
group_chat_judge(struct member *m)
{
	struct line_buf *l = &m->lines;
	struct addr peer;
	bool right;

	if (l->text.used > 0 && l->text.mem[l->text.used - 1] == '\r')
		l->text.used--;
	right = !m->overlong && group_chat_is_password(m->room,
	    l->text.used > 0 ? l->text.mem : "", l->text.used);
	group_chat_forget_guess(m);
	if (right)
		return true;
	password_guard_wrong(m->room->guard, member_peer(m, &peer),
	    conn_now(&m->conn));
	if (++m->tries == GROUP_CHAT_TRIES)
		conn_leave(&m->conn, SESSION_EOF);
	else
		group_chat_ask(m, "* wrong password\n");
	return false;
}

bool
group_chat_judge_in_turn(struct member *m)
{
	struct conn *c = &m->conn;
	int64_t now = conn_now(c), when;
	struct addr peer;

	when = password_guard_turn(m->room->guard, member_peer(m, &peer), now,
	    now + ROOM_DOOR_TIME);
	if (when <= now)
		return group_chat_judge(m);
	if (when > now + ROOM_DOOR_TIME) {
		group_chat_forget_guess(m);
		m->refused_until = when;
		conn_leave(c, SESSION_EOF);
		return false;
	}
	m->judge_at = when;
	m->hub.rests = true;
	conn_arm(c);
	return false;
}

size_t
group_chat_take_password(struct member *m, const unsigned char *in, size_t n,
    bool *right)
{
	struct line_buf *l = &m->lines;
	size_t i;

	for (i = 0; i < n && !*right && m->conn.state == CONN_SERVING; i++) {
		bool paused = l->paused;

		/* Keeps the bytes after a password to be judged later. */
		if (m->judge_at != 0) {
			buf_add(&m->after, in + i, n - i);
			if (m->after.failed) {
				room_report_loss(m->room, n - i);
				conn_leave(&m->conn, SESSION_EOF);
			}
			return n;
		}
		l->paused = false;
		if (in[i] == '\n' && !paused)
			*right = group_chat_judge_in_turn(m);
		else if (in[i] == '\n')
			continue;
		else if (l->text.used > PASSWORD_MAX ||
		    !buf_reserve(&l->text, 2))
			m->overlong = true;
		else
			l->text.mem[l->text.used++] = (char)in[i];
	}
	return i;
}

/* ---- The pauses after wrong passwords ----------------------------------- */

#define GUARD_PLACES	1024		/* a power of two */
/* The pause after the first wrong password; each further one doubles it. */
#define GUARD_FIRST	(200 * NSEC_PER_MSEC)
#define GUARD_LONGEST	(60 * NSEC_PER_SEC)
/* After so long without a wrong password, all are forgotten. */
#define GUARD_LAPSE	(600 * NSEC_PER_SEC)

struct guard_place {
	int64_t		next;		/* the next guess is judged then */
	int64_t		wrong_at;	/* the last wrong guess */
	unsigned	wrong;
};

struct password_guard {
	uint64_t	seed;
	struct guard_place	places[GUARD_PLACES];
};

struct password_guard *
password_guard_new(void)
{
	struct password_guard *g = calloc(1, sizeof(*g));

	if (g != NULL)
		arc4random_buf(&g->seed, sizeof(g->seed));
	return g;
}

static struct guard_place *
password_guard_find(struct password_guard *g, const struct addr *from,
    int64_t now)
{
	struct guard_place *p;

	p = &g->places[addr_host_hash(from, g->seed) % GUARD_PLACES];
	if (p->wrong > 0 && now - p->wrong_at >= GUARD_LAPSE)
		*p = (struct guard_place){ .wrong = 0 };
	return p;
}

static int64_t
password_guard_pause(const struct guard_place *p)
{
	int64_t pause = GUARD_FIRST;

	if (p->wrong == 0)
		return 0;
	for (unsigned i = 1; i < p->wrong && pause < GUARD_LONGEST; i++)
		pause *= 2;
	return pause < GUARD_LONGEST ? pause : GUARD_LONGEST;
}

int64_t
password_guard_turn(struct password_guard *g, const struct addr *from,
    int64_t now, int64_t latest)
{
	struct guard_place *p = password_guard_find(g, from, now);
	int64_t when = p->next > now ? p->next : now;

	if (when <= latest)
		p->next = when + password_guard_pause(p);
	return when;
}

void
password_guard_wrong(struct password_guard *g, const struct addr *from,
    int64_t now)
{
	struct guard_place *p = password_guard_find(g, from, now);

	p->wrong++;
	p->wrong_at = now;
	if (p->next < now + password_guard_pause(p))
		p->next = now + password_guard_pause(p);
}
