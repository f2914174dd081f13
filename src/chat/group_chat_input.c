/*
 * How bytes become the lines of a group chat, or a password.
 *
 * Laws: the lines are inert, and do not depend on where reads split them; a
 * line of more than GROUP_CHAT_LINE bytes goes on in pieces, none of which
 * ends within a character; a member that has sent only whole lines needs no
 * buffer; a password is compared in constant time.
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
#include "chat/password_guard.h"
#include "filter/sanitize.h"

/*
 * Between two lines all members share the room's filter: a filter costs more
 * memory than the rest of a member that only listens.
 */
static bool
group_chat_open_lines(struct room *room, struct line_buf *l)
{
	const struct sanitize_options opt = { .finish_line = true };

	if (l->clean != NULL)
		return true;
	l->clean = room->clean != NULL ? room->clean : filter_sanitize(&opt);
	room->clean = NULL;
	return l->clean != NULL;
}

static void
group_chat_rest_lines(struct room *room, struct line_buf *l)
{
	if (!sanitize_is_idle(l->clean))
		return;
	if (room->clean == NULL)
		room->clean = l->clean;
	else
		filter_free(l->clean);
	l->clean = NULL;
}

void
group_chat_close_lines(struct line_buf *l)
{
	filter_free(l->clean);
	buf_free(&l->text);
}

/* ---- Lines -------------------------------------------------------------- */

static void
group_chat_end_line(struct room *room, struct member *m, struct line_buf *l,
    bool whole)
{
	if (!buf_reserve(&l->text, 1)) {
		room_report_loss(room, l->text.used + 1);
		return;
	}
	l->text.mem[l->text.used] = '\0';
	group_chat_line(room, m, l->text.mem, l->text.used,
	    whole && !l->long_line);
	l->text.used = 0;
	l->long_line = !whole;
}

/* Passes on a piece of a line that is too long; not to within a character. */
static void
group_chat_cut(struct room *room, struct member *m, struct line_buf *l)
{
	size_t n = l->text.used, more, most = 3;
	char rest[4];

	while (most-- > 0 && ((unsigned char)l->text.mem[n] & 0xc0) == 0x80)
		n--;
	more = l->text.used + 1 - n;
	memcpy(rest, l->text.mem + n, more);
	l->text.used = n;
	group_chat_end_line(room, m, l, false);
	memcpy(l->text.mem, rest, more);
	l->text.used += more;
}

static void
group_chat_add(struct room *room, struct member *m, struct line_buf *l,
    const char *text, size_t n)
{
	for (; n > 0; text++, n--) {
		if (*text == '\n') {
			if (l->text.used > 0 || !(l->long_line || l->paused))
				group_chat_end_line(room, m, l, true);
			l->long_line = l->paused = false;
			if (m != NULL && !m->in)
				return;		/* the member left */
			continue;
		}
		if (!buf_reserve(&l->text, 2)) {
			room_report_loss(room, n);
			return;
		}
		l->paused = false;
		l->text.mem[l->text.used] = *text;
		if (l->text.used == GROUP_CHAT_LINE - 1)
			group_chat_cut(room, m, l);
		else
			l->text.used++;
	}
}

void
group_chat_input(struct room *room, struct member *m, const unsigned char *in,
    size_t n)
{
	struct line_buf *l = m != NULL ? &m->lines : &room->lines;
	struct buf_cache *buf_cache = loop_buf_cache(room->run->loop);
	struct iovec iov[2];
	int cnt;

	if (group_chat_open_lines(room, l))
		ring_borrow(&room->scratch, buf_cache);
	if (l->clean == NULL || ring_space(&room->scratch, iov, 1) == -1) {
		room_report_loss(room, n > 0 ? n : l->text.used);
		return;
	}
	l->clean->ops->push(l->clean, in, n, n == 0, &room->scratch);
	group_chat_rest_lines(room, l);
	cnt = ring_data(&room->scratch, iov, SIZE_MAX);
	for (int i = 0; i < cnt && (m == NULL || m->in); i++)
		group_chat_add(room, m, l, iov[i].iov_base, iov[i].iov_len);
	ring_take(&room->scratch, ring_used(&room->scratch));
	ring_give(&room->scratch, buf_cache);
	group_chat_flush(room, m != NULL ? &m->hub : &room->near);
	if (l->text.used == 0)
		buf_free(&l->text);
}

/* ---- The password ------------------------------------------------------- */

/* Whether group or others may change what is read there; never of devices. */
static bool
group_chat_is_exposed(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && !S_ISCHR(st.st_mode) &&
	    (st.st_mode & (S_IWGRP | S_IWOTH)) != 0;
}

/*
 * Reads as many bytes as fit. Returns their number, or -1 with errno: ETXTBSY,
 * if others may change the file.
 */
static ssize_t
group_chat_read_file(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), num;
	size_t used = 0;
	ssize_t n = 1;

	if (fd == -1)
		return -1;
	if (group_chat_is_exposed(fd)) {
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
		return r->messages->failed(r->plan, &err);
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
		return r->messages->failed(r->plan, &err);
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

static void
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
	if (right) {
		group_chat_admit(m);
		return;
	}
	password_guard_wrong(m->room->guard, member_peer(m, &peer),
	    conn_now(&m->conn));
	if (++m->tries == GROUP_CHAT_TRIES)
		conn_leave(&m->conn, SESSION_EOF);
	else
		group_chat_ask(m, "* wrong password\n");
}

/*
 * Judges the password now, or later if its address has sent wrong ones: until
 * then the member is not read. If that is too late, the member has to leave.
 */
static void
group_chat_judge_in_turn(struct member *m)
{
	struct conn *c = &m->conn;
	int64_t now = conn_now(c), when;
	struct addr peer;

	when = password_guard_turn(m->room->guard, member_peer(m, &peer), now,
	    now + GROUP_CHAT_DOOR_TIME);
	if (when <= now) {
		group_chat_judge(m);
		return;
	}
	if (when > now + GROUP_CHAT_DOOR_TIME) {
		group_chat_forget_guess(m);
		m->refused_until = when;
		conn_leave(c, SESSION_EOF);
		return;
	}
	m->judge_at = when;
	m->hub.rests = true;
	conn_arm(c);
}

/* Keeps what comes behind a password that is judged later. */
static void
group_chat_keep_after(struct member *m, const unsigned char *in, size_t n)
{
	if (n > 0)
		buf_add(&m->after, in, n);
	if (m->after.failed) {
		room_report_loss(m->room, n);
		conn_leave(&m->conn, SESSION_EOF);
	}
}

void
group_chat_judge_held(struct member *m)
{
	struct buf after = m->after;

	m->after = (struct buf){ .mem = NULL };
	m->judge_at = 0;
	m->hub.rests = false;
	group_chat_judge(m);
	if (after.used > 0 && m->conn.state == CONN_SERVING)
		m->hub.received(&m->hub, (const unsigned char *)
		    buf_data(&after), after.used);
	if (after.cap > 0)
		explicit_bzero(after.mem, after.cap);
	buf_free(&after);
	hub_wake(&m->hub);
}

size_t
group_chat_take_password(struct member *m, const unsigned char *in, size_t n)
{
	struct line_buf *l = &m->lines;
	size_t i;

	for (i = 0; i < n && !m->in && m->conn.state == CONN_SERVING; i++) {
		bool paused = l->paused;

		if (m->judge_at != 0) {
			group_chat_keep_after(m, in + i, n - i);
			return n;
		}
		l->paused = false;
		if (in[i] == '\n' && !paused)
			group_chat_judge_in_turn(m);
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

void
group_chat_judge_paused(struct member *m)
{
	if (m->judge_at == 0 && (m->lines.text.used > 0 || m->overlong))
		group_chat_judge_in_turn(m);
}
