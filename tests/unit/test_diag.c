/* Messages: one line each, cut where too long, harmless to a terminal. */
#include <errno.h>
#include <netdb.h>
#include <unistd.h>

#include "base/diag.h"
#include "io/fd.h"
#include "unit.h"

static char	said[8192];

/* Run fn with standard error into a pipe; what it said is in said[]. */
static void
listen_to(void (*fn)(void))
{
	int p[2], keep = dup(STDERR_FILENO);
	ssize_t n;

	if (keep == -1 || pipe(p) == -1)
		abort();
	dup2(p[1], STDERR_FILENO);
	close(p[1]);
	fn();
	dup2(keep, STDERR_FILENO);
	close(keep);
	n = read(p[0], said, sizeof(said) - 1);
	said[n > 0 ? n : 0] = '\0';
	close(p[0]);
}

static void
warn_plainly(void)
{
	diag_warnx("%s is %d", "one", 1);
}

TEST(the_programs_name_comes_first)
{
	diag_init("tester", 0);
	listen_to(warn_plainly);
	CHECK_STR(said, "tester: one is 1\n");
	CHECK_STR(diag_name(), "tester");
}

static void
say_plain(void)
{
	diag_plain("localhost [127.0.0.1] 1 (?) open");
}

TEST(a_plain_message_has_no_name)
{
	listen_to(say_plain);
	CHECK_STR(said, "localhost [127.0.0.1] 1 (?) open\n");
}

static void
warn_of_controls(void)
{
	diag_warnx("\033[2J\a<%s>\r\n\t\\x", "a\x9b\xc3\xa9\x7f\001");
}

TEST(control_bytes_are_escaped)
{
	const char *p;

	listen_to(warn_of_controls);
	CHECK(strncmp(said, "tester: \\033[2J\\a<a", 19) == 0);
	CHECK(strstr(said, ">\\r\\n\\t\\x\n") != NULL);
	for (p = said; *p != '\0' && *p != '\n'; p++)
		CHECK(*p >= ' ' && *p <= '~');
	CHECK_STR(p, "\n");
}

static char	shown[256];

static void
show(void *arg, const char *text)
{
	(void)arg;
	(void)strlcpy(shown, text, sizeof(shown));
}

TEST(a_console_shows_characters_and_no_controls)
{
	diag_redirect(show, NULL);
	diag_warnx("%s has left", "\xc3\x89va");
	CHECK_STR(shown, "\xc3\x89va has left");
	/* C1, a mark of direction, no character, half a character. */
	diag_warnx("\033[2J %s", "\xc2\x9b \xe2\x80\xae \xff \xc3");
	CHECK_STR(shown, "\\033[2J \\302\\233 \\342\\200\\256 \\377 \\303");
	diag_redirect(NULL, NULL);
}

static char	long_text[6000];

static void
warn_at_length(void)
{
	diag_warnx("%s", long_text);
}

TEST(a_long_line_is_cut_and_marked)
{
	size_t n;

	memset(long_text, 'x', sizeof(long_text) - 1);
	listen_to(warn_at_length);
	n = strlen(said);
	CHECK(n > 1000 && n <= 2048);
	CHECK_STR(said + n - 5, "x...\n");
	memset(long_text, '\033', sizeof(long_text) - 1);
	listen_to(warn_at_length);
	n = strlen(said);
	CHECK(n > 1000 && n <= 2048);
	CHECK_STR(said + n - 8, "\\033...\n");
}

static void
warn_of_errors(void)
{
	struct error e;

	error_set(&e, ECONNREFUSED, "connect to", "%s port %u (tcp)",
	    "192.0.2.1", 80U);
	diag_error(&e);
	error_set(&e, ENOSPC, "write", "%s", "");
	diag_error(&e);
}

TEST(an_error_is_worded_once)
{
	listen_to(warn_of_errors);
	CHECK_STR(said, "tester: connect to 192.0.2.1 port 80 (tcp) failed: "
	    "Connection refused\n"
	    "tester: write failed: No space left on device\n");
}

TEST(the_reason_is_the_resolvers_if_it_failed)
{
	struct error e;

	error_set(&e, 0, "look up", "%s", "no.such.nx");
	e.gai = EAI_NONAME;
	CHECK_STR(error_reason(&e), "Name or service not known");
	e.gai = EAI_SYSTEM;
	e.num = EMFILE;
	CHECK_STR(error_reason(&e), "Too many open files");
}

TEST(a_long_object_is_cut)
{
	struct error e;

	memset(long_text, 'y', sizeof(long_text) - 1);
	error_set(&e, EIO, "read from", "%s", long_text);
	CHECK_INT(strlen(e.object), sizeof(e.object) - 1);
}

static void
trace_quietly(void)
{
	diag_trace("turn %d", 7);
}

TEST(traces_need_vvv)
{
	diag_init("tester", 2);
	CHECK(!diag_tracing());
	listen_to(trace_quietly);
	CHECK_STR(said, "");
	diag_init("tester", 3);
	CHECK(diag_tracing());
	listen_to(trace_quietly);
	CHECK_STR(said, "tester: turn 7\n");
}

static void
warn_with_errno(void)
{
	errno = EPIPE;
	diag_warnx("%m");
	if (errno != EPIPE)
		diag_plain("errno is lost");
}

TEST(errno_survives_a_message)
{
	listen_to(warn_with_errno);
	CHECK_STR(said, "tester: Broken pipe\n");
}

static void
close_stderr_and_warn(void)
{
	close(STDERR_FILENO);
	diag_warnx("nobody hears this");
}

TEST(a_closed_standard_error_is_borne)
{
	listen_to(close_stderr_and_warn);
	CHECK_STR(said, "");
}

TEST(a_message_that_cannot_be_written_is_known)
{
	listen_to(say_plain);
	CHECK(!diag_was_lost());
	listen_to(close_stderr_and_warn);
	CHECK(diag_was_lost());
	listen_to(say_plain);
	CHECK(!diag_was_lost());
	diag_no_stderr();
	listen_to(say_plain);
	CHECK(diag_was_lost());
	diag_redirect(show, NULL);
	say_plain();
	CHECK(!diag_was_lost());
	diag_redirect(NULL, NULL);
}

static void
warn_much(void)
{
	int i;

	/* More than a pipe takes. */
	for (i = 0; i < 3000; i++)
		diag_warnx("%0100d", i);
}

TEST(a_standard_error_that_takes_nothing_is_not_waited_for)
{
	diag_init("tester", 0);
	diag_never_wait();
	(void)alarm(20);
	listen_to(warn_much);
	(void)alarm(0);
	CHECK(strncmp(said, "tester: 0000", 12) == 0);
}

static void
warn_of_refusals(void)
{
	struct error err;

	error_set(&err, EACCES, "open", "the log");
	diag_error(&err);
	diag_confined("--off");
	error_set(&err, EPERM, "write to", "the peer");
	diag_error(&err);
	error_set(&err, EACCES, "connect to", "there");
	diag_error(&err);
	error_set(&err, EACCES, "open", "the list");
	diag_error(&err);
	diag_confined(NULL);
}

TEST(a_sandbox_is_named_once_after_the_first_error_that_it_may_cause)
{
	diag_init("tester", 0);
	listen_to(warn_of_refusals);
	CHECK_STR(said, "tester: open the log failed: Permission denied\n"
	    "tester: write to the peer failed: Operation not permitted\n"
	    "tester: connect to there failed: Permission denied\n"
	    "tester: the sandbox may have refused to connect to there: --off "
	    "turns it off\n"
	    "tester: open the list failed: Permission denied\n");
}
