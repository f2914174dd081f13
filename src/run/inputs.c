#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "frame/frame.h"
#include "pump/stage.h"
#include "run/inputs.h"

/* How long half a line waits for its rest. */
#define INPUT_HOLD	(100 * NSEC_PER_MSEC)

struct input {
	struct endpoint		 ep;
	struct hub_source	 src;
	struct inputs		*of;
	char			*tag;		/* owned, of src; or NULL */
};

char *
tag_text(const char *format, const struct tag *tag, size_t *len)
{
	char host[ADDR_HOST_MAX], *text = NULL;
	FILE *f = open_memstream(&text, len);
	const char *s;

	if (f == NULL)
		return NULL;
	for (; *format != '\0'; format++) {
		if (*format != '%' || format[1] == '\0') {
			putc(*format, f);
			continue;
		}
		switch (*++format) {
		case 'a':
			s = addr_host(tag->peer, host, sizeof(host));
			for (s = *s != '\0' ? s : "unnamed"; *s != '\0'; s++)
				putc(*s >= ' ' && *s < 0x7f ? *s : '?', f);
			break;
		case 'p':
			fprintf(f, "%u", addr_port(tag->peer));
			break;
		case 'n':
			fprintf(f, "%u", tag->number);
			break;
		case 'f':
			fputs(tag->input, f);
			break;
		default:
			putc(*format, f);
		}
	}
	if (fclose(f) == 0)
		return text;
	/* fclose(3) leaves the buffer to the caller, also on failure. */
	free(text);
	return NULL;
}

static void
inputs_on_ended(struct hub_member *m, int num)
{
	struct input *in = m->arg;

	if (num != 0 && in->of->err.num == 0) {
		error_set(&in->of->err, num, "read from", "%s",
		    in->ep.in.name);
		if (stage_fault(&in->ep) != NULL)
			(void)strlcpy(in->of->err.why, stage_fault(&in->ep),
			    sizeof(in->of->err.why));
	}
	/* Standard input stays open, so that nothing else gets number 0. */
	if (in->ep.in_bottom.fd.num != STDIN_FILENO)
		endpoint_close(&in->ep);
}

static int
inputs_add(struct inputs *all, const struct plan *plan, const struct tag *tag,
    struct error *err)
{
	const struct frame_rules rules = { .format = FRAME_LINE,
	    .max = plan->frame.max };
	bool lines = plan->frame.how != FRAME_NONE && !plan->frame.input_all;
	struct input *in = &all->v[all->n++];
	struct filter *whole;

	in->of = all;
	in->ep.notify = hub_wake;
	in->ep.user = &in->src.m;
	in->src.m = (struct hub_member){ .in = &in->ep.in,
	    .input_ended = inputs_on_ended, .arg = in };
	in->src.hold = in->ep.in_bottom.fd.kind == FD_TTY ||
	    in->ep.in_bottom.fd.kind == FD_DEVICE ? -1 : INPUT_HOLD;
	if (plan->input_tag == NULL || (in->src.tag = in->tag =
	    tag_text(plan->input_tag, tag, &in->src.tag_len)) != NULL) {
		hub_port_add(&all->port, &in->src);
		/* A line that becomes a message is kept whole, however long. */
		if (!lines || ((whole = filter_frame_encode(&rules, false)) !=
		    NULL && stage_input(&in->ep, whole) == 0))
			return 0;
		errno = ENOMEM;
	}
	error_set(err, errno, "read", "%s", in->ep.in.name);
	return -1;
}

/*
 * O_NONBLOCK opens a FIFO that has no writer yet, and a serial line without a
 * carrier; no other process shares the description. Such a FIFO shows no end
 * before the first writer has come: the FIFO is read only when data are there,
 * or when a writer has left.
 */
static int
inputs_open_file(struct input *in, struct loop *loop, const char *path)
{
	struct fd fd;
	int num = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (num == -1)
		return -1;
	fd_own(&fd, num, fd_classify(num));
	endpoint_init(&in->ep, loop);
	if (fd.kind == FD_DIR)
		errno = EISDIR;
	else if (endpoint_add_in(&in->ep, &fd, path) == 0)
		return 0;
	num = errno;
	fd_close(&fd);
	errno = num;
	return -1;
}

struct inputs *
inputs_open(const struct plan *plan, struct endpoint *near, struct error *err)
{
	struct inputs *all = calloc(1, sizeof(*all));
	struct tag tag = { .input = "stdin" };

	if (all == NULL ||
	    (all->v = calloc(plan->ninputs + 1, sizeof(*all->v))) == NULL) {
		error_set(err, ENOMEM, "open", "the inputs");
		free(all);
		return NULL;
	}
	hub_port_init(&all->port, near, HUB_BY_LINE, "the input");
	endpoint_init(&all->v[0].ep, near->loop);
	if (!plan->no_stdin && (endpoint_stdin(&all->v[0].ep, err) == -1 ||
	    inputs_add(all, plan, &tag, err) == -1))
		goto fail;
	for (size_t i = 0; i < plan->ninputs; i++) {
		tag.input = plan->inputs[i];
		tag.number = (unsigned)i + 1;
		if (inputs_open_file(&all->v[all->n], near->loop, tag.input) ==
		    -1) {
			error_set(err, errno, "open", "%s", tag.input);
			goto fail;
		}
		if (inputs_add(all, plan, &tag, err) == -1)
			goto fail;
	}
	hub_merge_complete(&all->port);
	return all;
fail:
	inputs_free(all);
	return NULL;
}

void
inputs_free(struct inputs *all)
{
	struct half *in;

	if (all == NULL)
		return;
	in = &all->port.ep->in;
	layer_close(in->top);
	in->top = NULL;
	for (size_t i = 0; i < all->n; i++) {
		endpoint_close(&all->v[i].ep);
		free(all->v[i].tag);
	}
	free(all->v);
	free(all);
}
