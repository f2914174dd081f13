/*
 * The user's known peers, and the user's own key.
 */
#include <sys/file.h>
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "chat/chat_tls.h"
#include "chat/name_look.h"
#include "layer/tls.h"

/* Bytes of the longest list to be read. */
#define LIST_MAX	((size_t)1 << 20)
#define HEX_LEN		(2 * TLS_SHA256)

/* A line of the list, with a fingerprint, or a line kept as it is. */
struct known_line {
	const char	*text;
	size_t		 len;		/* with its LF */
	bool		 is_peer;	/* text begins with HEX_LEN digits */
	char		 name[CHAT_NAME_MAX];
};

/* ---- Paths -------------------------------------------------------------- */

static bool
known_peers_set_dir(struct known_peers *k, const char *base, const char *below)
{
	int n;

	/* A relative path would be another place in another directory. */
	if (base == NULL || *base != '/')
		return false;
	n = snprintf(k->dir, sizeof(k->dir), "%s%s", base, below);
	if (n > 0 && (size_t)n < sizeof(k->dir) - 32)
		return true;
	*k->dir = '\0';
	return false;
}

/* Fills the path of a file, which always fits. */
static void
known_peers_path(const struct known_peers *k, const char *file,
    char path[PATH_MAX])
{
	size_t n = strlcpy(path, k->dir, PATH_MAX);

	(void)snprintf(path + n, PATH_MAX - n, "/%s", file);
}

/* Sets the error: num, or the reason; file NULL: the directory. Returns -1. */
static int
known_peers_fail(const struct known_peers *k, struct error *err, const char *op,
    const char *file, const char *why)
{
	char path[PATH_MAX];

	(void)strlcpy(path, k->dir, sizeof(path));
	if (file != NULL)
		known_peers_path(k, file, path);
	error_set(err, why != NULL ? EINVAL : errno, op, "%s", path);
	if (why != NULL)
		(void)strlcpy(err->why, why, sizeof(err->why));
	return -1;
}

/* Makes the directory, and the missing directories above. */
static int
known_peers_make_dir(struct known_peers *k, struct error *err)
{
	char *slash;
	int rc = 0;

	for (slash = k->dir + k->given; slash != NULL && rc == 0;) {
		slash = strchr(slash + 1, '/');
		if (slash != NULL)
			*slash = '\0';
		if (mkdir(k->dir, 0700) == 0)
			/* Whatever the umask is. */
			rc = chmod(k->dir, 0700);
		else if (errno != EEXIST)
			rc = -1;
		if (slash != NULL)
			*slash = '/';
	}
	return rc == 0 ? 0 : known_peers_fail(k, err, "make", NULL, NULL);
}

/* ---- The list ----------------------------------------------------------- */

static bool
known_peers_is_ours(const struct stat *st)
{
	return (st->st_uid == geteuid() || st->st_uid == 0) &&
	    (st->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static int
known_peers_check_dir(const struct known_peers *k, struct error *err)
{
	struct stat st;

	if (stat(k->dir, &st) == -1 || known_peers_is_ours(&st))
		return 0;
	return known_peers_fail(k, err, "use", NULL,
	    "other users may write to it");
}

void
known_peers_close(struct known_peers *k)
{
	buf_free(&k->list);
	k->list.failed = false;
}

/* Replaces the text in memory by the text of the file, if it exists. */
static int
known_peers_read(struct known_peers *k, struct error *err)
{
	char path[PATH_MAX], piece[4096];
	const char *op = "read", *why = NULL;
	struct stat st;
	ssize_t n = 1;
	int fd;

	known_peers_close(k);
	if (known_peers_check_dir(k, err) == -1)
		return -1;
	known_peers_path(k, "known_peers", path);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd == -1 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd == -1 || fstat(fd, &st) == -1)
		n = -1;
	else if (!S_ISREG(st.st_mode))
		why = "not a file";
	else if (!known_peers_is_ours(&st))
		why = "other users may write to it";
	while (n > 0 && why == NULL) {
		n = read(fd, piece, sizeof(piece));
		if (n == -1 && errno == EINTR) {
			n = 1;
			continue;
		}
		if (n > 0)
			buf_add(&k->list, piece, (size_t)n);
		if (k->list.failed) {
			errno = ENOMEM;
			n = -1;
		}
		if (k->list.used > LIST_MAX)
			why = "too long";
	}
	if (why != NULL)
		op = "use";
	if (n == -1 || why != NULL) {
		(void)known_peers_fail(k, err, op, "known_peers", why);
		known_peers_close(k);
	}
	if (fd != -1)
		(void)close(fd);
	return n == -1 || why != NULL ? -1 : 0;
}

/* Takes the next line of the list; *at: where it begins. */
static bool
known_peers_next(const struct known_peers *k, size_t *at,
    struct known_line *l)
{
	const char *end;
	size_t n;

	if (*at >= k->list.used)
		return false;
	memset(l, 0, sizeof(*l));
	l->text = buf_data(&k->list) + *at;
	end = memchr(l->text, '\n', k->list.used - *at);
	n = end != NULL ? (size_t)(end - l->text) : k->list.used - *at;
	l->len = n + (end != NULL);
	*at += l->len;
	if (n < HEX_LEN + 2 || n - HEX_LEN > CHAT_NAME_MAX ||
	    l->text[HEX_LEN] != ' ' ||
	    strspn(l->text, "0123456789abcdefABCDEF") != HEX_LEN)
		return true;
	(void)snprintf(l->name, sizeof(l->name), "%.*s",
	    (int)(n - HEX_LEN - 1), l->text + HEX_LEN + 1);
	l->is_peer = strlen(l->name) == n - HEX_LEN - 1 &&
	    chat_names_fit(l->name);
	return true;
}

static bool
known_peers_same(const struct known_line *l, const unsigned char *sha256)
{
	char hex[HEX_LEN + 1];

	tls_hex(sha256, TLS_SHA256, hex);
	return strncasecmp(l->text, hex, HEX_LEN) == 0;
}

bool
known_peers_find(const struct known_peers *k,
    const unsigned char sha256[TLS_SHA256], char name[CHAT_NAME_MAX])
{
	struct known_line l;

	for (size_t at = 0; known_peers_next(k, &at, &l);)
		if (l.is_peer && known_peers_same(&l, sha256)) {
			(void)strlcpy(name, l.name, CHAT_NAME_MAX);
			return true;
		}
	return false;
}

bool
known_peers_is_other(const struct known_peers *k, const char *text,
    const unsigned char *sha256, char name[CHAT_NAME_MAX])
{
	struct name_look look, other;
	struct known_line l;

	name_look_at(text, &look);
	for (size_t at = 0; known_peers_next(k, &at, &l);) {
		if (!l.is_peer ||
		    (sha256 != NULL && known_peers_same(&l, sha256)))
			continue;
		name_look_at(l.name, &other);
		if (name_compare(&look, &other) == NAME_DIFFERS)
			continue;
		(void)strlcpy(name, l.name, CHAT_NAME_MAX);
		return true;
	}
	return false;
}

static bool
known_peers_is_called(const struct known_line *l, const char *name)
{
	struct name_look look, other;

	if (!l->is_peer)
		return false;
	name_look_at(name, &look);
	name_look_at(l->name, &other);
	return name_compare(&look, &other) == NAME_IS_SAME;
}

bool
known_peers_pins(const struct known_peers *k, const char *name,
    struct tls_pin **pins, size_t *n)
{
	struct tls_pin *more;
	struct known_line l;

	*pins = NULL;
	*n = 0;
	for (size_t at = 0; known_peers_next(k, &at, &l);) {
		if (!known_peers_is_called(&l, name))
			continue;
		more = reallocarray(*pins, *n + 1, sizeof(**pins));
		if (more == NULL)
			return false;
		*pins = more;
		for (size_t i = 0; i < TLS_SHA256; i++) {
			char byte[] = { l.text[2 * i], l.text[2 * i + 1], 0 };

			more[*n].sha256[i] =
			    (unsigned char)strtoul(byte, NULL, 16);
		}
		++*n;
	}
	return true;
}

/* ---- Writing ------------------------------------------------------------ */

/* Waits for other writers, which need some milliseconds. */
static int
known_peers_lock(struct known_peers *k, struct error *err)
{
	char path[PATH_MAX];
	int fd;

	if (*k->dir == '\0') {
		error_set(err, ENOENT, "find", "the directory of known peers");
		(void)strlcpy(err->why, "neither XDG_STATE_HOME nor HOME is "
		    "set to an absolute path", sizeof(err->why));
		return -1;
	}
	if (known_peers_make_dir(k, err) == -1 ||
	    known_peers_check_dir(k, err) == -1)
		return -1;
	known_peers_path(k, "lock", path);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	while (fd != -1 && flock(fd, LOCK_EX) == -1)
		if (errno != EINTR) {
			(void)close(fd);
			fd = -1;
		}
	/* Whatever the umask is: the next program has to open the file, too. */
	if (fd != -1)
		(void)fchmod(fd, 0600);
	return fd != -1 ? fd : known_peers_fail(k, err, "lock", "lock", NULL);
}

/* Replaces a file, or makes a new one. */
static int
known_peers_write(const struct known_peers *k, const char *file,
    const char *text, size_t len, struct error *err)
{
	char path[PATH_MAX], temp[PATH_MAX];
	FILE *f = NULL;
	int fd, num;

	known_peers_path(k, file, path);
	known_peers_path(k, "new-XXXXXX", temp);
	if ((fd = mkostemp(temp, O_CLOEXEC)) == -1)
		return known_peers_fail(k, err, "write to", file, NULL);
	/* The text may be a key, which no buffer may keep. */
	if (fchmod(fd, 0600) == 0 && (f = fdopen(fd, "w")) != NULL &&
	    setvbuf(f, NULL, _IONBF, 0) == 0 &&
	    fwrite(text, 1, len, f) == len && fsync(fd) == 0 &&
	    rename(temp, path) == 0) {
		(void)fclose(f);
		return 0;
	}
	num = errno;
	(void)(f != NULL ? fclose(f) : close(fd));
	(void)unlink(temp);
	errno = num;
	return known_peers_fail(k, err, "write to", file, NULL);
}

/*
 * Writes the list without the lines of this fingerprint (or NULL) or name (or
 * NULL), and with the line more. Holds the text in memory afterwards.
 */
static int
known_peers_rewrite(struct known_peers *k, const unsigned char *sha256,
    const char *name, const char *more, struct error *err)
{
	struct buf text = { .mem = NULL };
	struct known_line l;
	int rc = -1;

	for (size_t at = 0; known_peers_next(k, &at, &l);) {
		if (l.is_peer && ((sha256 != NULL &&
		    known_peers_same(&l, sha256)) ||
		    (name != NULL && known_peers_is_called(&l, name))))
			continue;
		buf_add(&text, l.text, l.len);
		if (l.text[l.len - 1] != '\n')
			buf_str(&text, "\n");
	}
	buf_str(&text, more);
	if (text.failed) {
		errno = ENOMEM;
		(void)known_peers_fail(k, err, "write to", "known_peers", NULL);
	} else
		rc = known_peers_write(k, "known_peers", buf_data(&text),
		    text.used, err);
	if (rc == -1) {
		buf_free(&text);
		return -1;
	}
	buf_free(&k->list);
	k->list = text;
	return 0;
}

int
known_peers_add(struct known_peers *k, const char *name,
    const unsigned char sha256[TLS_SHA256], struct error *err)
{
	char other[CHAT_NAME_MAX], line[HEX_LEN + CHAT_NAME_MAX + 2];
	int lock = known_peers_lock(k, err), rc;

	if (lock == -1)
		return -1;
	rc = known_peers_read(k, err);
	if (rc == 0 && known_peers_is_other(k, name, sha256, other)) {
		error_set(err, EEXIST, "trust", "%s", name);
		(void)snprintf(err->why, sizeof(err->why),
		    "%s is known by another key", other);
		err->hint = ":forget NAME forgets that key";
		rc = -1;
	}
	if (rc == 0) {
		tls_hex(sha256, TLS_SHA256, line);
		(void)snprintf(line + HEX_LEN, sizeof(line) - HEX_LEN,
		    " %s\n", name);
		rc = known_peers_rewrite(k, sha256, NULL, line, err);
	}
	(void)close(lock);
	return rc;
}

int
known_peers_remove(struct known_peers *k, const char *name, struct error *err)
{
	int lock = known_peers_lock(k, err), rc;
	struct known_line l;
	bool found = false;

	if (lock == -1)
		return -1;
	rc = known_peers_read(k, err);
	for (size_t at = 0; rc == 0 && known_peers_next(k, &at, &l);)
		found = found || known_peers_is_called(&l, name);
	if (found)
		rc = known_peers_rewrite(k, NULL, name, "", err);
	else if (rc == 0) {
		error_set(err, ENOENT, "forget", "%s", name);
		(void)strlcpy(err->why, "no known peer has this name",
		    sizeof(err->why));
		rc = -1;
	}
	(void)close(lock);
	return rc;
}

/* ---- The own key -------------------------------------------------------- */

void
known_peers_key(const struct known_peers *k, char path[PATH_MAX])
{
	*path = '\0';
	if (*k->dir != '\0')
		known_peers_path(k, "key.pem", path);
}

bool
known_peers_has_key(const struct known_peers *k)
{
	char path[PATH_MAX];

	known_peers_key(k, path);
	return *path != '\0' && access(path, F_OK) == 0;
}

int
known_peers_keep_key(struct known_peers *k, const char *pem, struct error *err)
{
	int lock = known_peers_lock(k, err), rc;

	if (lock == -1)
		return -1;
	if (known_peers_has_key(k)) {
		errno = EEXIST;
		rc = known_peers_fail(k, err, "make", "key.pem", NULL);
	} else
		rc = known_peers_write(k, "key.pem", pem, strlen(pem), err);
	(void)close(lock);
	return rc;
}

/* ---- Opening ------------------------------------------------------------ */

int
known_peers_open(struct known_peers *k, struct error *err)
{
	const char *home = getenv("HOME");

	memset(k, 0, sizeof(*k));
	if (!known_peers_set_dir(k, getenv("XDG_STATE_HOME"), "/sockcat") &&
	    known_peers_set_dir(k, home, "/.local/state/sockcat"))
		k->given = strlen(home);
	return *k->dir != '\0' ? known_peers_read(k, err) : 0;
}

const char *
known_peers_make_place(struct known_peers *k, struct error *err)
{
	return *k->dir != '\0' && known_peers_make_dir(k, err) == 0 ? k->dir :
	    NULL;
}
