/*
 * What the line of JSON says of an outcome.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <malloc.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "run/stats.h"
#include "unit.h"

static const char *
end_of(enum session_end cause, int far_read, int far_write, int near_read)
{
	const struct outcome o = { .cause = cause, .far_read.num = far_read,
	    .far_write.num = far_write, .near_read.num = near_read };

	return stats_end(&o);
}

TEST(the_cause_comes_first)
{
	CHECK_STR(end_of(SESSION_EOF, 0, 0, 0), "eof");
	CHECK_STR(end_of(SESSION_LINGER, 0, 0, 0), "eof");
	CHECK_STR(end_of(SESSION_IDLE, 0, 0, 0), "timeout");
	CHECK_STR(end_of(SESSION_TOTAL, ECONNRESET, 0, 0), "timeout");
	CHECK_STR(end_of(SESSION_LIMIT, 0, 0, 0), "limit");
	CHECK_STR(end_of(SESSION_RESET, 0, 0, 0), "reset");
	CHECK_STR(end_of(SESSION_INTERRUPTED, 0, EPIPE, EIO), "signal");
}

TEST(then_the_failure_of_the_peer)
{
	CHECK_STR(end_of(SESSION_EOF, ECONNRESET, 0, 0), "reset");
	CHECK_STR(end_of(SESSION_EOF, 0, EPIPE, EIO), "reset");
	CHECK_STR(end_of(SESSION_EOF, ETIMEDOUT, 0, 0), "timeout");
	CHECK_STR(end_of(SESSION_EOF, EHOSTUNREACH, 0, 0), "error");
	CHECK_STR(end_of(SESSION_EOF, 0, 0, EIO), "error");
	CHECK_STR(stats_end(&(struct outcome){ .failed = true }), "error");
}

TEST(the_status_is_the_programs)
{
	struct outcome o = { .cause = SESSION_EOF };

	CHECK_INT(outcome_status(&o), 0);
	o.lost_in = 1;
	CHECK_INT(outcome_status(&o), 1);
	o = (struct outcome){ .cause = SESSION_IDLE };
	CHECK_INT(outcome_status(&o), 0);
	o.status = 3;
	CHECK_INT(outcome_status(&o), 3);
	o = (struct outcome){ .cause = SESSION_TOTAL };
	CHECK_INT(outcome_status(&o), 1);
	o = (struct outcome){ .far_write.num = EPIPE };
	CHECK_INT(outcome_status(&o), 1);
	CHECK_INT(outcome_status(&(struct outcome){ .silent = true }), 1);
}

TEST(a_side_has_its_port)
{
	char text[ADDR_HOST_MAX + ADDR_PORT_MAX];
	struct addr a;

	CHECK(addr_numeric(&a, "192.0.2.1", AF_INET));
	addr_set_port(&a, 80);
	CHECK(stats_side(&a, text, sizeof(text)));
	CHECK_STR(text, "192.0.2.1:80");
	CHECK(addr_numeric(&a, "2001:db8::1", AF_INET6));
	addr_set_port(&a, 443);
	CHECK(stats_side(&a, text, sizeof(text)));
	CHECK_STR(text, "[2001:db8::1]:443");
	CHECK_INT(addr_unix(&a, "/a b:c"), 0);
	CHECK(stats_side(&a, text, sizeof(text)));
	CHECK_STR(text, "/a b:c");
	a.len = 0;
	CHECK(!stats_side(&a, text, sizeof(text)));
}

/* A reader of JSON gets no other kind of line for it. */
TEST(a_line_of_JSON_without_memory_is_missing)
{
	/* Longer than any piece that the heap still has. */
	static char protocol[8 << 20];
	const struct outcome o = { .cause = SESSION_EOF };
	struct rlimit full, none;
	char text[256];
	int err = dup(STDERR_FILENO), p[2];
	ssize_t n;

	if (mallinfo2().arena == 0)
		SKIP("sanitizers have a heap of their own");
	memset(protocol, 'x', sizeof(protocol) - 1);
	CHECK_INT(getrlimit(RLIMIT_AS, &full), 0);
	none = (struct rlimit){ .rlim_max = full.rlim_max };
	CHECK_INT(pipe(p), 0);
	(void)dup2(p[1], STDERR_FILENO);
	CHECK_INT(setrlimit(RLIMIT_AS, &none), 0);
	stats_print(&(struct stats){ .number = 1, .protocol = protocol }, &o,
	    0, true);
	CHECK_INT(setrlimit(RLIMIT_AS, &full), 0);
	(void)dup2(err, STDERR_FILENO);
	close(p[1]);
	n = read(p[0], text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	CHECK(strstr(text, "print the statistics failed: ") != NULL);
	CHECK(strstr(text, "received=") == NULL);
	close(p[0]);
	close(err);
}
