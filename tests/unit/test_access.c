/*
 * Access lists: words, files, names, and who may come in.
 */
#include "fake_names.h"
#include "run/net_options.h"

/*
 * The resolver of this program: "both.test" has an address of each family,
 * "slow.test" waits until the test lets it, "nN.test" is 10.9.0.N, and no
 * other name exists.
 */
static sem_t		slow_asked, slow_go;

static int
fake_lookup(const char *host, int family, struct addrinfo **res)
{
	char text[40];
	int n;

	if (strcmp(host, "slow.test") == 0) {
		sem_post(&slow_asked);
		sem_wait(&slow_go);
		fake_address(res, "192.0.2.77");
	} else if (strcmp(host, "both.test") == 0) {
		if (family == AF_UNSPEC)
			fake_address(res, "2001:db8::1");
		fake_address(res, "192.0.2.1");
	} else if (sscanf(host, "n%d.test", &n) == 1) {
		snprintf(text, sizeof(text), "10.9.0.%d", n);
		fake_address(res, text);
	} else
		return EAI_NONAME;
	return 0;
}

#define RULES	4

static struct access_rule	rules[RULES];
static struct access		*lists;
static int			answers;
static bool			well, free_within;
static struct access_error	access_error;

static void
done(void *arg, const struct access_error *s)
{
	CHECK(arg == &lists);
	answers++;
	well = s == NULL;
	if (s != NULL)
		access_error = *s;
	if (free_within)
		access_free(lists);
}

static void
rule(bool deny, bool file, const char *spec)
{
	rules[plan.naccess++] = (struct access_rule){ deny, file, spec };
	plan.access = rules;
}

static struct access *
start(void)
{
	const struct access_options opt = net_access_options(&plan);

	return access_start(loop, &opt, done, &lists);
}

static void
set_up(void)
{
	answers = 0;
	memset(&access_error, 0, sizeof(access_error));
	lists = start();
	CHECK(lists != NULL);
	CHECK_INT(answers, 0);
	CHECK(turn_until(&answers, 1));
	CHECK_INT(answers, 1);
}

static void
make(const char *allow, const char *deny)
{
	begin();
	if (allow != NULL)
		rule(false, false, allow);
	if (deny != NULL)
		rule(true, false, deny);
	set_up();
	CHECK(well);
}

static void
done_with(void)
{
	access_free(lists);
	lists = NULL;
	finish();
}

static bool
lets_in(const char *host)
{
	struct addr a = addr_of(host, 4000);

	return access_allows(lists, &a);
}

TEST(without_rules_everybody_may_come_in)
{
	make(NULL, NULL);
	CHECK(lets_in("192.0.2.1"));
	CHECK(lets_in("::1"));
	done_with();
	CHECK(lets_in("192.0.2.1"));
}

TEST(a_peer_must_match_a_rule_that_allows)
{
	make("192.0.2.1,2001:db8::/32,10.0.0-3.*", NULL);
	CHECK(lets_in("192.0.2.1"));
	CHECK(lets_in("::ffff:192.0.2.1"));
	CHECK(lets_in("2001:db8:9::1"));
	CHECK(lets_in("10.0.2.9"));
	CHECK(!lets_in("192.0.2.2"));
	CHECK(!lets_in("::ffff:192.0.2.2"));
	CHECK(!lets_in("2001:db9::1"));
	CHECK(!lets_in("10.0.4.1"));
	done_with();
}

TEST(a_peer_must_match_no_rule_that_denies)
{
	make(NULL, "192.0.2.1,::1");
	CHECK(!lets_in("192.0.2.1"));
	CHECK(!lets_in("::ffff:192.0.2.1"));
	CHECK(!lets_in("::1"));
	CHECK(lets_in("192.0.2.2"));
	CHECK(lets_in("::2"));
	done_with();
}

TEST(where_both_match_deny_wins)
{
	make("192.0.2.1", "192.0.2.0/24");
	CHECK(!lets_in("192.0.2.1"));
	CHECK(!lets_in("192.0.3.1"));
	done_with();
	make("192.0.2.0/24", "192.0.2.1");
	CHECK(!lets_in("192.0.2.1"));
	CHECK(lets_in("192.0.2.2"));
	done_with();
}

/* Of overlapping lengths each is looked for. */
TEST(prefixes_of_any_length_are_found)
{
	make("0.0.0.0/2,10.0.0.0/8,10.0.0.0/8,10.1.0.0/16,200.0.0.0/7,"
	    "fe80::1%7", NULL);
	CHECK(lets_in("63.1.1.1"));
	CHECK(!lets_in("64.1.1.1"));
	CHECK(lets_in("201.9.9.9"));
	CHECK(!lets_in("202.9.9.9"));
	CHECK(!lets_in("fe80::1"));
	done_with();
}

TEST(an_interface_counts_where_it_is_named)
{
	struct addr a = addr_of("fe80::1", 1);

	make("fe80::1%7", NULL);
	CHECK(!access_allows(lists, &a));
	a.u.in6.sin6_scope_id = 8;
	CHECK(!access_allows(lists, &a));
	a.u.in6.sin6_scope_id = 7;
	CHECK(access_allows(lists, &a));
	done_with();
	make("fe80::1", NULL);
	CHECK(access_allows(lists, &a));
	done_with();
}

TEST(a_name_means_all_its_addresses)
{
	begin();
	plan.family = FAMILY_INET;
	rule(false, false, "both.test,n5.test/30");
	set_up();
	CHECK(well);
	CHECK(lets_in("192.0.2.1"));
	CHECK(lets_in("2001:db8::1"));
	CHECK(lets_in("10.9.0.7"));
	CHECK(!lets_in("10.9.0.8"));
	done_with();
}

TEST(many_names_are_all_looked_up)
{
	char list[4000] = "n1.test", more[20];
	int i;

	for (i = 2; i <= 200; i++) {
		snprintf(more, sizeof(more), ",n%d.test", i);
		strcat(list, more);
	}
	make(list, NULL);
	for (i = 1; i <= 200; i++) {
		snprintf(more, sizeof(more), "10.9.0.%d", i);
		CHECK(lets_in(more));
	}
	CHECK(!lets_in("10.9.0.201"));
	done_with();
}

TEST(a_few_names_are_looked_up_at_a_time)
{
	int i;

	begin();
	for (i = 0; i < RULES; i++)
		rule(false, false, "slow.test,slow.test,slow.test,slow.test");
	answers = 0;
	lists = start();
	for (i = 0; i < 8; i++)
		sem_wait(&slow_asked);
	turns_within(50 * NSEC_PER_MSEC);
	CHECK(sem_trywait(&slow_asked) == -1);
	for (i = 0; i < 16; i++)
		sem_post(&slow_go);
	CHECK(turn_until(&answers, 1));
	CHECK(well);
	CHECK(lets_in("192.0.2.77"));
	for (i = 0; i < 8; i++)
		sem_wait(&slow_asked);
	done_with();
}

/* What is wrong with a list; ncat takes some of it. */
static void
fails(const char *list, enum access_fault fault, const char *word)
{
	begin();
	rule(false, false, "192.0.2.1");
	rule(true, false, list);
	set_up();
	CHECK(!well);
	CHECK_INT(access_error.fault, fault);
	CHECK_STR(access_error.word, word);
	CHECK(access_error.rule == &rules[1]);
	done_with();
}

TEST(what_is_wrong_is_told_with_its_word)
{
	fails("1.2.3.4,1.2.3.4/40", ACCESS_BITS, "1.2.3.4/40");
	fails("1.2.3.4/x,5.6.7.8", ACCESS_MASK, "1.2.3.4/x");
	fails("1.2.3", ACCESS_SHORT, "1.2.3");
	fails("1.2.3.4, 5.6.7.8", ACCESS_WORD, " 5.6.7.8");
	fails("", ACCESS_EMPTY, "");
	fails("1.2.3.4,", ACCESS_EMPTY, "");
	fails("n1.test,gone.test,n2.test", ACCESS_NAME, "gone.test");
	CHECK_INT(access_error.err.gai, EAI_NONAME);
	fails("n1.test/33", ACCESS_BITS, "n1.test/33");
	CHECK_INT(access_error.most, 32);
	CHECK(!access_error.plain);
}

TEST(ncats_short_and_empty_words_are_taken)
{
	begin();
	plan.access_loose = true;
	rule(false, false, ",127.1,");
	set_up();
	CHECK(well);
	CHECK(lets_in("127.0.0.1"));
	CHECK(!lets_in("127.0.0.2"));
	done_with();
	begin();
	plan.access_loose = true;
	rule(false, false, "");
	set_up();
	CHECK(well);
	CHECK(!lets_in("127.0.0.1"));
	done_with();
}

static char	file[100];

static void
file_of(const char *text, size_t len, bool deny)
{
	FILE *fp;

	begin();
	tmpdir_make();
	fp = fopen(tmp_path("hosts", file), "w");
	CHECK(fp != NULL && fwrite(text, 1, len, fp) == len);
	CHECK(fclose(fp) == 0);
	rule(deny, true, file);
	set_up();
	tmpdir_remove();
}

#define FILE_OF(text, deny)	file_of(text, sizeof(text) - 1, deny)

TEST(a_file_has_blanks_comments_and_many_words)
{
	FILE_OF("# all of them\n\n192.0.2.1 192.0.2.2\t10.0.0.1,3\r\n"
	    "both.test # a name\n#192.0.2.4\n  192.0.2.5#no blank", false);
	CHECK(well);
	CHECK(lets_in("192.0.2.1"));
	CHECK(lets_in("192.0.2.2"));
	CHECK(lets_in("10.0.0.3"));
	CHECK(!lets_in("10.0.0.2"));
	CHECK(lets_in("2001:db8::1"));
	CHECK(!lets_in("192.0.2.4"));
	CHECK(lets_in("192.0.2.5"));
	done_with();
	FILE_OF("192.0.2.1\n", true);
	CHECK(well);
	CHECK(!lets_in("192.0.2.1"));
	CHECK(lets_in("192.0.2.2"));
	done_with();
}

TEST(an_empty_file_of_allowed_hosts_lets_nobody_in)
{
	FILE_OF("# nobody\n", false);
	CHECK(well);
	CHECK(!lets_in("192.0.2.1"));
	CHECK(!lets_in("::1"));
	done_with();
}

TEST(what_is_wrong_in_a_file_is_told_with_its_line)
{
	FILE_OF("192.0.2.1\n\n# x\n192.0.2.2 1.2.3.4/40\n", false);
	CHECK(!well);
	CHECK_INT(access_error.fault, ACCESS_BITS);
	CHECK_INT(access_error.line, 4);
	CHECK_STR(access_error.word, "1.2.3.4/40");
	done_with();
	FILE_OF("192.0.2.1\n\n gone.test\n", false);
	CHECK(!well);
	CHECK_INT(access_error.fault, ACCESS_NAME);
	CHECK_INT(access_error.line, 3);
	done_with();
	FILE_OF("192.0.2.1\0 192.0.2.2\n", true);
	CHECK(!well);
	CHECK_INT(access_error.fault, ACCESS_WORD);
	done_with();
}

static void
no_file(const char *path, int num)
{
	begin();
	rule(true, true, path);
	set_up();
	CHECK(!well);
	CHECK_INT(access_error.fault, ACCESS_FILE);
	CHECK_INT(access_error.err.num, num);
	done_with();
}

TEST(a_file_that_cannot_be_read_is_told)
{
	no_file("/nonexistent/hosts", ENOENT);
	no_file("/", EISDIR);
	no_file("", ENOENT);
}

/* Thousands of rules are as quick as a few. */
TEST(many_rules_are_quick)
{
	char *text = malloc(65536 * 20);
	size_t len = 0;
	int64_t began;
	int i, in = 0;

	for (i = 0; i < 65536; i++)
		len += (size_t)sprintf(text + len, "10.%d.%d.1\n", i % 256,
		    i / 256);
	file_of(text, len, false);
	free(text);
	CHECK(well);
	began = clock_now();
	for (i = 0; i < 100000; i++)
		in += lets_in(i % 2 != 0 ? "10.77.99.1" : "10.77.99.2");
	CHECK_INT(in, 50000);
	CHECK(clock_now() - began < 10 * NSEC_PER_SEC);
	done_with();
}

TEST(Unix_peers_may_always_come_in)
{
	struct addr a = addr_of("/tmp/x", 0), none = { .len = 0 };

	begin();
	plan.family = FAMILY_UNIX;
	rule(false, false, "192.0.2.1");
	set_up();
	CHECK(well);
	CHECK(access_allows(lists, &a));
	CHECK(access_allows(lists, &none));
	done_with();
	make("0.0.0.0/0,::/0", NULL);
	CHECK(!access_allows(lists, &none));
	done_with();
}

static struct port_range	ports[] = { { 1, 20, "1-20" },
				    { 4000, 4000, "4000" } };

TEST(traditionals_operands_are_looked_up)
{
	begin();
	plan.family = FAMILY_INET;
	plan.peer_filter = true;
	plan.host = "both.test";
	set_up();
	CHECK(well);
	CHECK(lets_in("192.0.2.1"));
	CHECK(lets_in("::ffff:192.0.2.1"));
	CHECK(!lets_in("192.0.2.2"));
	CHECK(!lets_in("2001:db8::1"));
	done_with();
	for (size_t n = 1; n <= 2; n++) {
		begin();
		plan.peer_filter = true;
		plan.host = "both.test";
		plan.ports = ports;
		plan.nports = n;
		set_up();
		CHECK_INT(lets_in("192.0.2.1"), n == 2);
		done_with();
	}
	begin();
	plan.peer_filter = true;
	plan.host = "gone.test";
	set_up();
	CHECK(!well);
	CHECK(access_error.rule == NULL);
	CHECK_INT(access_error.err.gai, EAI_NONAME);
	done_with();
}

/* Threads that were left behind close their pipes when they end. */
static bool
fds_shrink_to(int n)
{
	int64_t end = clock_now() + PATIENCE;

	while (open_fds() > n && clock_now() < end)
		(void)poll(NULL, 0, 1);
	return open_fds() <= n;
}

TEST(a_look_up_can_be_given_up)
{
	int before = open_fds();

	begin();
	rule(false, false, "n1.test,slow.test,slow.test,n2.test,slow.test");
	answers = 0;
	lists = start();
	sem_wait(&slow_asked);
	turn(0);
	access_free(lists);
	for (int i = 0; i < 3; i++)
		sem_post(&slow_go);
	turns_within(50 * NSEC_PER_MSEC);
	CHECK_INT(answers, 0);
	finish();
	CHECK(fds_shrink_to(before));
	/* Before the first turn, too. */
	begin();
	rule(false, false, "192.0.2.1");
	lists = start();
	access_free(lists);
	turns_within(10 * NSEC_PER_MSEC);
	CHECK_INT(answers, 0);
	finish();
	lists = NULL;
}

/* The others are given up when one name is unknown. */
TEST(one_unknown_name_ends_it_all)
{
	begin();
	rule(false, false, "slow.test,gone.test,slow.test,gone.test");
	set_up();
	CHECK(!well);
	CHECK_STR(access_error.word, "gone.test");
	sem_post(&slow_go);
	sem_post(&slow_go);
	turns_within(50 * NSEC_PER_MSEC);
	CHECK_INT(answers, 1);
	done_with();
}

TEST(done_may_free_the_list)
{
	free_within = true;
	begin();
	rule(false, false, "gone.test,n1.test");
	set_up();
	turns_within(10 * NSEC_PER_MSEC);
	CHECK_INT(answers, 1);
	finish();
	begin();
	rule(false, false, "192.0.2.1");
	set_up();
	finish();
	free_within = false;
	lists = NULL;
}

TEST(with_n_a_name_is_refused)
{
	begin();
	plan.numeric = true;
	rule(false, false, "192.0.2.1,n1.test");
	set_up();
	CHECK(!well);
	CHECK_INT(access_error.fault, ACCESS_NAME);
	done_with();
}

BEFORE
{
	(void)sem_init(&slow_asked, 0, 0);
	(void)sem_init(&slow_go, 0, 0);
}
