#include "base/buf.h"
#include "base/ring.h"
#include "unit.h"

TEST(what_is_given_is_lent_for_the_same_size_only)
{
	struct buf_cache s = { .of = { { NULL, 0 } } };
	void *mem = buf_cache_take(&s, 100);

	CHECK(mem != NULL);
	CHECK(buf_cache_lend(&s, 100) == NULL);
	buf_cache_give(&s, mem, 100);
	CHECK(buf_cache_lend(&s, 99) == NULL);
	CHECK(buf_cache_take(&s, 100) == mem);
	buf_cache_give(&s, mem, 100);
	CHECK(buf_cache_lend(&s, 100) == mem);
	CHECK(buf_cache_lend(&s, 100) == NULL);
	free(mem);
	buf_cache_free(&s);
}

TEST(as_many_are_kept_and_the_oldest_goes_for_another)
{
	struct buf_cache s = { .of = { { NULL, 0 } } };
	void *one = malloc(10), *two = malloc(20), *three = malloc(30);
	void *four = malloc(40);

	buf_cache_give(&s, one, 10);
	buf_cache_give(&s, two, 20);
	buf_cache_give(&s, NULL, 30);
	CHECK(buf_cache_lend(&s, 20) == two);
	buf_cache_give(&s, two, 20);
	CHECK(buf_cache_lend(&s, 10) == one);
	buf_cache_give(&s, one, 10);
	buf_cache_give(&s, three, 30);
	buf_cache_give(&s, four, 40);
	CHECK(buf_cache_lend(&s, 20) == NULL);
	CHECK(buf_cache_lend(&s, 10) == one);
	CHECK(buf_cache_lend(&s, 30) == three);
	CHECK(buf_cache_lend(&s, 40) == four);
	free(one);
	free(three);
	free(four);
	buf_cache_free(&s);
}

TEST(nothing_large_is_kept_and_nobody_need_keep_anything)
{
	struct buf_cache s = { .of = { { NULL, 0 } } };

	buf_cache_give(&s, malloc(1), SPARE_MAX + 1);
	CHECK(buf_cache_lend(&s, SPARE_MAX + 1) == NULL);
	buf_cache_give(NULL, malloc(1), 1);
	CHECK(buf_cache_lend(NULL, 1) == NULL);
}

TEST(rings_use_the_same_memory_one_after_the_other)
{
	struct buf_cache s = { .of = { { NULL, 0 } } };
	struct iovec iov[2];
	struct ring a, b;
	void *mem;

	ring_init(&a, 64);
	ring_init(&b, 64);
	ring_borrow(&a, &s);
	CHECK_INT(ring_space(&a, iov, 64), 1);
	mem = iov[0].iov_base;
	ring_put(&a, 1);
	ring_give(&a, &s);
	CHECK(a.mem == mem);
	ring_take(&a, 1);
	ring_give(&a, &s);
	CHECK(a.mem == NULL);
	ring_borrow(&b, &s);
	CHECK_INT(ring_space(&b, iov, 64), 1);
	CHECK(iov[0].iov_base == mem);
	ring_borrow(&b, &s);
	CHECK(b.mem == mem);
	ring_free(&b);
	CHECK(buf_cache_lend(&s, 64) == NULL);
}
