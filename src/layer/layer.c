/*
 * What every stack of layers has in common.
 */
#include "layer/layer.h"

enum io
layer_handshake(struct layer **top)
{
	struct layer *l = *top;
	enum io io = IO_OK;

	if (l->ops->handshake != NULL)
		io = l->ops->handshake(l);
	if (io == IO_OK && l->ops->read == NULL)
		*top = l->below;
	return io;
}

size_t
layer_pending(const struct layer *l)
{
	return l->ops->pending != NULL ? l->ops->pending(l) : 0;
}

unsigned
layer_want(const struct layer *l, unsigned wish)
{
	return l->ops->want != NULL ? l->ops->want(l, wish) : wish;
}

enum io
layer_shut(struct layer *l)
{
	while (l != NULL && l->ops->shut == NULL)
		l = l->below;
	return l != NULL ? l->ops->shut(l) : IO_OK;
}

struct fd *
layer_fd(struct layer *l)
{
	return l->ops->fd != NULL ? l->ops->fd(l) : NULL;
}

void
layer_close(struct layer *l)
{
	struct layer *below;

	for (; l != NULL; l = below) {
		below = l->below;
		l->ops->close(l);
	}
}
