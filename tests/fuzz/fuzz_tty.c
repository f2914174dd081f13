/*
 * The terminal of whoever chats: bytes choose what is typed and what the peer
 * says, in pieces of any size, and when the terminal freezes, gets another
 * size, or stays silent for a while. Oracles: what is sent is what the keys
 * came to (typist.h), byte for byte; a terminal that knows no sequences but
 * ours (glass.h) shows what was said, announced and typed, in that order and
 * where it belongs (page.h), with the cursor in its place; whatever was held
 * back goes on when it can; all comes to rest.
 */
#include "tty_checks.h"

/* There has to be room for the marks of a line shown in part. */
#define COLS_LEAST	4
/* Of one input. */
#define TYPED_MOST	((size_t)9000)
#define SAID_MOST	((size_t)8 << 10)
#define HEARD_MOST	((size_t)96 << 10)

static const char *const prompts[] = { "me> ", ">", "a longer prompt: ",
	"\346\274\242\345\255\227> ", "\033bad\001\377> " };
static const char *const announcements[] = { "somebody came",
	"one two three four five six seven eight nine ten",
	"averylongwordthatfitsnowhereatallandmustbebroken somewhere",
	"\346\274\242\345\255\227 \346\274\242\345\255\227 e\314\201  x", "",
	"from 127.0.0.1 port 4711" };
static const char *const typings[] = { "a", "hello", "\346\274\242", "\t",
	"e\314\201", "\360\237\230\200", "\r", "\033[D", "\033[C", "\033[H",
	"\033[F", "\033[3~", "\b", "\177", "\013", "\025", "\014",
	"\346\274", "\033[", "\033", "\033[1;5", "\026\033", "\026\001", ":q",
	"::x\n", "/quit\n", ":me is here\n", "\033[A", "\027", "\031",
	"\033[200~", "\033[201~", "\033OM", "\342\200\256", "\377\302",
	"\346\274\242\346\274\242\346\274\242", "0123456789abcdef",
	"\360\237\221\251\342\200\215\360\237\222\273", "\030\030", "words " };
static const char *const hearings[] = { "hello\n", "* forged\n", "\n", "\r\n",
	"* forged", "\033[2J\033[H", "\033]0;x\a", "\302\233", "\346\274\242",
	"\346", "\274\242", "e\314\201", "\t", "0123456789abcdef",
	"\342\200\256", "\033[36m", "\b\b\b", "\r* forged", "\314\201",
	"\346\274\242\345\255\227\346\274\242\345\255\227", " ", "a b " };

#define PICK(table, tape)						\
	((table)[tape_upto((tape), sizeof(table) / sizeof((table)[0]) - 1)])

static void
type(const char *s, size_t n)
{
	unsigned char b;
	size_t i;

	for (i = 0; i < n && rig.typed.n < TYPED_MOST && !rig.hung; i++) {
		b = (unsigned char)s[i];
		/* A search or a paste: see tests/cli/test_console.sh. */
		if (b == 'R' - '@' || (b == '~' && foreseen.nseq == 3 &&
		    foreseen.state == IN_CSI &&
		    memcmp(foreseen.seq, "200", 3) == 0))
			continue;
		/* Whether that ends the input has to be known. */
		if (foreseen.unknown && b == foreseen.eof)
			type("\r", 1);
		if (typist_byte(&foreseen, b) == TYPIST_ENTER) {
			foreseen.len = foreseen.cursor = 0;
			foreseen.unknown = false;
		}
		rig.typed.b[rig.typed.n++] = (char)b;
		if (write(rig.keyboard[1], &b, 1) != 1)
			err(1, "the keyboard");
	}
}

static void
hear(const char *s, size_t n)
{
	size_t before = ring_used(&rig.heard);

	if (rig.heard_all > HEARD_MOST)
		return;
	rig.inert->ops->push(rig.inert, (const unsigned char *)s, n, false,
	    &rig.heard);
	rig.heard_all += ring_used(&rig.heard) - before;
}

static void
some_bytes(struct tape *t, void (*to)(const char *, size_t))
{
	char bytes[32];
	size_t i, n = 1 + tape_upto(t, sizeof(bytes) - 1);

	for (i = 0; i < n; i++)
		bytes[i] = (char)tape_byte(t);
	to(bytes, n);
}

static void
repeated(const char *s, size_t times, void (*to)(const char *, size_t))
{
	if (to == type && strpbrk(s, "\r\n") != NULL)
		times %= 16;
	while (times-- > 0)
		to(s, strlen(s));
}

static void
say(const char *text)
{
	locale_t was;

	if ((rig.said += strlen(text) + 4) > SAID_MOST)
		return;
	console_say(&rig.ep, text);
	was = enter_utf8();
	page_say(&page, text);
	uselocale(was);
}

static void
udp_probe(const char *prompt)
{
	console_prompt(&rig.ep, prompt);
	set_prompt(prompt);
}

static void
be_silent(void)
{
	locale_t was;

	if (!page_is_torn(&page))
		return;
	rig.c->pause.fire(rig.c->pause.arg);
	was = enter_utf8();
	page_pause(&page);
	uselocale(was);
}

/* A line taller than the terminal leaves something of it above. */
static void
change_size(unsigned cols, unsigned rows)
{
	rig.frozen = false;
	settle();
	glass_resize(&glass, cols, rows);
	if (glass_start(&glass, glass.y) < glass.top)
		glass.lost = true;
	page.smeared[page.rows] |= glass.lost;
	resize(cols, rows);
	page.cols = cols;
	(void)raise(SIGWINCH);
	settle();
	glass.lost = false;
}

/*
 * Stopped, and awake again: who knows what has been written meanwhile. What
 * was typed is drawn once more, below the cursor.
 */
static void
wake_up(void)
{
	rig.frozen = false;
	settle();
	if (!rig.ended && !page.open && !glass_at(&glass)->wrapped)
		page_typed_once(&page);
	else if (!rig.ended && !page.open)
		page.smeared[page.rows] = true;
	(void)raise(SIGCONT);
}

static void
hang_up(void)
{
	if (!rig.hung)
		(void)close(rig.keyboard[1]);
	rig.hung = true;
}

static void
do_something_else(struct tape *t)
{
	switch (tape_byte(t) % 16) {
	case 0:
		hang_up();
		break;
	case 1:
	case 2:
		wake_up();
		break;
	case 3:
		console_bell(&rig.ep);
		break;
	default:
		rig.deaf = !rig.deaf;
		break;
	}
}

static void
do_something(struct tape *t)
{
	switch (tape_byte(t) % 16) {
	case 0:
	case 1:
		some_bytes(t, type);
		break;
	case 2:
	case 3:
	case 4:
		repeated(PICK(typings, t), 1, type);
		break;
	case 5:
		repeated(PICK(typings, t), tape_upto(t, 1000), type);
		break;
	case 6:
		some_bytes(t, hear);
		break;
	case 7:
	case 8:
		repeated(PICK(hearings, t), 1, hear);
		break;
	case 9:
		repeated(PICK(hearings, t), tape_upto(t, 20000), hear);
		break;
	case 10:
		say(PICK(announcements, t));
		break;
	case 11:
		udp_probe(PICK(prompts, t));
		break;
	case 12:
		be_silent();
		break;
	case 13:
		change_size(COLS_LEAST + (unsigned)tape_upto(t, GLASS_COLS -
		    COLS_LEAST),
		    1 + (unsigned)tape_upto(t, 11));
		break;
	case 14:
		rig.frozen = tape_byte(t) % 2;
		break;
	default:
		do_something_else(t);
		break;
	}
}

static void
finish(void)
{
	locale_t was;
	enum io io;
	bool known;

	rig.frozen = rig.deaf = false;
	settle();
	check_rest();
	do {
		io = half_shut(&rig.ep.out);
		FUZZ_CHECK(io != IO_FAIL);
		was = enter_utf8();
		page_pause(&page);
		uselocale(was);
		settle();
	} while (io == IO_AGAIN);
	check_rest();
	known = !typist.unknown && typist.len < 200;
	if (!rig.ended && typist.len > 0) {
		was = enter_utf8();
		show_typed();
		uselocale(was);
	}
	endpoint_close(&rig.ep);
	was = enter_utf8();
	look();
	uselocale(was);
	if (known)
		check_screen(false);
	check_sent();
	close_rig();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tape t = tape_of(data, size);
	unsigned kind = tape_byte(&t), cols, rows;

	if (size > 4096)
		return 0;
	cols = COLS_LEAST + (unsigned)tape_upto(&t, GLASS_COLS - COLS_LEAST);
	rows = 1 + (unsigned)tape_upto(&t, 11);
	open_rig(kind, cols, rows);
	udp_probe(prompts[0]);
	settle();
	while (!tape_over(&t)) {
		do_something(&t);
		settle();
		check_rest();
	}
	finish();
	return 0;
}
