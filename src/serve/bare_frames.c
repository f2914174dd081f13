#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "frame/frame.h"
#include "serve/relay.h"

/* The most bytes of a message that fits into a datagram. */
#define BARE_MAX	((size_t)65507)
/* Datagrams that a read drops before other flows get a turn. */
#define BARE_DROPS	16

struct bare_frames {
	struct layer		 layer;
	struct frame_rules	 rules;
	struct frame_reader	 reader;	/* of what is written */
	size_t			 len;		/* of the message so far */
	unsigned char		 message[BARE_MAX];
	unsigned char		 read[BARE_MAX + 1];	/* and its end */
};

/* Writes the message's frame to iov; false: the format cannot hold it. */
static bool
bare_frames_wrap(struct bare_frames *b, size_t len, const struct iovec *iov,
    int cnt, size_t *n)
{
	unsigned char head[FRAME_HEAD_MAX];
	const unsigned char *data = b->read;
	size_t at = frame_head(b->rules.format, len, head);

	if (len > frame_limit(&b->rules))
		return false;
	/* The LF of a line of text is its end already. */
	if (b->rules.format != FRAME_LINE || len == 0 ||
	    data[len - 1] != '\n')
		len += frame_tail(b->rules.format, &b->read[len]);
	if (fd_store(iov, cnt, 0, head, at) < at ||
	    fd_store(iov, cnt, at, data, len) < len)
		return false;
	*n = at + len;
	return true;
}

static enum io
bare_frames_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct bare_frames *b = (struct bare_frames *)l;
	const struct iovec into = { .iov_base = b->read, .iov_len = BARE_MAX };
	size_t len;
	enum io io;

	for (int i = 0; i < BARE_DROPS; i++) {
		if ((io = l->below->ops->read(l->below, &into, 1, &len)) !=
		    IO_OK)
			return io;
		if (len <= BARE_MAX && bare_frames_wrap(b, len, iov, cnt, n))
			return IO_OK;
	}
	return IO_AGAIN;
}

/* A datagram that the network refuses is lost, as any may be. */
static enum io
bare_frames_send(struct bare_frames *b)
{
	struct layer *below = b->layer.below;
	const struct iovec message = { .iov_base = b->message,
	    .iov_len = b->len };
	enum io io = IO_FAIL;
	size_t n;

	/* The errno of an earlier datagram comes with the next call. */
	for (int i = 0; i < 2 && io == IO_FAIL; i++) {
		io = below->ops->write(below, &message, 1, &n);
		if (io == IO_FAIL && errno != EMSGSIZE &&
		    !errclass_is(errno, ERRCLASS_REPORT))
			return IO_FAIL;
	}
	return io == IO_FAIL ? IO_OK : io;
}

/* The last bytes of a message are taken when it has been sent. */
static enum io
bare_frames_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct bare_frames *b = (struct bare_frames *)l;
	const unsigned char *p = iov->iov_base;
	struct frame_reader before;
	struct frame_piece piece;
	enum io io = IO_OK;
	size_t used, len;

	(void)cnt;
	for (*n = 0; *n < iov->iov_len; *n += used) {
		before = b->reader;
		len = b->len;
		used = frame_read(&b->reader, p + *n, iov->iov_len - *n,
		    &piece);
		memcpy(b->message + b->len, p + *n + piece.head, piece.body);
		b->len += piece.body;
		if (b->reader.fault != FRAME_SOUND)
			used = iov->iov_len - *n;
		if (!piece.end)
			continue;
		if ((io = bare_frames_send(b)) != IO_OK) {
			b->reader = before;
			b->len = len;
			break;
		}
		b->len = 0;
	}
	return *n > 0 ? IO_OK : io;
}

static const struct layer_ops bare_frames_ops = {
	.read = bare_frames_read,
	.write = bare_frames_write
};

int
bare_frames_stages(const struct plan *plan, struct endpoint *target,
    struct endpoint *client, struct flow_options *there,
    struct flow_options *back)
{
	struct flow_options *to = target->in.record ? there : back;
	struct frame_rules rules = run_frame_rules(plan);
	struct bare_frames *b = malloc(sizeof(*b));

	if (b == NULL)
		return -1;
	if (rules.max > BARE_MAX)
		rules.max = BARE_MAX;
	b->layer = (struct layer){ .ops = &bare_frames_ops };
	b->rules = rules;
	b->len = 0;
	frame_reader_init(&b->reader, &rules);
	endpoint_wrap(target->in.record ? target : client, &b->layer);
	to->filter = faults_of_datagrams(&plan->faults) ?
	    filter_frame_each(&rules) : filter_frame_check(&rules);
	return to->filter != NULL &&
	    run_add_faults(plan, back, FAULT_UP) &&
	    run_add_faults(plan, there, FAULT_DOWN) ? 0 : -1;
}
