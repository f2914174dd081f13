#include <sys/ioctl.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <md5.h>
#include <poll.h>
#include <sha2.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>
/* Says which strnvis(3) is meant, of which none is used here. */
#define LIBBSD_OPENBSD_VIS
#include <vis.h>

#include "bsd/bsd.h"
#include "bsd/include/sys/queue.h"
#include "unit.h"

/*
 * In a build with libbsd its own functions have the usual names, and ours are
 * compared with them; in one without, both are ours, and only what is written
 * here is tested.
 */

TEST(numbers_are_what_strtonum_says)
{
	static const struct {
		const char	*text;
		long long	 min, max, n;
		const char	*why;
	} cases[] = {
		{ "7", 0, 9, 7, NULL },
		{ " \t-7", -9, 9, -7, NULL },
		{ "+7", 0, 9, 7, NULL },
		{ "", 0, 9, 0, "invalid" },
		{ "-", 0, 9, 0, "invalid" },
		{ "7 ", 0, 9, 0, "invalid" },
		{ "0x7", 0, 9, 0, "invalid" },
		{ "10", 0, 9, 0, "too large" },
		{ "-1", 0, 9, 0, "too small" },
		{ "9223372036854775807", 0, LLONG_MAX, LLONG_MAX, NULL },
		{ "9223372036854775808", 0, LLONG_MAX, 0, "too large" },
		{ "-9223372036854775808", LLONG_MIN, 0, LLONG_MIN, NULL },
		{ "-9223372036854775809", LLONG_MIN, 0, 0, "too small" },
	};
	const char *why, *theirs;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		why = theirs = "unset";
		errno = ENOENT;
		CHECK_INT(bsd_strtonum(cases[i].text, cases[i].min,
		    cases[i].max, &why), cases[i].n);
		CHECK_INT(errno, cases[i].why == NULL ? ENOENT :
		    strcmp(cases[i].why, "invalid") == 0 ? EINVAL : ERANGE);
		CHECK_STR(why, cases[i].why);
		CHECK_INT(strtonum(cases[i].text, cases[i].min, cases[i].max,
		    &theirs), cases[i].n);
		CHECK_STR(theirs, cases[i].why);
	}
	CHECK_INT(bsd_strtonum("10", 0, 9, NULL), 0);
	/* libbsd calls these too small and too large. */
	CHECK_INT(bsd_strtonum("5", 9, 0, &why), 0);
	CHECK_STR(why, "invalid");
	CHECK_INT(bsd_strtonum("99999999999999999999x", 0, 9, &why), 0);
	CHECK_STR(why, "invalid");
}

TEST(strings_keep_their_bounds)
{
	char buf[8] = "xxxxxxx", theirs[8] = "xxxxxxx";

	CHECK_INT(bsd_strlcpy(buf, "abc", 0), 3);
	CHECK_STR(buf, "xxxxxxx");
	CHECK_INT(bsd_strlcpy(buf, "abc", 1), 3);
	CHECK_STR(buf, "");
	CHECK_INT(bsd_strlcpy(buf, "abc", sizeof(buf)), 3);
	CHECK_STR(buf, "abc");
	CHECK_INT(buf[4], 'x');
	CHECK_INT(bsd_strlcat(buf, "def", sizeof(buf)), 6);
	CHECK_STR(buf, "abcdef");
	CHECK_INT(bsd_strlcat(buf, "ghijk", sizeof(buf)), 11);
	CHECK_STR(buf, "abcdefg");
	CHECK_INT(bsd_strlcat(buf, "z", 3), strlcat(theirs, "z", 3));
	CHECK_STR(buf, "abcdefg");
	CHECK_INT(bsd_strlcpy(buf, "0123456789", sizeof(buf)),
	    strlcpy(theirs, "0123456789", sizeof(theirs)));
	CHECK_STR(buf, theirs);
}

TEST(randomness_is_random_and_within_its_bound)
{
	unsigned char a[600], b[sizeof(a)];
	unsigned seen = 0;
	size_t i;

	bsd_arc4random_buf(a, sizeof(a));
	bsd_arc4random_buf(b, sizeof(b));
	/* Piece by piece: none was forgotten. */
	for (i = 0; i < sizeof(a); i += 100)
		CHECK(memcmp(a + i, b + i, 100) != 0);
	CHECK_INT(bsd_arc4random_uniform(0), 0);
	CHECK_INT(bsd_arc4random_uniform(1), 0);
	/* One of five is missed 200 times: 1 in 10^19. */
	for (i = 0; i < 200; i++) {
		uint32_t n = bsd_arc4random_uniform(5);

		CHECK(n < 5);
		seen |= 1U << (n & 31);
	}
	CHECK_INT(seen, 31);
	for (i = 0; i < 64; i++)
		CHECK(bsd_arc4random_uniform(0x80000001) <= 0x80000000);
}

TEST(memory_is_cleared_before_it_is_freed)
{
	bsd_freezero(NULL, 5);
	bsd_freezero(calloc(1, 64), 64);
}

/* Every byte, alone and before another one. */
TEST(strings_are_shown_as_vis_shows_them)
{
	char in[3] = "", ours[40], theirs[40];
	int c, last;

	for (c = 1; c < 256; c++)
		for (last = 0; last < 256; last += last < '9' ? 1 : 50) {
			in[0] = (char)c;
			in[1] = (char)last;
			CHECK_INT(bsd_strvis(ours, in),
			    strvis(theirs, in, VIS_WHITE));
			CHECK_STR(ours, theirs);
		}
	CHECK_INT(bsd_strvis(ours, "a b\n\\\177\240"), 21);
	CHECK_STR(ours, "a\\040b\\012\\134\\^?\\240");
	CHECK_INT(bsd_strvis(ours, "\201\341"), 8);
	CHECK_STR(ours, "\\M^A\\M-a");
	CHECK_INT(bsd_strvis(ours, ""), 0);
	CHECK_STR(ours, "");
}

/* The test suite of RFC 1321, appendix A.5. */
TEST(MD5_is_that_of_RFC_1321)
{
	static const char *const suite[][2] = {
		{ "", "d41d8cd98f00b204e9800998ecf8427e" },
		{ "a", "0cc175b9c0f1b6a831c399e269772661" },
		{ "abc", "900150983cd24fb0d6963f7d28e17f72" },
		{ "message digest", "f96b697d7cb7938d525a2f31aaf161d0" },
		{ "abcdefghijklmnopqrstuvwxyz",
		    "c3fcd3d76192e4007dfb496cca67e13b" },
		{ "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		    "0123456789", "d174ab98d277d9f5a5611c2c9f419d9f" },
		{ "1234567890123456789012345678901234567890123456789012345678"
		    "9012345678901234567890",
		    "57edf4a22be3c955ac49da2e2107b67a" },
	};
	char out[2 * BSD_MD5_LENGTH + 1];
	struct bsd_digest d;
	size_t i;

	for (i = 0; i < sizeof(suite) / sizeof(suite[0]); i++) {
		bsd_md5_init(&d);
		bsd_digest_update(&d, (const uint8_t *)suite[i][0],
		    strlen(suite[i][0]));
		CHECK_STR(bsd_digest_end(&d, out), suite[i][1]);
	}
}

/* Examples that NIST gives for FIPS 180. */
TEST(SHA_256_is_that_of_FIPS_180)
{
	static const char *const suite[][2] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb924"
		    "27ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223"
		    "b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		    "248d6a61d20638b8e5c026930c3e6039"
		    "a33ce45964ff2167f6ecedd419db06c1" },
	};
	char out[2 * BSD_SHA256_LENGTH + 1];
	uint8_t many[1000];
	struct bsd_digest d;
	size_t i;

	for (i = 0; i < sizeof(suite) / sizeof(suite[0]); i++) {
		bsd_sha256_init(&d);
		bsd_digest_update(&d, (const uint8_t *)suite[i][0],
		    strlen(suite[i][0]));
		CHECK_STR(bsd_digest_end(&d, out), suite[i][1]);
	}
	memset(many, 'a', sizeof(many));
	bsd_sha256_init(&d);
	for (i = 0; i < 1000; i++)
		bsd_digest_update(&d, many, sizeof(many));
	CHECK_STR(bsd_digest_end(&d, out), "cdc76e5c9914fb9281a1c7e284d73e67"
	    "f1809a48a497200e046d39ccc7112cd0");
}

/* Each length up to three blocks, given in two pieces. */
TEST(digests_are_the_same_in_pieces_and_by_libmd)
{
	char ours[2 * BSD_SHA256_LENGTH + 1], theirs[sizeof(ours)];
	uint8_t text[3 * BSD_DIGEST_BLOCK];
	struct bsd_digest d;
	SHA2_CTX sha;
	MD5_CTX md5;
	size_t i, cut;

	for (i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(i * 7);
	for (i = 0; i <= sizeof(text); i++) {
		cut = i / 3;
		MD5Init(&md5);
		MD5Update(&md5, text, i);
		bsd_md5_init(&d);
		bsd_digest_update(&d, text, cut);
		bsd_digest_update(&d, text + cut, i - cut);
		CHECK_STR(bsd_digest_end(&d, ours), MD5End(&md5, theirs));
		SHA256Init(&sha);
		SHA256Update(&sha, text, i);
		bsd_sha256_init(&d);
		bsd_digest_update(&d, text, cut);
		bsd_digest_update(&d, text + cut, i - cut);
		CHECK_STR(bsd_digest_end(&d, ours), SHA256End(&sha, theirs));
	}
}

struct link {
	int			value;
	TAILQ_ENTRY(link)	tail;
};

TAILQ_HEAD(tails, link);

TEST(queues_are_walked_both_ways)
{
	struct link l[] = { { .value = 0 }, { .value = 1 }, { .value = 2 } };
	struct tails head;
	struct link *at;
	int n = 0;

	TAILQ_INIT(&head);
	CHECK(TAILQ_EMPTY(&head));
	CHECK(TAILQ_LAST(&head, tails) == NULL);
	TAILQ_INSERT_TAIL(&head, &l[0], tail);
	TAILQ_INSERT_TAIL(&head, &l[1], tail);
	TAILQ_INSERT_TAIL(&head, &l[2], tail);
	TAILQ_FOREACH(at, &head, tail)
		CHECK(at == &l[n++]);
	CHECK_INT(n, 3);
	CHECK(TAILQ_LAST(&head, tails) == &l[2]);
	CHECK(TAILQ_PREV(&l[2], tails, tail) == &l[1]);
	CHECK(TAILQ_PREV(&l[0], tails, tail) == NULL);
	TAILQ_REMOVE(&head, &l[1], tail);
	CHECK(TAILQ_NEXT(&l[0], tail) == &l[2]);
	CHECK(TAILQ_PREV(&l[2], tails, tail) == &l[0]);
	TAILQ_REMOVE(&head, &l[2], tail);
	CHECK(TAILQ_LAST(&head, tails) == &l[0]);
	TAILQ_REMOVE(&head, &l[0], tail);
	CHECK(TAILQ_EMPTY(&head) && TAILQ_LAST(&head, tails) == NULL);
}

/* ---- The password ------------------------------------------------------ */

static volatile sig_atomic_t	interrupted;

static void
on_interrupt(int sig)
{
	(void)sig;
	interrupted = 1;
}

/* What the one at the terminal has, and says by its status. */
static int
udp_probe(const char *terminal, const char *want, int num)
{
	struct sigaction act = { .sa_handler = on_interrupt };
	struct termios t;
	char buf[8], *got;
	int fd;

	if (setsid() == -1 || (fd = open(terminal, O_RDWR)) == -1 ||
	    (ioctl(fd, TIOCSCTTY, 0) == -1 && errno != EPERM))
		return 2;
	(void)sigaction(SIGINT, &act, NULL);
	errno = 0;
	got = bsd_readpassphrase("Word: ", buf, sizeof(buf));
	if (got == NULL ? want != NULL || errno != num || !interrupted :
	    want == NULL || strcmp(got, want) != 0)
		return 3;
	/* Everything is as it was. */
	if (tcgetattr(fd, &t) == -1 || (t.c_lflag & ECHO) == 0)
		return 4;
	return 0;
}

/* Read on until the text has come; all that was read is in out. */
static bool
comes(int fd, const char *text, char *out, size_t size)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t n = strlen(out);
	ssize_t got;

	while (strstr(out, text) == NULL) {
		if (n + 1 >= size || poll(&p, 1, 20000) != 1)
			return false;
		got = read(fd, out + n, size - n - 1);
		if (got <= 0)
			return false;
		n += (size_t)got;
		out[n] = '\0';
	}
	return true;
}

static void
type(const char *keys, const char *want, int num)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY), status = -1;
	char shown[200] = "";
	pid_t pid;

	CHECK(fd != -1 && grantpt(fd) == 0 && unlockpt(fd) == 0);
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(udp_probe(ptsname(fd), want, num));
	CHECK(comes(fd, "Word: ", shown, sizeof(shown)));
	CHECK_INT(write(fd, keys, strlen(keys)), strlen(keys));
	CHECK(comes(fd, "\n", shown, sizeof(shown)));
	CHECK(strstr(shown, "secret") == NULL);
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_INT(status, 0);
	(void)close(fd);
}

TEST(a_password_is_typed_blindly)
{
	type("secret\r", "secret", 0);
	type("\r", "", 0);
}

TEST(a_long_password_is_cut_and_read_to_its_end)
{
	type("secret901234567890\r", "secret9", 0);
}

TEST(an_interrupt_ends_the_question_and_leaves_the_terminal_as_it_was)
{
	type("sec\003", NULL, EINTR);
}

TEST(nobody_is_asked_without_a_terminal)
{
	char buf[8];
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		(void)setsid();
		_exit(bsd_readpassphrase("", buf, sizeof(buf)) != NULL ||
		    errno != ENOTTY);
	}
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_INT(status, 0);
}
