/*
 * The terminal's own line mode: the kernel echoes and edits, and gives whole
 * lines. The typed line is not known here.
 */
#include <stdlib.h>
#include <string.h>

#include "console/editor.h"

struct plain {
	struct editor		 editor;
	struct editor_setup	 set;
	char			*prompt;
	bool			 shown;
	struct buf		 begun;		/* ended by ^D, without LF */
};

static struct plain *
plain_self(struct editor *e)
{
	return (struct plain *)e;
}

static void
plain_hide(struct editor *e)
{
	struct plain *p = plain_self(e);

	/* The kernel keeps the typed characters: ^R shows them again. */
	if (p->shown)
		buf_str(p->set.screen, "\r\033[K");
	p->shown = false;
}

/* No prompt on a terminal without a way to erase a prompt. */
static void
plain_show(struct editor *e)
{
	struct plain *p = plain_self(e);

	if (p->shown || !p->set.cursor || p->prompt == NULL)
		return;
	buf_str(p->set.screen, p->prompt);
	p->shown = true;
}

static void
plain_prompt(struct editor *e, const char *prompt)
{
	struct plain *p = plain_self(e);

	plain_hide(e);
	free(p->prompt);
	p->prompt = prompt != NULL ? strdup(prompt) : NULL;
}

/* The console turns the kernel's echo off, and drops its unfinished line. */
static void
plain_secret(struct editor *e, bool on)
{
	struct plain *p = plain_self(e);

	if (!on)
		buf_take(&p->begun, p->begun.used);
}

static void
plain_forget(struct editor *e)
{
	struct plain *p = plain_self(e);

	if (p->shown)
		buf_str(p->set.screen, "\r\n");
	p->shown = false;
}

static void
plain_finish(struct plain *p, const void *rest, size_t n)
{
	buf_add(p->set.lines, buf_data(&p->begun), p->begun.used);
	buf_take(&p->begun, p->begun.used);
	buf_add(p->set.lines, rest, n);
}

static bool
plain_feed(struct editor *e, const unsigned char *bytes, size_t n)
{
	struct plain *p = plain_self(e);
	const unsigned char *lf = memrchr(bytes, '\n', n);
	size_t whole = lf == NULL ? 0 : (size_t)(lf - bytes) + 1;

	if (whole > 0) {
		plain_finish(p, bytes, whole);
		/* The echo of Enter has ended the row of the prompt. */
		p->shown = false;
	}
	buf_add(&p->begun, bytes + whole, n - whole);
	return false;
}

static void
plain_end(struct editor *e)
{
	struct plain *p = plain_self(e);

	if (p->begun.used > 0)
		plain_finish(p, "\n", 1);
}

static void
plain_close(struct editor *e)
{
	struct plain *p = plain_self(e);

	buf_free(&p->begun);
	free(p->prompt);
	free(p);
}

static const struct editor_ops plain_ops = {
	.prompt = plain_prompt,
	.secret = plain_secret,
	.feed = plain_feed,
	.end = plain_end,
	.show = plain_show,
	.hide = plain_hide,
	.forget = plain_forget,
	.leave = plain_hide,
	.close = plain_close
};

struct editor *
editor_open_plain(const struct editor_setup *set)
{
	struct plain *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->editor.ops = &plain_ops;
	p->set = *set;
	plain_prompt(&p->editor, set->prompt);
	return &p->editor;
}
