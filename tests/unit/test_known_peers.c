#include <sys/stat.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "chat/chat_tls.h"
#include "unit.h"

/* A home directory for each test. */
static char	home[512], path[1024];

static const unsigned char	eva[TLS_SHA256] = { 0xe7, 0xa0 };
static const unsigned char	bob[TLS_SHA256] = { 0xb0, 0xb0 };

#define HEX_EVA	"e7a0" \
    "000000000000000000000000000000000000000000000000000000000000"

static void
at_home(void)
{
	const char *tmp = getenv("TEST_TMPDIR");

	(void)snprintf(home, sizeof(home), "%s/known-XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	CHECK(mkdtemp(home) != NULL);
	(void)setenv("HOME", home, 1);
	(void)unsetenv("XDG_STATE_HOME");
}

/* A path below the home. */
static const char *
below(const char *name)
{
	(void)snprintf(path, sizeof(path), "%s/%s", home, name);
	return path;
}

static const char *
in_state(const char *name)
{
	(void)snprintf(path, sizeof(path), "%s/.local/state/sockcat/%s", home,
	    name);
	return path;
}

static int
mode_of(const char *file)
{
	struct stat st;

	return stat(file, &st) == 0 ? (int)(st.st_mode & 07777) : -1;
}

static const char *
text_of(const char *file)
{
	static char text[65536];
	FILE *f = fopen(file, "r");
	size_t n = f != NULL ? fread(text, 1, sizeof(text) - 1, f) : 0;

	text[n] = '\0';
	if (f != NULL)
		(void)fclose(f);
	return text;
}

static void
write_text(const char *file, const char *text)
{
	FILE *f = fopen(file, "w");

	CHECK(f != NULL && fputs(text, f) >= 0 && fclose(f) == 0);
	CHECK(chmod(file, 0600) == 0);
}

static const char *
name_of(const struct known_peers *k, const unsigned char *sha256)
{
	static char name[CHAT_NAME_MAX];

	return known_peers_find(k, sha256, name) ? name : "-";
}

TEST(a_peer_is_found_by_its_fingerprint)
{
	struct known_peers k, again;
	struct error err;

	at_home();
	CHECK_INT(known_peers_open(&k, &err), 0);
	CHECK_STR(name_of(&k, eva), "-");
	CHECK_INT(known_peers_add(&k, "eva", eva, &err), 0);
	CHECK_INT(known_peers_add(&k, "Bob", bob, &err), 0);
	CHECK_STR(name_of(&k, eva), "eva");
	CHECK_INT(known_peers_open(&again, &err), 0);
	CHECK_STR(name_of(&again, eva), "eva");
	CHECK_STR(name_of(&again, bob), "Bob");
	CHECK(strncmp(text_of(in_state("known_peers")), HEX_EVA " eva\n",
	    sizeof(HEX_EVA " eva\n") - 1) == 0);
	known_peers_close(&k);
	known_peers_close(&again);
}

TEST(files_are_the_users_own_whatever_the_umask)
{
	static const mode_t masks[] = { 0, 0277, 0777 };
	struct known_peers k;
	struct error err;
	mode_t was = umask(0);

	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		(void)umask(077);
		at_home();
		(void)umask(masks[i]);
		CHECK_INT(known_peers_open(&k, &err), 0);
		CHECK_INT(access(below(".local"), F_OK), -1);
		CHECK_INT(known_peers_add(&k, "eva", eva, &err), 0);
		CHECK_INT(known_peers_keep_key(&k, "key\n", &err), 0);
		CHECK_INT(mode_of(in_state("")), 0700);
		CHECK_INT(mode_of(in_state("known_peers")), 0600);
		CHECK_INT(mode_of(in_state("key.pem")), 0600);
		known_peers_close(&k);
	}
	(void)umask(was);
}

TEST(another_directory_of_state_is_used_if_it_is_absolute)
{
	struct known_peers k;
	struct error err;

	at_home();
	(void)setenv("XDG_STATE_HOME", below("deep/state"), 1);
	CHECK_INT(known_peers_open(&k, &err), 0);
	CHECK_INT(known_peers_add(&k, "eva", eva, &err), 0);
	CHECK_INT(mode_of(below("deep/state/sockcat/known_peers")), 0600);
	known_peers_close(&k);
	(void)setenv("XDG_STATE_HOME", "deep/state", 1);
	CHECK_INT(known_peers_open(&k, &err), 0);
	CHECK_STR(name_of(&k, eva), "-");
	CHECK_INT(known_peers_add(&k, "eva", eva, &err), 0);
	CHECK_INT(mode_of(in_state("known_peers")), 0600);
	known_peers_close(&k);
}

TEST(without_a_home_nobody_is_known_and_nothing_is_kept)
{
	static const char *const homes[] = { NULL, "", "relative" };
	struct known_peers k;
	struct error err;

	at_home();
	for (size_t i = 0; i < sizeof(homes) / sizeof(homes[0]); i++) {
		(void)unsetenv("HOME");
		if (homes[i] != NULL)
			(void)setenv("HOME", homes[i], 1);
		CHECK_INT(known_peers_open(&k, &err), 0);
		CHECK_STR(name_of(&k, eva), "-");
		CHECK(!known_peers_has_key(&k));
		CHECK_INT(known_peers_add(&k, "eva", eva, &err), -1);
		CHECK_STR(error_reason(&err), "neither XDG_STATE_HOME nor HOME "
		    "is set to an absolute path");
		CHECK_INT(known_peers_keep_key(&k, "key\n", &err), -1);
		known_peers_close(&k);
	}
	(void)setenv("HOME", below("missing"), 1);
	CHECK_INT(known_peers_open(&k, &err), 0);
	CHECK_INT(known_peers_add(&k, "eva", eva, &err), -1);
	CHECK_INT(err.num, ENOENT);
	known_peers_close(&k);
}

TEST(a_name_belongs_to_one_key)
{
	struct known_peers k;
	struct error err;
	char name[CHAT_NAME_MAX];

	at_home();
	CHECK_INT(known_peers_open(&k, &err), 0);
	CHECK_INT(known_peers_add(&k, "eva", eva, &err), 0);
	CHECK_INT(known_peers_add(&k, "EVA", bob, &err), -1);
	CHECK(strstr(err.why, "eva is known by another key") != NULL);
	CHECK_STR(name_of(&k, bob), "-");
	CHECK(known_peers_is_other(&k, "Eva", bob, name));
	CHECK_STR(name, "eva");
	CHECK(!known_peers_is_other(&k, "Eva", eva, name));
	CHECK(known_peers_is_other(&k, "Eva", NULL, name));
	CHECK(!known_peers_is_other(&k, "Evan", bob, name));
	/* A fingerprint has one name. */
	CHECK_INT(known_peers_add(&k, "Evelyn", eva, &err), 0);
	CHECK_STR(text_of(in_state("known_peers")), HEX_EVA " Evelyn\n");
	CHECK_INT(known_peers_add(&k, "eva", bob, &err), 0);
	known_peers_close(&k);
}

TEST(what_is_forgotten_may_be_known_anew)
{
	struct known_peers k;
	struct error err;

	at_home();
	CHECK_INT(known_peers_open(&k, &err), 0);
	CHECK_INT(known_peers_remove(&k, "eva", &err), -1);
	CHECK_STR(error_reason(&err), "no known peer has this name");
	CHECK_INT(known_peers_add(&k, "eva", eva, &err), 0);
	CHECK_INT(known_peers_remove(&k, "Eva", &err), 0);
	CHECK_STR(text_of(in_state("known_peers")), "");
	CHECK_STR(name_of(&k, eva), "-");
	CHECK_INT(known_peers_add(&k, "eva", bob, &err), 0);
	CHECK_STR(name_of(&k, bob), "eva");
	known_peers_close(&k);
}

TEST(pins_are_those_of_the_name)
{
	struct known_peers k;
	struct error err;
	struct tls_pin *pins;
	size_t n;

	at_home();
	CHECK_INT(known_peers_open(&k, &err), 0);
	CHECK_INT(known_peers_add(&k, "eva", eva, &err), 0);
	CHECK_INT(known_peers_add(&k, "bob", bob, &err), 0);
	CHECK(known_peers_pins(&k, "Bob", &pins, &n));
	CHECK_INT(n, 1);
	CHECK(memcmp(pins->sha256, bob, TLS_SHA256) == 0);
	free(pins);
	CHECK(known_peers_pins(&k, "carol", &pins, &n));
	CHECK_INT(n, 0);
	CHECK(pins == NULL);
	known_peers_close(&k);
}

TEST(lines_of_other_forms_mean_nothing_and_are_kept)
{
	static const char odd[] = "# a comment\n\ne7 eva\n"
	    HEX_EVA "\n" HEX_EVA "  blank\n" HEX_EVA " two words\n"
	    HEX_EVA " \033[2J\n" HEX_EVA " much-too-long-for-any-name\n"
	    "g" HEX_EVA " eva\n" "no end";
	struct known_peers k;
	struct error err;

	at_home();
	CHECK_INT(known_peers_open(&k, &err), 0);
	CHECK_INT(known_peers_add(&k, "bob", bob, &err), 0);
	write_text(in_state("known_peers"), odd);
	known_peers_close(&k);
	CHECK_INT(known_peers_open(&k, &err), 0);
	CHECK_STR(name_of(&k, eva), "-");
	CHECK_INT(known_peers_add(&k, "eva", eva, &err), 0);
	CHECK(strncmp(text_of(in_state("known_peers")), odd,
	    sizeof(odd) - 1) == 0);
	CHECK(strstr(text_of(in_state("known_peers")),
	    "no end\n" HEX_EVA " eva\n") != NULL);
	CHECK_STR(name_of(&k, eva), "eva");
	known_peers_close(&k);
}

TEST(what_others_may_write_is_not_used)
{
	struct known_peers k;
	struct error err;

	at_home();
	CHECK_INT(known_peers_open(&k, &err), 0);
	CHECK_INT(known_peers_add(&k, "eva", eva, &err), 0);
	CHECK_INT(chmod(in_state("known_peers"), 0620), 0);
	known_peers_close(&k);
	CHECK_INT(known_peers_open(&k, &err), -1);
	CHECK_STR(error_reason(&err), "other users may write to it");
	CHECK_STR(name_of(&k, eva), "-");
	CHECK_INT(chmod(in_state("known_peers"), 0600), 0);
	CHECK_INT(chmod(in_state(""), 0702), 0);
	CHECK_INT(known_peers_open(&k, &err), -1);
	CHECK_INT(known_peers_add(&k, "bob", bob, &err), -1);
	CHECK_INT(known_peers_keep_key(&k, "key\n", &err), -1);
	CHECK(!known_peers_has_key(&k));
	known_peers_close(&k);
}

TEST(the_first_key_is_kept)
{
	struct known_peers k;
	struct error err;

	at_home();
	CHECK_INT(known_peers_open(&k, &err), 0);
	CHECK(!known_peers_has_key(&k));
	CHECK_INT(known_peers_keep_key(&k, "first\n", &err), 0);
	CHECK(known_peers_has_key(&k));
	CHECK_INT(known_peers_keep_key(&k, "second\n", &err), -1);
	CHECK_INT(err.num, EEXIST);
	CHECK_STR(text_of(in_state("key.pem")), "first\n");
	known_peers_close(&k);
}

/* One of several programs that write at the same time. */
static void
add_many(int who)
{
	unsigned char sha256[TLS_SHA256] = { (unsigned char)who };
	struct known_peers k;
	struct error err;
	char name[16];
	bool ok = known_peers_open(&k, &err) == 0;

	for (int i = 0; ok && i < 20; i++) {
		sha256[1] = (unsigned char)i;
		(void)snprintf(name, sizeof(name), "p%dn%d", who, i);
		ok = known_peers_add(&k, name, sha256, &err) == 0;
	}
	_exit(ok ? 0 : 1);
}

TEST(chats_that_write_at_the_same_time_lose_nothing)
{
	struct known_peers k;
	struct error err;
	const char *text;
	int status, lines = 0;
	pid_t pid;

	at_home();
	for (int who = 1; who <= 4; who++)
		if ((pid = fork()) == 0)
			add_many(who);
	while (wait(&status) > 0)
		CHECK_INT(status, 0);
	CHECK_INT(known_peers_open(&k, &err), 0);
	for (text = text_of(in_state("known_peers")); *text != '\0'; text++)
		lines += *text == '\n';
	CHECK_INT(lines, 80);
	known_peers_close(&k);
}
