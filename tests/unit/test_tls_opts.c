#include "unit.h"

#include "plan_util.h"

/* The options of TLS: what the plan holds, what is refused, what is told. */

#define HEX31	"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e"
#define PIN	"--tls-pin SHA256:" HEX31 "ff"

static struct plan	plan;

static bool
good(const char *line)
{
	if (plan_of(&plan, line) == 0)
		return true;
	printf("%s: %s", line, plan_said);
	unit_bad = true;
	return false;
}

/* Each line is refused with this text, after the program's name. */
struct wrong {
	const char	*line;
	const char	*text;
};

static void
check_refused(const struct wrong *w, size_t n, int status)
{
	for (; n > 0; n--, w++) {
		int	rc = plan_of(&plan, w->line);

		if (rc == status && strcmp(plan_said, w->text) == 0)
			continue;
		printf("%s: %d, %s  and not %d, %s", w->line, rc, plan_said,
		    status, w->text);
		unit_bad = true;
		if (rc == 0)
			plan_free(&plan);
	}
}

#define REFUSED(table, status) \
	check_refused(table, sizeof(table) / sizeof(table[0]), status)

/* Whether what --explain says of a command line has this text. */
static void
check_told(const char *line, const char *text)
{
	const char	*got = plan_explained(line);

	if (strstr(got, text) != NULL)
		return;
	printf("%s:\n%s  is without:\n%s", line, got, text);
	unit_bad = true;
}

/* ---- The plan ----------------------------------------------------------- */

TEST(the_plan_holds_the_words_of_the_options)
{
	const struct tls_options	*tls = &plan.tls;

	if (!good("sockcat --tls --tls-cert c --tls-key k --tls-ca a "
	    "--tls-crl r --tls-name n --tls-alpn h2,http/1.1 --tls-ciphers x "
	    "--tls-min 1.3 --tls-keylog l h 1"))
		return;
	CHECK(tls->on);
	CHECK_STR(tls->cert, "c");
	CHECK_STR(tls->key, "k");
	CHECK_STR(tls->ca, "a");
	CHECK_STR(tls->crl, "r");
	CHECK_STR(tls->name, "n");
	CHECK_STR(tls->alpn, "h2,http/1.1");
	CHECK_STR(tls->ciphers, "x");
	CHECK_STR(tls->keylog, "l");
	CHECK_INT(tls->min, 13);
	CHECK_INT(tls->verify, TLS_VERIFY_PEER);
	CHECK(!tls->lenient && !tls->makes_rsa && !tls->words);
	plan_free(&plan);
}

TEST(a_peer_is_verified_by_default)
{
	if (good("sockcat --tls h 1")) {
		CHECK_INT(plan.tls.verify, TLS_VERIFY_PEER);
		CHECK_INT(plan.tls.min, 12);
		plan_free(&plan);
	}
	if (good("nc --ssl --ssl-verify h 1")) {
		CHECK(plan.tls.on);
		CHECK_INT(plan.tls.verify, TLS_VERIFY_PEER);
		plan_free(&plan);
	}
	if (good("sockcat --tls --tls-insecure --tls-name n h 1")) {
		CHECK_INT(plan.tls.verify, TLS_VERIFY_NONE);
		plan_free(&plan);
	}
	if (good("sockcat -l --tls --tls-client-ca a " PIN " 1")) {
		CHECK_STR(plan.tls.client_ca, "a");
		CHECK_INT(plan.tls.npins, 1);
		plan_free(&plan);
	}
}

TEST(names_of_ncat_are_other_names)
{
	if (!good("sockcat --ssl --ssl-cert c --ssl-key k --ssl-trustfile a "
	    "--ssl-ciphers x --ssl-servername n --ssl-alpn p h 1"))
		return;
	CHECK(plan.tls.on);
	CHECK_STR(plan.tls.cert, "c");
	CHECK_STR(plan.tls.key, "k");
	CHECK_STR(plan.tls.ca, "a");
	CHECK_STR(plan.tls.ciphers, "x");
	CHECK_STR(plan.tls.name, "n");
	CHECK_STR(plan.tls.alpn, "p");
	plan_free(&plan);
}

TEST(a_pin_is_read_in_each_form)
{
	static const char	*const forms[] = {
		"SHA256:" HEX31 "ff", "sha256:" HEX31 "FF",
		("Sha256:00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:"
		"12:13:14:15:16:17:18:19:1A:1b:1c:1d:1e:ff")
	};
	char			 line[256];

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		snprintf(line, sizeof(line), "sockcat --tls --tls-pin %s "
		    "--tls-pin=%s h 1", forms[0], forms[i]);
		if (!good(line))
			continue;
		CHECK_INT(plan.tls.npins, 2);
		CHECK(memcmp(&plan.tls.pins[0], &plan.tls.pins[1],
		    sizeof(struct tls_pin)) == 0);
		CHECK_INT(plan.tls.pins[1].sha256[0], 0);
		CHECK_INT(plan.tls.pins[1].sha256[30], 0x1e);
		CHECK_INT(plan.tls.pins[1].sha256[31], 0xff);
		plan_free(&plan);
	}
}

TEST(what_is_no_pin_is_refused)
{
	static const char	*const forms[] = {
		"", "SHA256:", HEX31 "ff", "SHA1:" HEX31 "ff",
		"SHA256:" HEX31, "SHA256:" HEX31 "f", "SHA256:" HEX31 "fff",
		"SHA256:" HEX31 "ff00", "SHA256:" HEX31 "fg",
		"SHA256:" HEX31 "ff:", "SHA256::" HEX31 "ff",
		"SHA256:0:0" HEX31 "f", "SHA256:" HEX31 "::ff"
	};
	char			 line[256];

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		snprintf(line, sizeof(line), "sockcat --tls --tls-pin=%s h 1",
		    forms[i]);
		CHECK_INT(plan_of(&plan, line), 1);
		CHECK(strncmp(plan_said, i == 0 ? "sockcat: --tls-pin: value "
		    "empty" : "sockcat: a pin is SHA256: and 64 hexadecimal",
		    30) == 0);
	}
}

TEST(a_command_never_gets_the_socket)
{
	if (good("sockcat -l -e cat 1")) {
		CHECK(plan.exec.handover);
		plan_free(&plan);
	}
	if (good("sockcat -l --tls -e cat 1")) {
		CHECK(!plan.exec.handover);
		plan_free(&plan);
	}
}

TEST(chats_compare_words_unless_told_otherwise)
{
	static const struct {
		const char	*line;
		bool		 words, verifies;
	} chats[] = {
		{ "sockcat --chat --tls", true, false },
		{ "sockcat --chat --tls h", true, false },
		{ "sockcat --chat --tls --expect bob h", true, true },
		{ "sockcat --chat --tls --tls-ca a h", true, true },
		{ "sockcat --chat --tls " PIN " h", true, true },
		{ "sockcat --chat -l --tls --tls-client-ca a", true, true },
		{ "sockcat --chat --tls --tls-insecure h", false, false },
		{ "sockcat --chat -u --tls " PIN " h", false, true },
		{ "sockcat --chat -u --tls --expect bob h", false, true },
		{ "sockcat --tls h 1", false, true },
	};

	for (size_t i = 0; i < sizeof(chats) / sizeof(chats[0]); i++) {
		if (!good(chats[i].line))
			continue;
		CHECK_INT(plan.tls.words, chats[i].words);
		CHECK_INT(plan.tls.verify == TLS_VERIFY_PEER,
		    chats[i].verifies);
		CHECK_INT(plan.tls.min, chats[i].words ? 13 : 12);
		plan_free(&plan);
	}
}

TEST(peers_of_DTLS_are_connections)
{
	if (good("sockcat -l -u -k --tls 1")) {
		CHECK(plan_has_connections(&plan));
		CHECK_INT(plan.block, 16384);
		plan_free(&plan);
	}
	if (good("sockcat -l -u -k 1")) {
		CHECK(!plan_has_connections(&plan));
		plan_free(&plan);
	}
	if (good("sockcat -l -u -k --tls --max-conns 3 1")) {
		CHECK(plan.serve.concurrent);
		plan_free(&plan);
	}
	if (good("sockcat -l -u --tls --talk 1"))
		plan_free(&plan);
	if (good("sockcat -l -u --tls --framing u16be --echo 1")) {
		CHECK(plan.frame.max < 16384);
		plan_free(&plan);
	}
}

/* ---- As ncat ------------------------------------------------------------ */

TEST(ncat_verifies_when_asked)
{
	static const struct {
		const char	*line;
		bool		 verifies;
	} lines[] = {
		{ "ncat --ssl h 1", false },
		{ "ncat --ssl-alpn h2 h 1", false },
		{ "ncat --ssl-servername n h 1", false },
		{ "ncat --ssl-ciphers x h 1", false },
		{ "ncat --ssl-cert c --ssl-key k h 1", false },
		{ "ncat -l --ssl-cert c --ssl-key k", false },
		{ "ncat --ssl-verify h 1", true },
		{ "ncat --ssl-trustfile a h 1", true },
		{ "ncat -u --ssl h 1", false },
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (!good(lines[i].line))
			continue;
		CHECK(plan.tls.on && plan.tls.lenient && plan.tls.makes_rsa);
		CHECK_INT(plan.tls.verify == TLS_VERIFY_PEER,
		    lines[i].verifies);
		plan_free(&plan);
	}
}

TEST(ncat_probes_by_a_handshake)
{
	if (good("ncat -z --ssl h 1")) {
		CHECK_INT(plan.mode, PLAN_CONNECT);
		CHECK(plan.no_stdin && plan.no_stdout);
		plan_free(&plan);
	}
	if (good("ncat -z h 1")) {
		CHECK_INT(plan.mode, PLAN_SCAN);
		plan_free(&plan);
	}
}

TEST(ncat_has_its_words_for_mistakes)
{
	static const struct wrong	t[] = {
#define QUIT	" QUITTING.\n"
		{ "ncat --ssl-cert c h 1", "Ncat: The --ssl-key and "
		    "--ssl-cert options must be used together." QUIT },
		{ "ncat -l --ssl --ssl-key k", "Ncat: The --ssl-key and "
		    "--ssl-cert options must be used together." QUIT },
		{ "ncat -U --ssl-verify p", "Ncat: SSL option not supported "
		    "when using Unix domain sockets." QUIT },
		{ "ncat --vsock --ssl 1 2", "Ncat: SSL option not supported "
		    "when using vsock sockets." QUIT },
		{ "ncat -u -l --ssl", "Ncat: DTLS is not supported in listen "
		    "mode\n" QUIT },
		{ "ncat -l --ssl-alpn h2,", "Ncat: ALPN is not supported in "
		    "listen mode\n" QUIT },
		{ "ncat --ssl-alpn h2, h", "Ncat: SSL_CTX_set_alpn_protos: "
		    "error:00000000:lib(0)::reason(0)." QUIT },
		{ "ncat --ssl-trustfile a --ssl-trustfile b h", "Ncat: The "
		    "--ssl-trustfile option may be given only once." QUIT },
		{ "ncat --ssl -u -l -k", "Ncat: UDP mode does not support the "
		    "-k or --keep-open options, except with --exec or "
		    "--sh-exec." QUIT },
	};

	REFUSED(t, 2);
}

/* ---- Rules -------------------------------------------------------------- */

TEST(an_option_of_TLS_alone_says_to_add_TLS)
{
	static const struct wrong	t[] = {
		{ "sockcat --tls-cert c h 1",
		    "sockcat: must use --tls with --tls-cert\n" },
		{ "sockcat --tls-ca c h 1",
		    "sockcat: must use --tls with --tls-ca\n" },
		{ "sockcat --tls-key k -l 1",
		    "sockcat: must use --tls with --tls-key\n" },
		{ "sockcat --tls-client-ca c h 1",
		    "sockcat: must use --tls with --tls-client-ca\n" },
		{ "sockcat " PIN " h 1",
		    "sockcat: must use --tls with --tls-pin\n" },
		{ "sockcat --tls-insecure h 1",
		    "sockcat: must use --tls with --tls-insecure\n" },
		{ "sockcat --ssl-verify h 1",
		    "sockcat: must use --tls with --ssl-verify\n" },
		{ "nc --tls-min 1.3 h 1",
		    "nc: must use --tls with --tls-min\n" },
		{ "sockcat --chat --expect bob h",
		    "sockcat: must use --tls with --expect\n" },
		{ "sockcat --tls --expect bob h 1",
		    "sockcat: must use --chat with --expect\n" },
		{ "sockcat --tls --tls-key k h 1",
		    "sockcat: must use --tls-cert with --tls-key\n" },
		{ "sockcat --tls --tls-client-ca c h 1",
		    "sockcat: must use --inetd or -l with --tls-client-ca\n" },
	};

	REFUSED(t, 1);
}

TEST(what_cannot_go_with_TLS_is_refused)
{
	static const struct wrong	t[] = {
		{ "sockcat --tls -z h 1",
		    "sockcat: cannot use --tls and -z\n" },
		{ "sockcat --tls -F h 1",
		    "sockcat: cannot use --tls and -F\n" },
		{ "sockcat --tls --peer-fd 5",
		    "sockcat: cannot use --peer-fd and --tls\n" },
		{ "sockcat --tls -f file",
		    "sockcat: cannot use --tls and -f\n" },
		{ "sockcat --tls --raw 99 h",
		    "sockcat: cannot use --tls and --raw\n" },
		{ "sockcat --tls --seqpacket -U p",
		    "sockcat: cannot use --tls and --seqpacket\n" },
		{ "sockcat --tls -Z h 1",
		    "sockcat: cannot use --tls and -Z\n" },
		{ "sockcat --tls -b h 1",
		    "sockcat: cannot use --tls and -b\n" },
		{ "sockcat --tls --oob h 1",
		    "sockcat: cannot use --tls and --oob\n" },
		{ "sockcat --tls --send-oob x h 1",
		    "sockcat: cannot use --tls and --send-oob\n" },
		{ "sockcat --tls --tls-insecure --tls-ca c h 1",
		    "sockcat: cannot use --tls-insecure and --tls-ca\n" },
		{ "sockcat --tls --tls-insecure " PIN " h 1",
		    "sockcat: cannot use --tls-insecure and --tls-pin\n" },
		{ "sockcat --chat --tls --expect bob " PIN " h",
		    "sockcat: cannot use --expect and --tls-pin\n" },
		{ "sockcat --chat --tls --expect bob --tls-insecure h",
		    "sockcat: cannot use --tls-insecure and --expect\n" },
		{ "sockcat -l --tls --tls-insecure 1",
		    "sockcat: cannot use --tls-insecure and -l\n" },
		{ "sockcat -l --tls --tls-name n 1",
		    "sockcat: cannot use --tls-name and -l\n" },
	};

	REFUSED(t, 1);
}

TEST(what_would_verify_nothing_is_refused)
{
	static const struct wrong	t[] = {
		{ "sockcat -l --tls --tls-ca c 1",
		    "sockcat: --tls-ca is for clients: a server verifies "
		    "clients by --tls-client-ca\n" },
		{ "sockcat -l --tls --tls-crl c 1",
		    "sockcat: no client shows a certificate: add "
		    "--tls-client-ca to --tls-crl\n" },
		{ "sockcat --tls --tls-crl c " PIN " h 1",
		    "sockcat: no CA is asked whether a certificate was "
		    "revoked: add --tls-ca to --tls-crl\n" },
		{ "sockcat --tls -U p",
		    "sockcat: a Unix socket has no name to verify: add "
		    "--tls-name or --tls-pin\n" },
		{ "sockcat --tls --vsock 1 2",
		    "sockcat: a vsock socket has no name to verify: add "
		    "--tls-name or --tls-pin\n" },
	};

	REFUSED(t, 1);
	if (good("sockcat --tls --tls-name n -U p"))
		plan_free(&plan);
	if (good("sockcat --tls " PIN " -U p"))
		plan_free(&plan);
	if (good("sockcat --chat --tls --expect bob -U p"))
		plan_free(&plan);
	if (good("sockcat --tls --tls-insecure -U p"))
		plan_free(&plan);
	if (good("sockcat --tls -l -U p"))
		plan_free(&plan);
	if (good("sockcat --tls --chat -U p"))
		plan_free(&plan);
}

TEST(what_DTLS_does_not_have_is_refused)
{
	static const struct wrong	t[] = {
		{ "sockcat --tls -u --tls-min 1.3 h 1",
		    "sockcat: DTLS has no version 1.3: -u goes with --tls-min "
		    "1.2\n" },
		{ "sockcat --tls -u -U p",
		    "sockcat: DTLS needs UDP\n" },
		{ "sockcat --tls -u 239.1.2.3 1",
		    "sockcat: DTLS has one peer, not a group: 239.1.2.3\n" },
		{ "sockcat --tls -u -l ff02::7 1",
		    "sockcat: DTLS has one peer, not a group: ff02::7\n" },
		{ "sockcat --tls -u 255.255.255.255 1",
		    "sockcat: DTLS has one peer, not a group: "
		    "255.255.255.255\n" },
		{ "sockcat --chat --tls -u h", "sockcat: a chat makes its "
		    "words by TLS 1.3, which -u has not: add --expect or "
		    "--tls-pin\n" },
		{ "sockcat --chat --tls -u -l --tls-cert c", "sockcat: a chat "
		    "makes its words by TLS 1.3, which -u has not: add "
		    "--expect or --tls-pin\n" },
	};

	REFUSED(t, 1);
}

TEST(bad_values_are_refused)
{
	static const struct wrong	t[] = {
		{ "sockcat --tls --tls-min 1.1 h 1",
		    "sockcat: --tls-min must be 1.2 or 1.3: 1.1\n" },
		{ "sockcat --tls --tls-alpn h2, h 1", "sockcat: a name in the "
		    "list of protocols is empty: h2,\n" },
		{ "sockcat --tls --tls-alpn ,h2 h 1", "sockcat: a name in the "
		    "list of protocols is empty: ,h2\n" },
		{ "sockcat --tls --tls-keylog - h 1", "sockcat: --tls-keylog: "
		    "standard output is for the data; /dev/stderr is a file, "
		    "too\n" },
		{ "sockcat --tls --tls-keylog l --output l h 1", "sockcat: "
		    "--output and --tls-keylog cannot write to one file: l\n" },
		{ "sockcat --tls --tls-cert= h 1",
		    "sockcat: --tls-cert: value empty: ''\n" },
	};

	char	line[512];

	REFUSED(t, 1);
	snprintf(line, sizeof(line), "sockcat --tls --tls-alpn h2,%0256d h 1",
	    0);
	CHECK_INT(plan_of(&plan, line), 1);
	CHECK(strstr(plan_said, "protocols is too long: h2,000") != NULL);
	snprintf(line, sizeof(line), "sockcat --tls --tls-alpn %0255d,h2 h 1",
	    0);
	if (good(line))
		plan_free(&plan);
}

/* ---- --explain ---------------------------------------------------------- */

TEST(a_client_tells_what_is_verified)
{
	check_told("sockcat --explain --tls h 1",
	    "layer: TLS 1.2 or later, as client\n"
	    "verified: chain and dates, by the system's CAs; the name h\n"
	    "certificate: none\n");
	check_told("sockcat --explain --tls --tls-ca a --tls-crl r --tls-name "
	    "n --tls-cert c --tls-key k --tls-alpn h2 --tls-ciphers x h 1",
	    "layer: TLS 1.2 or later, as client; ciphers x\n"
	    "verified: chain and dates, by the CAs of a; not revoked by r; "
	    "the name n\n"
	    "certificate: c, key k\n"
	    "protocols: h2\n");
	check_told("sockcat --explain --tls --tls-min 1.3 " PIN " h 1",
	    "layer: TLS 1.3, as client\nverified: the fingerprint\n");
	check_told("sockcat --explain --tls --tls-ca a " PIN " " PIN " h 1",
	    "by the CAs of a; the name h; one of 2 fingerprints\n");
	check_told("sockcat --explain --tls --tls-insecure h 1",
	    "\nnot verified: who the server is\n");
	check_told("sockcat --explain -u --tls h 1",
	    "layer: DTLS 1.2, as client\n");
	check_told("sockcat --explain --tls --tls-keylog l h 1",
	    "report: the session keys, to the file l\n");
	check_told("ncat --explain --ssl h 1",
	    "end without close_notify: counts as an end\n");
}

TEST(a_server_tells_what_is_verified)
{
	check_told("sockcat --explain -l --tls 1",
	    "layer: TLS 1.2 or later, as server\n"
	    "not verified: who the clients are\n"
	    "certificate: made for this run\n");
	check_told("sockcat --explain -l --tls --tls-cert c --tls-client-ca a "
	    "--tls-crl r " PIN " 1",
	    "verified: chain and dates, by the CAs of a; not revoked by r; "
	    "the fingerprint\n"
	    "certificate: c\n");
	check_told("sockcat --explain -l -k -u --tls 1",
	    "one peer after the other\n");
}

TEST(a_chat_tells_of_its_words)
{
	check_told("sockcat --explain --chat --tls h",
	    "layer: TLS 1.3, as client\n"
	    "verified: by six words, which both people compare\n");
	check_told("sockcat --explain --chat --tls --expect bob",
	    "verified: the known fingerprint of bob; by six words, which "
	    "both people compare\n");
}
