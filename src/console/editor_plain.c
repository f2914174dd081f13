/*
 * The terminal's own line mode: the kernel echoes and edits, and gives whole
 * lines. What is typed at the moment is not known here.
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

	/* What is being typed is in the kernel still: ^R shows it again. */
	if (p->shown)
		buf_str(p->set.screen, "\r\033[K");
	p->shown = false;
}

static void
plain_show(struct editor *e)
{
	struct plain *p = plain_self(e);

	/* Without a way to take it back, a prompt would only be in the way. */
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

/* The kernel echoes; what it has of a line is dropped by the console. */
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

static bool
plain_feed(struct editor *e, const unsigned char *bytes, size_t n)
{
	struct plain *p = plain_self(e);
	const unsigned char *lf = memrchr(bytes, '\n', n);
	size_t whole = lf == NULL ? 0 : (size_t)(lf - bytes) + 1;

	if (whole > 0) {
		buf_add(p->set.lines, buf_data(&p->begun), p->begun.used);
		buf_take(&p->begun, p->begun.used);
		buf_add(p->set.lines, bytes, whole);
		/* Its echo has ended the prompt's row. */
		p->shown = false;
	}
	buf_add(&p->begun, bytes + whole, n - whole);
	return false;
}

static void
plain_end(struct editor *e)
{
	struct plain *p = plain_self(e);

	if (p->begun.used == 0)
		return;
	buf_add(p->set.lines, buf_data(&p->begun), p->begun.used);
	buf_add(p->set.lines, "\n", 1);
	buf_take(&p->begun, p->begun.used);
}

static void
plain_resize(struct editor *e, unsigned cols, unsigned rows)
{
	(void)e;
	(void)cols;
	(void)rows;
}

static void
plain_close(struct editor *e)
{
	struct plain *p = plain_self(e);

	buf_free(&p->begun);
	free(p->prompt);
	free(p);
}

static struct editor	*plain_open(const struct editor_setup *);

static const struct editor_ops plain_ops = {
	.name = "the terminal's line mode",
	.open = plain_open,
	.prompt = plain_prompt,
	.secret = plain_secret,
	.feed = plain_feed,
	.end = plain_end,
	.show = plain_show,
	.hide = plain_hide,
	.forget = plain_forget,
	.leave = plain_hide,
	.resize = plain_resize,
	.close = plain_close
};

static struct editor *
plain_open(const struct editor_setup *set)
{
	struct plain *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->editor.ops = &plain_ops;
	p->set = *set;
	plain_prompt(&p->editor, set->prompt);
	return &p->editor;
}

const struct editor_ops *
editor_plain(void)
{
	return &plain_ops;
}
