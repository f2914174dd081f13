/*
 * A run and a voice for the tests of echoes: who is served ends in over(),
 * and what is said of it is kept.
 */
#ifndef ECHO_RIG_H
#define ECHO_RIG_H

#include <malloc.h>

#include "net.h"
#include "serve/conn.h"

static struct run	run;
static int		overs, last_status;
static int		words;		/* how often the voice was heard */
static struct outcome	said;		/* what it was told of last */
static int		greeted;

static inline int
say_ended(const struct plan *p, const struct outcome *o)
{
	(void)p;
	words++;
	said = *o;
	return o->far_read.num != 0 || o->far_write.num != 0 ||
	    o->lost_out != 0;
}

static inline int
say_event(const struct plan *p, const struct report *r)
{
	(void)p;
	greeted += r->event == EVENT_ACCEPTED;
	words += r->event == EVENT_FAILED;
	return r->event == EVENT_FAILED;
}

static inline void
on_over(void *arg, struct conn *c, int status)
{
	(void)c;
	if (arg != NULL)
		*(struct conn **)arg = NULL;
	overs++;
	last_status = status;
}

/* A server of many; tests change the plan. */
static inline void
echo_begin(void)
{
	static const struct messages messages = { .ended = say_ended,
	    .report = say_event };

	begin();
	plan.mode = PLAN_LISTEN;
	plan.keep_open = true;
	plan.near = PLAN_ECHO;
	plan.messages = &messages;
	plan.end = (struct end_policy){ .linger = -1, .idle = -1,
	    .total = -1, .confirm = true };
	memset(&run, 0, sizeof(run));
	run.plan = &plan;
	run.messages = &messages;
	run.loop = loop;
	overs = words = greeted = 0;
	last_status = -1;
}

/* Turns until nothing is left to be done without new events. */
static inline void
settle(void)
{
	int i;

	for (i = 0; i < 50; i++)
		turn(0);
}

static inline void
send_text(int s, const char *text)
{
	CHECK_INT(write(s, text, strlen(text)), strlen(text));
}

/* Sends that much, and takes it at the other side; is it the same? */
static inline bool
passes(int from, int to, size_t size)
{
	static unsigned char buf[65536];
	size_t sent = 0, got = 0, i;
	int64_t until = clock_now() + PATIENCE;
	ssize_t n;

	while (got < size && clock_now() < until) {
		for (i = 0; i < sizeof(buf); i++)
			buf[i] = (unsigned char)((sent + i) * 31 / 7);
		n = size - sent < sizeof(buf) ? (ssize_t)(size - sent) :
		    (ssize_t)sizeof(buf);
		n = n > 0 ? write(from, buf, (size_t)n) : 0;
		sent += n > 0 ? (size_t)n : 0;
		turn(0);
		n = read(to, buf, sizeof(buf));
		for (i = 0; n > 0 && i < (size_t)n; i++)
			if (buf[i] != (unsigned char)((got + i) * 31 / 7))
				return false;
		got += n > 0 ? (size_t)n : 0;
	}
	return got == size;
}

/* Bytes that are allocated. */
static inline size_t
heap(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

#endif
