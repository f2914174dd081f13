/*
 * The text of --tag, and what becomes of it when its stream fails.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* A memory stream whose close fails while its buffer is there. */
static bool	fails;
static void	*unfreed;		/* a buffer that was not freed */

static FILE *
tag_open_memstream(char **text, size_t *len)
{
	if (!fails)
		return open_memstream(text, len);
	*text = unfreed = malloc(16);
	*len = 0;
	return fopen("/dev/full", "w");
}

static void
tag_free(void *p)
{
	if (p == unfreed)
		unfreed = NULL;
	free(p);
}

#define open_memstream	tag_open_memstream
#define free		tag_free
#include "run/inputs.c"
#undef open_memstream
#undef free

#include "net.h"
#include "unit.h"

TEST(a_tag_has_address_port_and_number)
{
	struct addr a;
	size_t len;
	char *text;

	a = addr_of("127.0.0.1", 80);
	text = tag_text("%n %a:%p %%> ", &(struct tag){ .peer = &a,
	    .number = 7 }, &len);
	CHECK_STR(text, "7 127.0.0.1:80 %> ");
	CHECK_INT(len, strlen(text));
	free(text);
}

TEST(a_stream_that_fails_leaves_nothing_behind)
{
	struct addr a;
	size_t len;

	a = addr_of("127.0.0.1", 80);
	fails = true;
	CHECK(tag_text("%a", &(struct tag){ .peer = &a }, &len) == NULL);
	CHECK(unfreed == NULL);
}
