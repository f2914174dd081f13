/*
 * Telnet, seen from outside: a plain reading of RFC 854 to compare with, and
 * a wire below a layer that gives and takes as little as it is told.
 */
#ifndef TELNET_RIG_H
#define TELNET_RIG_H

#include <errno.h>
#include <string.h>

#include "layer/layer_telnet.h"

#define RIG_MAX	8192

struct bytes {
	unsigned char	b[RIG_MAX];
	size_t		n;
};

static inline void
bytes_add(struct bytes *to, const void *from, size_t n)
{
	if (n == 0 || n > RIG_MAX - to->n)
		return;
	memcpy(to->b + to->n, from, n);
	to->n += n;
}

static inline bool
bytes_are(const struct bytes *a, const void *b, size_t n)
{
	return a->n == n && (n == 0 || memcmp(a->b, b, n) == 0);
}

/* ---- The plain reading -------------------------------------------------- */

static inline void
ref_answer(struct bytes *answers, unsigned char verb, unsigned char option)
{
	const unsigned char text[3] = { 255, verb == 253 ? 252 : 254,
	    option };

	if (verb == 253 || verb == 251)
		bytes_add(answers, text, sizeof(text));
}

/*
 * One command, whose IAC stands before in[i]; where it ends. Inside of a
 * subnegotiation any command but IAC IAC ends that.
 */
static inline size_t
ref_command(const unsigned char *in, size_t n, size_t i,
    struct bytes *data, struct bytes *answers)
{
	if (i == n)
		return n;
	if (in[i] == 255) {
		bytes_add(data, "\377", 1);
		return i + 1;
	}
	if (in[i] >= 251 && in[i] <= 254) {
		if (i + 1 < n)
			ref_answer(answers, in[i], in[i + 1]);
		return i + 2 < n ? i + 2 : n;
	}
	if (in[i] != 250)
		return i + 1;
	for (i++; i < n; i++) {
		if (in[i] != 255)
			continue;
		if (++i == n)
			return n;
		if (in[i] != 255)
			return ref_command(in, n, i, data, answers);
	}
	return n;
}

/* What is data in all of it, and what is to be answered. */
static inline void
ref_read(const unsigned char *in, size_t n, struct bytes *data,
    struct bytes *answers)
{
	size_t i = 0;

	data->n = answers->n = 0;
	while (i < n)
		if (in[i] != 255)
			bytes_add(data, in + i++, 1);
		else
			i = ref_command(in, n, i + 1, data, answers);
}

/* Data as it is to be written. */
static inline void
ref_double(const unsigned char *in, size_t n, struct bytes *out)
{
	out->n = 0;
	for (size_t i = 0; i < n; i++)
		bytes_add(out, in[i] == 255 ? "\377\377" : (const char *)in + i,
		    in[i] == 255 ? 2 : 1);
}

/* ---- The wire ----------------------------------------------------------- */

struct wire {
	struct layer		 layer;
	const unsigned char	*in;
	size_t			 in_n, in_at;
	size_t			 in_most;	/* in one read; 0: AGAIN */
	size_t			 out_most;	/* in one write; 0: AGAIN */
	bool			 out_once;	/* then AGAIN once */
	bool			 shut;
	struct bytes		 out;
};

static inline enum io
socket_layers_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct wire *w = (struct wire *)l;
	size_t left = w->in_n - w->in_at;

	(void)cnt;
	*n = 0;
	if (w->in_most == 0)
		return IO_AGAIN;
	if (left == 0)
		return IO_EOF;
	*n = left < w->in_most ? left : w->in_most;
	*n = *n < iov->iov_len ? *n : iov->iov_len;
	memcpy(iov->iov_base, w->in + w->in_at, *n);
	w->in_at += *n;
	return IO_OK;
}

static inline enum io
socket_layers_write(struct layer *l, const struct iovec *iov, int cnt,
    size_t *n)
{
	struct wire *w = (struct wire *)l;
	size_t part, room = w->out_most;

	*n = 0;
	if (room == 0)
		return IO_AGAIN;
	for (int i = 0; i < cnt && room > 0; i++) {
		part = iov[i].iov_len < room ? iov[i].iov_len : room;
		bytes_add(&w->out, iov[i].iov_base, part);
		*n += part;
		room -= part;
	}
	if (w->out_once)
		w->out_most = 0;
	return IO_OK;
}

static inline enum io
socket_layers_shut(struct layer *l)
{
	((struct wire *)l)->shut = true;
	return IO_OK;
}

static inline void
socket_layers_close(struct layer *l)
{
	(void)l;
}

static inline void
socket_layers_init(struct wire *w, const void *in, size_t n)
{
	static const struct layer_ops ops = {
		.read = socket_layers_read,
		    .write = socket_layers_write,
		.shut = socket_layers_shut, .close = socket_layers_close
	};

	w->layer = (struct layer){ .ops = &ops };
	w->in = in;
	w->in_n = n;
	w->in_at = 0;
	w->in_most = w->out_most = RIG_MAX;
	w->out_once = w->shut = false;
	w->out.n = 0;
}

#endif
