/*
 * The ring against a plain array that does the same.
 */
#include "base/ring.h"
#include "unit.h"

#define CAP	5

/* What a ring should hold: bytes numbered from first to next - 1. */
struct model {
	unsigned	first, next;
};

static size_t
iov_sum(const struct iovec *iov, int cnt)
{
	size_t sum = 0;
	int i;

	for (i = 0; i < cnt; i++)
		sum += iov[i].iov_len;
	return sum;
}

static void
put(struct ring *r, struct model *m, size_t n)
{
	size_t room = ring_room(r), want = n < room ? n : room, i;
	struct iovec iov[2];
	int k, cnt = ring_space(r, iov, n);

	CHECK_INT(iov_sum(iov, cnt), want);
	CHECK(cnt >= 0 && cnt <= 2);
	for (k = 0; k < cnt; k++) {
		CHECK(iov[k].iov_len > 0);
		for (i = 0; i < iov[k].iov_len; i++)
			((unsigned char *)iov[k].iov_base)[i] =
			    (unsigned char)m->next++;
	}
	ring_put(r, want);
}

static void
take(struct ring *r, struct model *m, size_t n)
{
	size_t used = ring_used(r), want = n < used ? n : used, i;
	struct iovec iov[2];
	int k, cnt = ring_data(r, iov, n);

	CHECK_INT(iov_sum(iov, cnt), want);
	for (k = 0; k < cnt; k++)
		for (i = 0; i < iov[k].iov_len; i++)
			CHECK_INT(((unsigned char *)iov[k].iov_base)[i],
			    (unsigned char)m->first++);
	ring_take(r, want);
}

TEST(a_ring_gives_back_what_was_put_in_in_every_order_of_moves)
{
	enum { STEPS = 6, MOVES = 2 * (CAP + 2) };
	unsigned script, rest, total = 1;
	int i;

	for (i = 0; i < STEPS; i++)
		total *= MOVES;
	/* A prime stride visits a fair sample of the 7.5 million. */
	for (script = 0; script < total && !unit_bad; script += 97) {
		struct model m = { 0, 0 };
		struct ring r;

		ring_init(&r, CAP);
		for (i = 0, rest = script; i < STEPS; i++, rest /= MOVES) {
			if (rest % 2 == 0)
				put(&r, &m, rest % MOVES / 2);
			else
				take(&r, &m, rest % MOVES / 2);
			CHECK_INT(ring_used(&r), m.next - m.first);
			CHECK_INT(ring_used(&r) + ring_room(&r), CAP);
		}
		ring_free(&r);
	}
}

TEST(a_ring_has_no_memory_before_it_is_used)
{
	struct iovec iov[2];
	struct ring r;

	ring_init(&r, CAP);
	CHECK(r.mem == NULL);
	CHECK_INT(ring_room(&r), CAP);
	CHECK_INT(ring_data(&r, iov, CAP), 0);
	CHECK(r.mem == NULL);
	CHECK_INT(ring_space(&r, iov, CAP), 1);
	CHECK(r.mem != NULL);
	ring_release(&r);
	CHECK(r.mem == NULL);
}

TEST(releasing_a_ring_keeps_what_it_holds)
{
	struct model m = { 0, 0 };
	struct ring r;

	ring_init(&r, CAP);
	put(&r, &m, 3);
	ring_release(&r);
	CHECK(r.mem != NULL);
	CHECK_INT(ring_used(&r), 3);
	take(&r, &m, 3);
	ring_release(&r);
	CHECK(r.mem == NULL);
	put(&r, &m, CAP);
	take(&r, &m, CAP);
	ring_free(&r);
	CHECK(r.mem == NULL);
}

TEST(an_empty_ring_offers_its_room_in_one_piece)
{
	struct model m = { 0, 0 };
	struct iovec iov[2];
	struct ring r;

	ring_init(&r, CAP);
	put(&r, &m, 4);
	take(&r, &m, 4);
	CHECK_INT(ring_space(&r, iov, CAP), 1);
	CHECK_INT(iov[0].iov_len, CAP);
	ring_free(&r);
}

TEST(a_full_ring_offers_no_space)
{
	struct model m = { 0, 0 };
	struct iovec iov[2];
	struct ring r;

	ring_init(&r, CAP);
	put(&r, &m, CAP);
	CHECK_INT(ring_space(&r, iov, CAP), 0);
	take(&r, &m, 2);
	CHECK_INT(ring_space(&r, iov, 0), 0);
	put(&r, &m, 2);
	CHECK_INT(ring_data(&r, iov, CAP), 2);
	CHECK_INT(ring_data(&r, iov, 1), 1);
	ring_free(&r);
}

TEST(straightened_it_has_all_its_room_in_one_piece)
{
	struct iovec iov[2];
	struct ring r;

	ring_init(&r, CAP);
	CHECK_INT(ring_space(&r, iov, CAP), 1);
	for (unsigned char i = 0; i < 4; i++)
		((unsigned char *)iov[0].iov_base)[i] = i;
	ring_put(&r, 4);
	ring_take(&r, 2);
	CHECK_INT(ring_space(&r, iov, CAP), 2);
	ring_straighten(&r);
	CHECK_INT(ring_space(&r, iov, CAP), 1);
	CHECK_INT(iov[0].iov_len, CAP - 2);
	CHECK_INT(ring_data(&r, iov, CAP), 1);
	CHECK(memcmp(iov[0].iov_base, "\2\3", 2) == 0);
	ring_free(&r);
}
