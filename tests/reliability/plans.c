/*
 * The plans of trials: those that torture goes through, and random ones.
 *
 * From the environment: SOCKCAT, and the ports of servers beside the trial:
 * TRIAL_ECHO, TRIAL_TLS (echo inside TLS), TRIAL_PROXY.
 */
#include "lib/port.h"
#include "lib/tool.h"
#include "reliability/trial.h"

uint64_t dice_state = 1;

const char *const plan_names[NPLANS] = {
	"connect", "connect-files", "listen-unix", "echo", "command",
	"command-handed", "udp", "udp-echo", "forward", "room", "tls", "proxy",
	"accept-proxy"
};

/* ---- What plans are made of --------------------------------------------- */

static void
plan_step(struct trial *t, enum verb verb, unsigned n)
{
	if (t->nsteps < TRIAL_STEPS)
		t->steps[t->nsteps++] = (struct step){ verb, n };
}

static void
plan_program(struct trial *t)
{
	const char *name = getenv("SOCKCAT");

	trial_add(t, "%s", name != NULL ? name : "./sockcat");
}

/* The program listens. */
static void
plan_connects(struct trial *t)
{
	if (t->proto == PROTO_UNIX) {
		trial_add(t, "-U");
		trial_add(t, "%s", t->path);
		return;
	}
	trial_add(t, "127.0.0.1");
	trial_add(t, "%s", t->port);
}

static void
plan_listens(struct trial *t)
{
	t->listens = true;
	trial_add(t, "-l");
	plan_connects(t);
}

static void
plan_begin(struct trial *t, enum proto proto, const char *dir)
{
	t->proto = proto;
	t->clients = 1;
	snprintf(t->port, sizeof(t->port), "%u", proto == PROTO_NONE ? 0 :
	    port_free());
	snprintf(t->path, sizeof(t->path), "%s/s", dir);
}

/* Both ends send, and both end in order. */
static void
plan_exchange(struct trial *t, unsigned peer, size_t input)
{
	t->in_size = input;
	t->to_out = BYTES_PEER;
	t->to_peer = BYTES_INPUT;
	t->whole_out = t->whole_peer = t->calm = true;
	plan_step(t, VERB_SEND, peer);
	plan_step(t, VERB_FIN, 0);
	plan_step(t, VERB_DRAIN, 0);
}

/* Clients that get back what they sent. */
static void
plan_serve(struct trial *t, unsigned bytes)
{
	t->input = INPUT_NULL;
	t->to_peer = BYTES_PEER;
	t->to_out = BYTES_ANY;
	t->keeps = t->whole_peer = t->calm = true;
	t->clients = 2;
	if (t->proto == PROTO_UDP) {
		for (int i = 0; i < 3; i++) {
			plan_step(t, VERB_SEND, bytes);
			plan_step(t, VERB_RECV, bytes);
		}
		t->clients = 1;
		return;
	}
	plan_step(t, VERB_SEND, bytes);
	plan_step(t, VERB_FIN, 0);
	plan_step(t, VERB_DRAIN, 0);
}

static void
plan_add_all(struct trial *t, const char *const *words)
{
	while (*words != NULL)
		trial_add(t, "%s", *words++);
}

#define WORDS(...) (const char *const[]){ __VA_ARGS__, NULL }

/* ---- Those of torture --------------------------------------------------- */

static bool
plan_make_server(struct trial *t, int number, const char *dir)
{
	const char *echo = getenv("TRIAL_ECHO");

	plan_begin(t, number == 7 ? PROTO_UDP : PROTO_TCP, dir);
	plan_serve(t, number == 7 ? 1000 : 50000);
	switch (number) {
	case 3:
		plan_add_all(t, WORDS("-k", "--echo"));
		break;
	case 4:
		plan_add_all(t, WORDS("-k", "--session-timeout", "999", "-c",
		    "exec cat"));
		break;
	case 5:
		plan_add_all(t, WORDS("-k", "-e", "cat"));
		break;
	case 7:
		plan_add_all(t, WORDS("-k", "-u", "--echo"));
		break;
	case 8:
		if (echo == NULL)
			return false;
		trial_add(t, "-k");
		trial_add(t, "--forward=127.0.0.1:%s", echo);
		break;
	case 9:
		trial_add(t, "--broker");
		t->to_peer = BYTES_ANY;
		break;
	}
	plan_listens(t);
	return true;
}

static bool
plan_make_client(struct trial *t, int number, const char *dir)
{
	const char *tls = getenv("TRIAL_TLS"), *proxy = getenv("TRIAL_PROXY");

	plan_begin(t, number == 10 ? PROTO_NONE : PROTO_TCP, dir);
	trial_add(t, "-N");
	plan_exchange(t, 70000, 100000);
	if (number == 1) {
		t->input = INPUT_FILE;
		t->output = OUTPUT_FILE;
	} else if (number == 10) {
		if (tls == NULL)
			return false;
		plan_add_all(t, WORDS("--tls", "--tls-insecure"));
		snprintf(t->port, sizeof(t->port), "%s", tls);
		t->to_out = BYTES_INPUT;
		t->to_peer = BYTES_ANY;
		t->nsteps = 0;
	} else if (number == 11) {
		if (proxy == NULL)
			return false;
		trial_add(t, "-x");
		trial_add(t, "127.0.0.1:%s", proxy);
	}
	plan_connects(t);
	return true;
}

bool
plan_keeps(int number)
{
	const char *name = plan_names[number];

	return strncmp(name, "command", 7) == 0 || strcmp(name, "forward") == 0;
}

bool
plan_make(struct trial *t, int number, const char *dir)
{
	plan_program(t);
	snprintf(t->name, sizeof(t->name), "%s", plan_names[number]);
	switch (number) {
	case 0:
	case 1:
	case 10:
	case 11:
		return plan_make_client(t, number, dir);
	case 2:
		plan_begin(t, PROTO_UNIX, dir);
		trial_add(t, "-N");
		plan_exchange(t, 70000, 100000);
		plan_listens(t);
		return true;
	case 12:
		plan_begin(t, PROTO_TCP, dir);
		plan_add_all(t, WORDS("-N", "--accept-proxy"));
		t->greeting = "PROXY TCP4 192.0.2.1 198.51.100.2 1000 443\r\n";
		plan_exchange(t, 70000, 100000);
		plan_listens(t);
		return true;
	case 6:
		plan_begin(t, PROTO_UDP, dir);
		plan_add_all(t, WORDS("-u", "-w", "300ms"));
		plan_connects(t);
		t->in_size = 3000;
		t->to_out = BYTES_PEER;
		t->to_peer = BYTES_INPUT;
		t->calm = true;
		plan_step(t, VERB_RECV, 3000);
		plan_step(t, VERB_SEND, 500);
		plan_step(t, VERB_SEND, 500);
		plan_step(t, VERB_DRAIN, 0);
		return true;
	default:
		return plan_make_server(t, number, dir);
	}
}

/* ---- Random plans -------------------------------------------------------- */

enum effect {
	PLAIN = 0,
	NOISY = 1 << 0,		/* may fail, or end early */
	CUTS = 1 << 1,		/* the output may lack what the peer sent */
	ALTERS_OUT = 1 << 2,	/* the bytes of the output are others */
	ALTERS_UP = 1 << 3,	/* those for the peer are others */
	MUTE = 1 << 4,
	KEEPS = 1 << 5,
	WAITS = 1 << 6,		/* a client may not count */
	LOSES = 1 << 7,		/* by request */
	RETURNS = 1 << 8,	/* connects again */
	INPUTLESS = 1 << 9,	/* reads no input */
	UNMET = 1 << 10,	/* the peer is not what is asked for */
	PATIENT = 1 << 11	/* tries until it is */
};

#define ALTERS	(ALTERS_OUT | ALTERS_UP | NOISY)

static const struct option {
	const char	*words;		/* @ stands for the trial's directory */
	int		 effects;
} options[] = {
	{ "-v", PLAIN }, { "-vv", PLAIN }, { "-vvv", PLAIN },
	{ "--stats", PLAIN }, { "--stats=json", NOISY }, { "--sum", NOISY },
	{ "-N", PLAIN }, { "--no-shutdown", NOISY }, { "-q 1", NOISY | CUTS },
	{ "-q -1", NOISY | CUTS }, { "-q 0", NOISY | CUTS },
	{ "-w 400ms", NOISY | CUTS }, { "-w 5", NOISY | CUTS },
	{ "--idle-timeout 300ms", NOISY | CUTS },
	{ "--session-timeout 300ms", NOISY | CUTS },
	{ "--deadline 2", NOISY | CUTS }, { "-d", NOISY | INPUTLESS },
	{ "--recv-only", NOISY | INPUTLESS }, { "--send-only", NOISY | CUTS },
	{ "-C", ALTERS }, { "-t", ALTERS }, { "--framing=len6", ALTERS },
	{ "--framing=line", ALTERS }, { "--framing=u32 --frame-input=all",
	    ALTERS }, { "--max-frame 100", ALTERS },
	{ "--hex-dump @/hex", NOISY }, { "-o @/dump", NOISY },
	{ "--output @/both", NOISY }, { "--append-output", NOISY },
	{ "--rate-limit 1M", NOISY }, { "--rate-limit 300k,10k", NOISY },
	{ "--delay 5ms,3ms", NOISY }, { "--mover=copy", PLAIN },
	{ "--mover=splice", PLAIN }, { "--mover=sendfile", PLAIN },
	{ "-I 4096", PLAIN }, { "-O 4096", PLAIN }, { "-n", PLAIN },
	{ "--timestamps", ALTERS }, { "--tag=%a:%p ", ALTERS },
	{ "--merge=line", NOISY }, { "--merge=chunk", NOISY },
	{ "-W 2", NOISY | CUTS }, { "-i 5ms", NOISY }, { "--keepalive", NOISY },
	{ "--sockopt TCP_NODELAY=1", NOISY }, { "-T af11", NOISY },
	{ "--tcp-info @/info", NOISY }, { "--progress=force", NOISY },
	{ "--size 5000", NOISY }, { "--reset-after 5000", LOSES | CUTS },
	{ "--reset-after 50ms", LOSES | CUTS },
	{ "--slow-close 50ms", NOISY }, { "--fault-seed 7", NOISY },
	{ "--stall-after 5000 --session-timeout 300ms", LOSES | CUTS },
	{ "--drop 10", ALTERS | CUTS }, { "--duplicate 10", ALTERS },
	{ "--reorder 10", ALTERS }, { "--oob", NOISY },
	{ "--send-oob=x", ALTERS }, { "--edit", ALTERS }, { "--chat", ALTERS },
	{ "--talk", ALTERS | CUTS | KEEPS },
	{ "--broker", ALTERS | CUTS | KEEPS }, { "--echo", ALTERS | CUTS },
	{ "-c cat", ALTERS | CUTS | MUTE }, { "-e cat", ALTERS | CUTS | MUTE },
	{ "-e false", ALTERS | CUTS | MUTE },
	{ "-e true", ALTERS | CUTS | MUTE },
	{ "-e yes", ALTERS | CUTS | MUTE }, { "-e no-such-program", ALTERS },
	{ "-E", NOISY }, { "--input @/in", ALTERS },
	{ "--input /no/such", NOISY },
	{ "--accept-proxy", ALTERS | CUTS | WAITS },
	{ "--send-proxy", ALTERS }, { "--send-proxy=2", ALTERS },
	{ "-k", NOISY | KEEPS }, { "-k --max-conns 1", NOISY | KEEPS },
	{ "-k --max-conns 5", NOISY | KEEPS | CUTS },
	{ "-k --workers 2 --echo", ALTERS | KEEPS | CUTS },
	{ "--compat=nc", NOISY | MUTE | CUTS | ALTERS },
	{ "--compat=ncat", NOISY | MUTE | CUTS | ALTERS },
	{ "--compat=traditional", NOISY | MUTE | CUTS | ALTERS },
	{ "--stdin=all", NOISY }, { "--stdin=last", NOISY },
	{ "--stdin=none", NOISY }, { "--backlog 1", NOISY },
	{ "--raw-text", NOISY }, { "--log @/log", NOISY }, { "--bell", NOISY },
	{ "--name=x", NOISY }, { "--dgram=line", NOISY },
	{ "--dgram=block", NOISY }, { "--explain", ALTERS | CUTS },
	{ "--version", ALTERS | CUTS }, { "--help", ALTERS | CUTS },
	{ "-z", NOISY | CUTS | ALTERS | MUTE }, { "-r", NOISY },
	{ "--wait-for", NOISY | CUTS | PATIENT },
	{ "--reconnect", NOISY | CUTS | RETURNS },
	{ "--retry 1 --retry-delay 50ms", NOISY },
	{ "--allow 127.0.0.1", NOISY },
	{ "--deny 127.0.0.0/8", NOISY | CUTS | WAITS },
	{ "--port-file @/port", NOISY }, { "--ready-fd 9", NOISY },
	{ "-F", NOISY | CUTS }, { "--inetd", ALTERS | CUTS },
	{ "--peer-fd 0,1", ALTERS | CUTS }, { "--telnet", ALTERS },
	{ "--crlf", ALTERS }, { "-s 127.0.0.1", NOISY }, { "--mptcp", NOISY },
	{ "-b", NOISY }, { "--tls", ALTERS | CUTS | WAITS | UNMET },
	{ "--tls --tls-insecure", ALTERS | CUTS | UNMET },
	{ "--serve-proxy", ALTERS | CUTS | MUTE | WAITS },
	{ "-x 127.0.0.1:1", NOISY | CUTS | UNMET },
	{ "--forward 127.0.0.1:1", ALTERS | CUTS },
	{ "--sandbox=require", NOISY }, { "--sandbox=off", NOISY },
	{ "--no-such-option", NOISY }, { "-w never", NOISY }
};

enum { NOPTIONS = sizeof(options) / sizeof(options[0]) };

/* The words of an option, at blanks; the last blank of a value stays. */
static void
plan_option(struct trial *t, const struct option *o, const char *dir)
{
	char copy[128], text[256], *rest = copy, *word, *at;

	snprintf(copy, sizeof(copy), "%s", o->words);
	while ((word = strsep(&rest, " ")) != NULL) {
		if ((at = strchr(word, '@')) != NULL) {
			*at = '\0';
			snprintf(text, sizeof(text), "%s%s%s", word, dir,
			    at + 1);
			word = text;
		}
		if (*word != '\0')
			trial_add(t, "%s", word);
	}
}

static unsigned
plan_amount(void)
{
	static const unsigned sizes[] = { 0, 1, 10, 4096, 5000, 65537, 300000 };
	unsigned n = sizes[dice(sizeof(sizes) / sizeof(sizes[0]))];

	return n == 0 ? 0 : n + dice(n / 2 + 1);
}

/* What the peer does; never waits without an end. */
static void
plan_script(struct trial *t)
{
	unsigned n = dice(6), most = t->proto == PROTO_UDP ? 3000 : 300000;
	unsigned amount, end = dice(10);

	/* A listener waits for ever for its first datagram. */
	if (t->proto == PROTO_UDP)
		plan_step(t, VERB_SEND, 1 + dice(2000));
	while (n-- > 0)
		switch (dice(5)) {
		case 0:
		case 1:
			amount = plan_amount();
			plan_step(t, VERB_SEND, amount > most ? most : amount);
			break;
		case 2:
		case 3:
			plan_step(t, VERB_RECV, 1 + plan_amount());
			break;
		case 4:
			plan_step(t, VERB_QUIET, 30 + dice(150));
			break;
		}
	if (end == 0)
		plan_step(t, VERB_RST, 0);
	else if (end == 1)
		plan_step(t, VERB_CLOSE, 0);
	else {
		if (end != 2)
			plan_step(t, VERB_FIN, 0);
		plan_step(t, VERB_DRAIN, 0);
	}
}

static void
plan_ends(struct trial *t)
{
	static const enum input inputs[] = { INPUT_PIPE, INPUT_PIPE, INPUT_FILE,
	    INPUT_NULL };

	t->input = inputs[dice(4)];
	t->in_size = t->input == INPUT_NULL ? 0 : plan_amount();
	if (t->proto == PROTO_UDP && t->in_size > 3000)
		t->in_size = 3000;
	t->output = dice(10) == 0 ? OUTPUT_LEAVES : dice(4) == 0 ?
	    OUTPUT_FILE : OUTPUT_PIPE;
	t->leave_after = plan_amount();
}

/* What may be expected of a run with these effects. */
static void
plan_expect(struct trial *t, int effects)
{
	bool stream = t->proto != PROTO_UDP;

	t->to_out = (effects & ALTERS_OUT) != 0 ? BYTES_ANY : BYTES_PEER;
	t->to_peer = (effects & ALTERS_UP) != 0 ? BYTES_ANY : BYTES_INPUT;
	t->keeps = (effects & KEEPS) != 0 && t->listens;
	/* Who connects again goes on until the input has ended. */
	t->waits = ((effects & WAITS) != 0 && t->listens) ||
	    ((effects & RETURNS) != 0 &&
	    (effects & (MUTE | INPUTLESS)) != 0) ||
	    ((effects & PATIENT) != 0 && (effects & UNMET) != 0);
	t->clients = t->keeps ? 1 + dice(3) : 1;
	t->whole_out = stream && (effects & CUTS) == 0 && !t->keeps &&
	    t->to_out != BYTES_ANY;
	t->whole_peer = stream && (effects & LOSES) == 0 && !t->keeps &&
	    t->to_peer != BYTES_ANY;
	/* Later clients get the rest of the input. */
	if (t->keeps)
		t->to_out = t->to_peer = BYTES_ANY;
	t->mutes = (effects & MUTE) != 0 || t->output == OUTPUT_LEAVES;
}

void
plan_random(struct trial *t, const char *dir)
{
	static const enum proto protos[] = { PROTO_TCP, PROTO_TCP, PROTO_TCP,
	    PROTO_UNIX, PROTO_UDP };
	unsigned n = dice(4);
	const struct option *o;
	int effects = PLAIN;

	snprintf(t->name, sizeof(t->name), "random");
	plan_program(t);
	plan_begin(t, protos[dice(5)], dir);
	plan_ends(t);
	while (n-- > 0) {
		o = &options[dice(NOPTIONS)];
		effects |= o->effects;
		plan_option(t, o, dir);
	}
	if (t->proto == PROTO_UDP) {
		trial_add(t, "-u");
		trial_add(t, "--session-timeout=1");
		effects |= NOISY | CUTS;
	}
	if (dice(2) == 0)
		plan_listens(t);
	else
		plan_connects(t);
	plan_script(t);
	plan_expect(t, effects);
}
