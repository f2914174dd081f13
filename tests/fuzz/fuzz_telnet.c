/*
 * Telnet. Oracles: whatever comes and however it is cut, what is data and
 * what is answered is what a plain reading of the whole finds; answers are
 * whole, stand outside of every write, and are bounded when nobody takes
 * them; what is written arrives with each 255 doubled, in order.
 */
#include <string.h>

#include "../unit/telnet_rig.h"
#include "fuzz.h"

#define TEXT_MAX	((size_t)2000)

static struct bytes	want, asked, got, answers, sent;
static struct wire	wire;

/* The machine alone, which nobody empties. */
static void
read_cut(const uint8_t *in, size_t n, struct tape *t, bool strip)
{
	unsigned char copy[TEXT_MAX];
	struct telnet m = { .strip = strip };
	size_t at = 0, piece;

	got.n = 0;
	while (at < n) {
		piece = 1 + tape_upto(t, n - at - 1);
		memcpy(copy, in + at, piece);
		bytes_add(&got, copy, telnet_read(&m, copy, piece));
		at += piece;
	}
	FUZZ_CHECK(bytes_are(&got, strip ? want.b : in, strip ? want.n : n));
	FUZZ_CHECK(m.answers.used <= TELNET_ANSWERS * TELNET_ANSWER);
	if (asked.n <= TELNET_ANSWERS / 2 * TELNET_ANSWER)
		FUZZ_CHECK(bytes_are(&asked, buf_data(&m.answers),
		    m.answers.used));
	buf_free(&m.answers);
}

/* Take the answers out of what went over the wire; what is left is ours. */
static void
sort_sent(void)
{
	size_t i = 0;

	answers.n = sent.n = 0;
	while (i < wire.out.n) {
		if (wire.out.b[i] == 255 && i + 2 < wire.out.n &&
		    (wire.out.b[i + 1] == 252 || wire.out.b[i + 1] == 254)) {
			bytes_add(&answers, wire.out.b + i, 3);
			i += 3;
			continue;
		}
		/* A doubled 255 goes together. */
		bytes_add(&sent, wire.out.b + i, wire.out.b[i] == 255 ? 2 : 1);
		i += wire.out.b[i] == 255 ? 2 : 1;
	}
}

/* Reads and writes in turn, with as little room as the tape gives. */
static void
through_layer(const uint8_t *in, size_t n, const uint8_t *out, size_t out_n,
    struct tape *t)
{
	struct layer *l = layer_telnet(true, false);
	unsigned char buf[64];
	struct iovec iov;
	size_t at = 0, done, idle = 0;
	enum io io = IO_AGAIN;

	FUZZ_CHECK(l != NULL);
	socket_layers_init(&wire, in, n);
	l->below = &wire.layer;
	got.n = 0;
	while ((io != IO_EOF || at < out_n) && idle < 100000) {
		idle++;
		wire.out_most = tape_over(t) ? RIG_MAX : tape_upto(t, 7);
		wire.in_most = 1 + tape_upto(t, 40);
		iov = (struct iovec){ buf, 1 + tape_upto(t, 63) };
		if (io != IO_EOF &&
		    (io = l->ops->read(l, &iov, 1, &done)) == IO_OK)
			bytes_add(&got, buf, done);
		iov = (struct iovec){ (void *)(size_t)(out + at), out_n - at };
		if (at < out_n && l->ops->write(l, &iov, 1, &done) == IO_OK)
			at += done;
	}
	FUZZ_CHECK(at == out_n && io == IO_EOF);
	wire.out_most = RIG_MAX;
	FUZZ_CHECK(l->ops->shut(l) == IO_OK);
	l->ops->close(l);
	sort_sent();
	FUZZ_CHECK(bytes_are(&got, want.b, want.n));
	if (asked.n <= TELNET_ANSWERS / 2 * TELNET_ANSWER)
		FUZZ_CHECK(bytes_are(&answers, asked.b, asked.n));
	ref_double(out, out_n, &want);
	FUZZ_CHECK(bytes_are(&sent, want.b, want.n));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t n = size / 2 < TEXT_MAX ? size / 2 : TEXT_MAX;
	size_t out_n = n / 2;
	struct tape t = tape_of(data + n, size - n);

	ref_read(data, n, &want, &asked);
	read_cut(data, n, &t, true);
	read_cut(data, n, &t, false);
	through_layer(data, n, data + (n - out_n), out_n, &t);
	return 0;
}
