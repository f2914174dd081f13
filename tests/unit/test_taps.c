/*
 * Copies of the traffic: rows of both kinds wherever it is cut, files that
 * are full, pipes that are slow, and what is in them at the end.
 */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "unit.h"

#include "run/run.h"
#include "telnet_rig.h"

static struct plan	plan;
static struct run	run;
static struct endpoint	ep;
static struct wire	below;
static char		dir[] = "/tmp/test_taps.XXXXXX";
static char		path[64], other[64];

static void
begin(const void *in, size_t n)
{
	plan = (struct plan){ .messages = &messages_native,
	    .taps = { .must_keep = true, .mode = 0600 } };
	memset(&run, 0, sizeof(run));
	run.plan = &plan;
	run.messages = plan.messages;
	run.loop = loop_new();
	socket_layers_init(&below, in, n);
	endpoint_init(&ep, run.loop);
	ep.in.top = ep.out.top = &below.layer;
	(void)snprintf(path, sizeof(path), "%s/copy", dir);
	(void)snprintf(other, sizeof(other), "%s/other", dir);
}

static void
start(void)
{
	CHECK_INT(taps_open(&run), 0);
	CHECK_INT(taps_wrap(&run, &ep), 0);
}

static void
finish(void)
{
	taps_close(&run);
	layer_close(ep.in.top);
	loop_free(run.loop);
}

static void
read_all(size_t most)
{
	unsigned char buf[256];
	const struct iovec iov = { buf, sizeof(buf) };
	size_t n;

	below.in_most = most;
	while (ep.in.top->ops->read(ep.in.top, &iov, 1, &n) == IO_OK)
		continue;
}

static void
send_text(const char *text)
{
	const struct iovec iov = { (void *)(size_t)text, strlen(text) };
	size_t n;

	CHECK_INT(ep.out.top->ops->write(ep.out.top, &iov, 1, &n), IO_OK);
}

static const char *
text_of(const char *name)
{
	static char text[65536];
	FILE *f = fopen(name, "r");
	size_t n = f == NULL ? 0 : fread(text, 1, sizeof(text) - 1, f);

	if (f != NULL)
		(void)fclose(f);
	text[n] = '\0';
	return text;
}

TEST(both_directions_have_their_own_places)
{
	begin("hello\n\001\002 world and more than a row", 34);
	plan.taps.dump = path;
	start();
	send_text("GET\n");
	read_all(100);
	send_text("\t\177\200~");
	finish();
	CHECK_STR(text_of(path),
"> 00000000 47 45 54 0a                                     # GET.\n"
"< 00000000 68 65 6c 6c 6f 0a 01 02 20 77 6f 72 6c 64 20 61 # "
	    "hello... world a\n"
"< 00000010 6e 64 20 6d 6f 72 65 20 74 68 61 6e 20 61 20 72 # "
	    "nd more than a r\n"
"< 00000020 6f 77                                           # ow\n"
"> 00000004 09 7f 80 7e                                     # ...~\n");
	CHECK_INT(run.status, 0);
}

TEST(the_other_kind_has_neither_directions_nor_places_in_all)
{
	begin("abc def ghijk l\n..", 18);
	plan.taps.dump_bare = path;
	start();
	read_all(100);
	send_text("x");
	finish();
	CHECK_STR(text_of(path),
"0000   61 62 63 20 64 65 66 20  67 68 69 6a 6b 20 6c 0a  "
	    "abc.def.ghijk.l.\n"
"0010   2e 2e                                             "
	    "..              \n"
"0000   78                                                "
	    "x               \n");
}

/* Put the bytes of the rows together again. */
static size_t
undump(const char *text, unsigned char *to)
{
	unsigned byte;
	size_t n = 0;

	for (; *text != '\0'; text = strchr(text, '\n') + 1)
		for (int i = 0; i < 16 && text[11 + 3 * i] != ' ' &&
		    sscanf(text + 11 + 3 * i, "%2x", &byte) == 1; i++)
			to[n++] = (unsigned char)byte;
	return n;
}

TEST(no_cut_loses_a_byte)
{
	static unsigned char in[80], back[4096];
	size_t most;

	for (most = 0; most < sizeof(in); most++)
		in[most] = (unsigned char)(most * 7);
	for (most = 1; most <= sizeof(in); most++) {
		begin(in, sizeof(in));
		plan.taps.dump = path;
		plan.taps.output = other;
		start();
		read_all(most);
		finish();
		CHECK_INT(undump(text_of(path), back), sizeof(in));
		CHECK(memcmp(back, in, sizeof(in)) == 0);
		CHECK(memcmp(text_of(other), in, sizeof(in)) == 0);
	}
}

TEST(a_write_in_two_pieces_is_one)
{
	struct iovec iov[2] = { { (void *)(size_t)"abc", 3 },
	    { (void *)(size_t)"defgh", 5 } };
	size_t n;

	begin("", 0);
	plan.taps.dump = path;
	start();
	below.out_most = 6;
	CHECK_INT(ep.out.top->ops->write(ep.out.top, iov, 2, &n), IO_OK);
	finish();
	CHECK_STR(text_of(path), "> 00000000 61 62 63 64 65 66"
	    "                               # abcdef\n");
}

TEST(a_full_file_is_given_up_and_the_status_tells)
{
	begin("hello", 5);
	plan.taps.dump = "/dev/full";
	plan.taps.output = path;
	start();
	read_all(2);
	CHECK_INT(below.in_at, 5);
	finish();
	CHECK_STR(text_of(path), "hello");
	CHECK_INT(run.status, 1);
}

TEST(a_pipe_that_nobody_reads_is_an_error)
{
	begin("", 0);
	(void)unlink(path);
	CHECK_INT(mkfifo(path, 0600), 0);
	plan.taps.dump = path;
	CHECK_INT(taps_open(&run), 1);
	finish();
	(void)unlink(path);
}

/* What found no room is there at the end. */
TEST(a_slow_pipe_gets_all_of_it_later)
{
	static unsigned char in[200000], back[sizeof(in)];
	size_t n = 0;
	ssize_t got;
	int fd;

	memset(in, 'x', sizeof(in));
	begin(in, sizeof(in));
	CHECK_INT(mkfifo(path, 0600), 0);
	fd = open(path, O_RDONLY | O_NONBLOCK);
	plan.taps.output = path;
	start();
	read_all(256);
	CHECK_INT(below.in_at, sizeof(in));
	while (n < sizeof(in)) {
		if ((got = read(fd, back + n, sizeof(in) - n)) > 0)
			n += (size_t)got;
		else
			loop_turn(run.loop, 0);
	}
	finish();
	CHECK(memcmp(back, in, sizeof(in)) == 0);
	CHECK_INT(run.status, 0);
	(void)close(fd);
	(void)unlink(path);
}

TEST(a_pipe_that_never_takes_any_is_given_up)
{
	static unsigned char in[20 << 20];
	int fd;

	begin(in, sizeof(in));
	CHECK_INT(mkfifo(path, 0600), 0);
	fd = open(path, O_RDONLY | O_NONBLOCK);
	plan.taps.output = path;
	start();
	read_all(256);
	CHECK_INT(below.in_at, sizeof(in));
	finish();
	CHECK_INT(run.status, 1);
	(void)close(fd);
	(void)unlink(path);
}

TEST(files_are_emptied_unless_they_are_appended_to)
{
	for (int i = 0; i < 3; i++) {
		begin("ab", 2);
		plan.taps.output = path;
		plan.taps.append = i == 2;
		start();
		read_all(2);
		finish();
	}
	CHECK_STR(text_of(path), "abab");
}

BEFORE
{
	CHECK(mkdtemp(dir) != NULL);
	diag_init("test", 0);
}

AFTER
{
	(void)unlink(path);
	(void)unlink(other);
	(void)rmdir(dir);
}
