/*
 * Several inputs as one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "frame/frame_filters.h"
#include "pump/stage.h"
#include "run/inputs.h"
#include "run/tag.h"

struct input {
	struct endpoint		 ep;
	struct gather_source	 src;
	struct inputs		*of;
	char			*tag;		/* owned, of src; or NULL */
};

static void
inputs_on_ready(void *arg)
{
	struct input *in = arg;

	gather_wake(&in->src);
}

static void
inputs_on_ended(void *arg, struct gather_source *s, int num)
{
	struct input *in = arg;

	(void)s;
	if (num != 0 && in->of->err.num == 0) {
		error_set(&in->of->err, num, "read from", "%s",
		    in->ep.in.name);
		if (stage_fault(&in->ep) != NULL)
			(void)snprintf(in->of->err.why,
			    sizeof(in->of->err.why), "%s",
			    stage_fault(&in->ep));
	}
	/* Standard input stays what it is: its number is nobody else's. */
	if (in->ep.in_bottom.fd.num != STDIN_FILENO)
		endpoint_close(&in->ep);
}

/* A line that becomes a message is never torn, however long it is. */
static int
inputs_keep_lines(struct input *in, const struct plan *plan)
{
	const struct frame_rules rules = { .format = FRAME_LINE,
	    .max = plan->frame.max };
	struct filter *whole;

	if (plan->frame.how == FRAMING_NONE || plan->frame.input_all)
		return 0;
	whole = filter_frame_encode(&rules, false);
	if (whole != NULL && stage_input(&in->ep, whole) == 0)
		return 0;
	errno = ENOMEM;
	return -1;
}

static int
inputs_add(struct inputs *all, struct input *in, const struct plan *plan,
    const struct tag *tag)
{
	in->of = all;
	in->ep.notify = inputs_on_ready;
	in->ep.user = in;
	in->src.from = &in->ep.in;
	in->src.ended = inputs_on_ended;
	in->src.arg = in;
	all->n++;
	if (plan->input_tag != NULL && (in->src.tag = in->tag =
	    tag_text(plan->input_tag, tag, &in->src.tag_len)) == NULL)
		return -1;
	gather_add(&all->gather, &in->src);
	return inputs_keep_lines(in, plan);
}

/*
 * O_NONBLOCK lets a FIFO be opened before anybody writes to it, and a serial
 * line without a carrier; the description is ours alone. No end is seen on
 * such a FIFO before its first writer came: it is read only when there is
 * something to be read, or a writer has left.
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

static int
inputs_open_all(struct inputs *all, const struct plan *plan, struct loop *loop,
    struct error *err)
{
	static const struct stdio_options in_only = { .no_out = true };
	struct tag tag = { .input = "stdin" };
	struct input *in;
	size_t i;

	if (!plan->no_stdin) {
		in = &all->v[all->n];
		if (endpoint_stdio(&in->ep, loop, &in_only, err) == -1)
			return -1;
		if (inputs_add(all, in, plan, &tag) == -1) {
			error_set(err, errno, "read", "standard input");
			return -1;
		}
	}
	for (i = 0; i < plan->ninputs; i++) {
		in = &all->v[all->n];
		if (inputs_open_file(in, loop, plan->inputs[i]) == -1) {
			error_set(err, errno, "open", "%s", plan->inputs[i]);
			return -1;
		}
		tag.input = plan->inputs[i];
		tag.number = (unsigned)i + 1;
		if (inputs_add(all, in, plan, &tag) == -1) {
			error_set(err, errno, "read", "%s", plan->inputs[i]);
			return -1;
		}
	}
	gather_complete(&all->gather);
	return 0;
}

struct inputs *
inputs_open(const struct plan *plan, struct endpoint *near, struct error *err)
{
	struct inputs *all = calloc(1, sizeof(*all));

	if (all == NULL ||
	    (all->v = calloc(plan->ninputs + 1, sizeof(*all->v))) == NULL) {
		error_set(err, ENOMEM, "open", "the inputs");
		free(all);
		return NULL;
	}
	gather_init(&all->gather, near, GATHER_LINES, "the input");
	if (inputs_open_all(all, plan, near->loop, err) == 0)
		return all;
	inputs_free(all);
	return NULL;
}

void
inputs_free(struct inputs *all)
{
	struct half *in;
	size_t i;

	if (all == NULL)
		return;
	in = &all->gather.ep->in;
	layer_close(in->top);
	in->top = NULL;
	for (i = 0; i < all->n; i++) {
		endpoint_close(&all->v[i].ep);
		free(all->v[i].tag);
	}
	free(all->v);
	free(all);
}
