/*
 * What a peer's bytes may cost: each parser gets its largest input in the worst
 * form, whole and byte by byte, and has a budget of CPU time. The budget is far
 * above what a linear parser needs, and far below a quadratic one.
 */
#include <sys/resource.h>
#include <netdb.h>

#include "chat/name_look.h"
#include "filter/sanitize.h"
#include "frame/frame.h"
#include "layer/layer_http.h"
#include "layer/layer_telnet.h"
#include "net.h"
#include "reach/proxyp.h"
#include "reach/resolve.h"
#include "proxy_fake.h"
#include "serve/proxy_http.h"
#include "serve/proxy_login.h"
#include "serve/proxy_socks.h"

/* Sanitizers look at each byte that is moved: several times the cost. */
#define BUDGET		(300 * NSEC_PER_MSEC)
#define BUDGET_SANITIZED	(4 * BUDGET)
#define INPUT_MAX	((size_t)4 << 20)
#define INPUT_USUAL	((size_t)256 << 10)

static char		input[INPUT_MAX + 1];
static size_t		ninput;

static int64_t
cpu_used(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_SELF, &u);
	return ((int64_t)u.ru_utime.tv_sec + u.ru_stime.tv_sec) *
	    NSEC_PER_SEC + ((int64_t)u.ru_utime.tv_usec +
	    u.ru_stime.tv_usec) * 1000;
}

static void
check_cost(const char *what, int64_t since)
{
	const char *sanitized = getenv("SANITIZED");
	int64_t cost = cpu_used() - since;
	int64_t budget = sanitized != NULL && strcmp(sanitized, "yes") == 0 ?
	    BUDGET_SANITIZED : BUDGET;

	if (getenv("COSTS") != NULL)
		printf("%6lld us %s\n", (long long)cost / 1000, what);
	if (cost < budget)
		return;
	printf("%s: %lld ms of CPU time\n", what,
	    (long long)(cost / NSEC_PER_MSEC));
	CHECK(cost < budget);
}

/* Fills the input: first, then unit as often as it fits, then last. */
static void
fill(size_t size, const char *first, const char *unit, const char *last)
{
	size_t n = strlen(unit), end = size - strlen(last);

	ninput = strlen(first);
	memcpy(input, first, ninput);
	for (; n > 0 && ninput + n <= end; ninput += n)
		memcpy(input + ninput, unit, n);
	memcpy(input + ninput, last, strlen(last));
	ninput += strlen(last);
	input[ninput] = '\0';
}

/* ---- Filters ------------------------------------------------------------ */

/* Pushes the input in pieces, and drops what comes out. */
static void
push_all(const char *what, struct filter *f, size_t piece)
{
	struct iovec iov[2];
	int64_t since = cpu_used();
	struct ring ring;
	size_t n;

	ring_init(&ring, (size_t)4 << 20);
	if (f == NULL || ring_space(&ring, iov, 1) == -1)
		abort();
	for (size_t i = 0; i < ninput; i += n) {
		n = ninput - i < piece ? ninput - i : piece;
		f->ops->push(f, (unsigned char *)input + i, n,
		    i + n == ninput, &ring);
		ring_take(&ring, ring_used(&ring));
		while (filter_more(f) && filter_fault(f) == NULL) {
			f->ops->push(f, NULL, 0, false, &ring);
			ring_take(&ring, ring_used(&ring));
		}
	}
	check_cost(what, since);
	ring_free(&ring);
	filter_free(f);
}

/* ---- A proxy server ----------------------------------------------------- */

static const char *const fields[][2] = {
	{ "Connection:b\r\n", "a:\r\n" },
	{ "Connection:", "a," },
	{ "", "Connection:a,b,c\r\n" },
	{ "A: b\r\n", " \n" },
	{ "A: b", " \t" },
	{ "A:", "\r" },
	{ "Proxy-Authorization: Digest ", "a=b," },
	{ "Proxy-Authorization: Digest a=\"", "\\\"" },
	{ "Proxy-Authorization: Basic ", "AAAA" },
	{ "Content-Length: ", "0" },
};
#define NFIELDS	(sizeof(fields) / sizeof(fields[0]))

static void
fill_header(const char *line, const char *const form[2])
{
	char first[128];

	(void)snprintf(first, sizeof(first), "%s\r\n%s", line, form[0]);
	fill(HTTP_HEAD_MAX, first, form[1], "\r\n\r\n");
}

/* As serve/proxy_server.c takes a request. */
static void
take_request(const char *what, size_t piece)
{
	static const struct proxy_login joe = { "joe", 3, "pw", false };
	struct buf in = { .mem = NULL }, out = { .mem = NULL };
	int64_t since = cpu_used();
	struct proxy_guard guard;
	struct http_request r;
	size_t n, seen = 0, used = 0;

	proxy_guard_init(&guard, &joe, false, NULL);
	for (size_t i = 0; i < ninput && used == 0; i += n) {
		n = ninput - i < piece ? ninput - i : piece;
		buf_add(&in, input + i, n);
		used = http_head_end(buf_data(&in), in.used, &seen);
	}
	if (http_request_parse(&r, in.mem + in.head, used, false) == 0) {
		(void)proxy_guard_http(&guard, &r, 0);
		http_request_rewrite(&r, 1, &out);
	}
	check_cost(what, since);
	proxy_guard_free(&guard);
	buf_free(&in);
	buf_free(&out);
}

TEST(requests_to_a_proxy_server_cost_little)
{
	for (size_t i = 0; i < NFIELDS; i++) {
		fill_header("GET http://h/ HTTP/1.1", fields[i]);
		take_request(fields[i][0], ninput);
		take_request(fields[i][0], 1);
	}
}

TEST(so_do_the_answers_of_its_targets)
{
	for (size_t i = 0; i < NFIELDS; i++) {
		fill_header("HTTP/1.1 200 OK", fields[i]);
		push_all(fields[i][0], filter_http_reply(1, false, false),
		    ninput);
		push_all(fields[i][0], filter_http_reply(1, false, false), 1);
	}
	fill(INPUT_USUAL, "", "HTTP/1.1 100 C\n\n", "");
	push_all("interim answers", filter_http_reply(1, false, false), 4096);
	push_all("interim answers", filter_http_reply(1, false, false), 1);
	push_all("... to HTTP/1.0", filter_http_reply(0, false, false), 4096);
	push_all("... to HTTP/1.0", filter_http_reply(0, false, false), 1);
}

TEST(so_do_bodies_in_chunks)
{
	static const char *const forms[][2] = { { "", "1\r\na\r\n" },
	    { "1;", "e" }, { "0\r\n", "A: b\r\n" } };
	struct http_request r = { .body = HTTP_BODY_CHUNKED };
	struct buf header, early;

	for (size_t i = 0; i < 3; i++)
		for (size_t piece = 1; piece <= INPUT_USUAL;
		    piece *= INPUT_USUAL) {
			fill(INPUT_USUAL, forms[i][0], forms[i][1], "");
			header = early = (struct buf){ .mem = NULL };
			push_all(forms[i][1], filter_http_request(&r, &header,
			    &early), piece);
		}
}

TEST(so_do_the_messages_of_SOCKS)
{
	struct socks_request r;
	struct socks_login l;
	enum socks_method m;
	int64_t since;

	fill(1024, "\x04\x01\x01\x01", "u", "");
	since = cpu_used();
	memcpy(input + 4, "\0\0\0\1", 4);
	for (size_t n = 0; n <= ninput; n++)
		(void)socks4_request(&r, (unsigned char *)input, n);
	check_cost("SOCKS 4", since);
	for (unsigned v = 1; v <= 5; v += 4) {
		memset(input, 255, 1024);
		input[0] = (char)v;
		input[3] = 3;
		since = cpu_used();
		for (size_t n = 0; n <= 1024; n++) {
			(void)socks5_request(&r, (unsigned char *)input, n);
			(void)socks5_login(&l, (unsigned char *)input, n);
			(void)socks5_greeting((unsigned char *)input, n, true,
			    &m);
		}
		check_cost("SOCKS 5", since);
	}
}

/* ---- Proxies of others -------------------------------------------------- */

static void
take_reply(const char *what, size_t piece)
{
	static struct proxy_fake fake;
	static struct layer_http http;
	const struct proxy_login login = { "joe", 3, "pw", false };
	const struct proxy_request request = { .kind = PROXY_HTTP,
	    .host = "h", .port = 80, .login = &login };
	struct http_challenge c = { .scheme = HTTP_OPEN };
	int64_t since = cpu_used();
	struct error err;

	fake_begin(&fake, input, ninput);
	fake.piece = piece;
	layer_http_init(&http, &fake.layer, &request, &c, &err);
	(void)fake_run(&fake, &http.layer);
	check_cost(what, since);
	http.layer.ops->close(&http.layer);
	http_challenge_free(&c);
}

TEST(so_do_the_replies_of_other_proxies)
{
	static const char *const forms[][2] = {
		{ "Proxy-Authenticate: Digest ", "a=\"\"," },
		{ "Proxy-Authenticate: Digest ", "Digest a=\"b" },
		{ "Proxy-Authenticate: Digest qop=\"", "a," },
		{ "", "Proxy-Authenticate: Digest realm=\"\r\n" },
		{ "", "Proxy-Authenticate:\r\n" },
		{ "", "Connection: a\r\n" },
		{ "Connection: ", "a," },
		{ "A: b\r\n", " \n" },
		{ "", "a" },
		{ "Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n"
		    "Proxy-Authenticate: Basic\r\n\r\n", "1\r\na\r\n" },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		fill_header("HTTP/1.1 407 No", forms[i]);
		take_reply(forms[i][1], 0);
		take_reply(forms[i][1], 1);
	}
	fill(HTTP_REPLY_MAX, "", "HTTP/1.1 100 C\n\n", "");
	take_reply("interim replies", 0);
	take_reply("interim replies", 1);
}

/* ---- Below the data ----------------------------------------------------- */

TEST(so_do_headers_of_the_PROXY_protocol)
{
	static const char v2[] = "\r\n\r\n\0\r\nQUIT\n\x21\x11";
	struct proxyp_parser p;
	size_t taken;
	int64_t since;

	for (size_t piece = 1; piece <= PROXYP_V2_MAX; piece += 511) {
		memset(input, 0, PROXYP_V2_MAX);
		memcpy(input, v2, sizeof(v2) - 1);
		input[14] = (char)((PROXYP_V2_MAX - 16) >> 8);
		proxyp_begin(&p);
		since = cpu_used();
		for (size_t i = 0; i < PROXYP_V2_MAX; i += taken)
			if (proxyp_feed(&p, input + i, PROXYP_V2_MAX - i <
			    piece ? PROXYP_V2_MAX - i : piece, &taken) !=
			    PROXYP_MORE)
				break;
		check_cost("version 2", since);
	}
	fill(PROXYP_V1_MAX + 10, "PROXY UNKNOWN", " ", "");
	since = cpu_used();
	proxyp_begin(&p);
	for (size_t i = 0; i < ninput; i++)
		(void)proxyp_feed(&p, input + i, 1, &taken);
	check_cost("version 1", since);
}

/* The peer asks, and reads no answer. */
TEST(so_does_the_negotiation_of_telnet)
{
	struct telnet t = { .strip = true };
	unsigned char *at = (unsigned char *)input;
	int64_t since;

	for (size_t piece = INPUT_MAX; piece > 0; piece /= INPUT_MAX) {
		for (size_t i = 0; i + 3 <= INPUT_MAX; i += 3) {
			at[i] = TELNET_IAC;
			at[i + 1] = i / 3 / 256 % 2 ? TELNET_DO : TELNET_WILL;
			at[i + 2] = (unsigned char)(i / 3);
		}
		since = cpu_used();
		for (size_t i = 0; i < INPUT_MAX; i += piece)
			(void)telnet_read(&t, at + i, piece);
		check_cost("questions", since);
		CHECK(t.answers.used <= TELNET_ANSWERS * TELNET_ANSWER);
		buf_free(&t.answers);
		t = (struct telnet){ .strip = true };
		memset(input, TELNET_IAC, INPUT_MAX);
		since = cpu_used();
		for (size_t i = 0; i < INPUT_MAX; i += piece)
			(void)telnet_read(&t, at + i, piece);
		check_cost("doubled bytes", since);
	}
}

/* ---- Messages and text -------------------------------------------------- */

TEST(so_do_framed_messages_and_lines)
{
	static const struct {
		enum frame_format	 format;
		const char		*first, *unit;
	} forms[] = {
		{ FRAME_LINE, "", "\n" }, { FRAME_LINE, "", "a" },
		{ FRAME_LINE, "", "ab\n" },
		{ FRAME_NETSTRING, "", "0:," },
		{ FRAME_NETSTRING, "", "1:a," },
		{ FRAME_NETSTRING, "999999:", "a" },
		{ FRAME_LEN6, "", "000001:a" },
		{ FRAME_U16BE, "", "aa" }, { FRAME_U32BE, "", "aaaa" },
	};
	struct frame_rules rules = { .max = INPUT_MAX };

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		for (size_t piece = 1; piece <= INPUT_USUAL; piece *= 512) {
			rules.format = forms[i].format;
			fill(INPUT_USUAL, forms[i].first, forms[i].unit, "");
			push_all("decode", filter_frame_decode(&rules, true),
			    piece);
			push_all("check", filter_frame_check(&rules), piece);
			push_all("each", filter_frame_each(&rules), piece);
			push_all("encode", filter_frame_encode(&rules, false),
			    piece);
			push_all("whole lines", filter_whole_lines(65536),
			    piece);
		}
}

static const char *const texts[] = { "\xcc\x81", "\xff", "\xe2\x80\x8d",
    "\xf0\x9f\x91", "\r", "\n", "\xef\xb7\xba", "a" };
#define NTEXTS	(sizeof(texts) / sizeof(texts[0]))

TEST(so_does_text_that_has_to_be_made_inert)
{
	const struct sanitize_options opt = { .finish_line = true };
	static char shown[INPUT_MAX];
	int64_t since;

	for (size_t i = 0; i < NTEXTS; i++) {
		fill(INPUT_USUAL, "", texts[i], "");
		push_all(texts[i], filter_sanitize(&opt), ninput);
		push_all(texts[i], filter_sanitize(&opt), 1);
		fill(4 * INPUT_USUAL, "", texts[i], "");
		since = cpu_used();
		(void)sanitize_text(input, shown, sizeof(shown));
		check_cost("sanitize_text", since);
	}
}

/* As many names as a member's lines in 16 KiB. */
TEST(so_do_the_names_of_people)
{
	struct name_look look;
	int64_t since;

	for (size_t i = 0; i < NTEXTS; i++) {
		fill(96, "", texts[i], "");
		since = cpu_used();
		for (int n = 0; n < 160; n++) {
			(void)name_fault(input);
			(void)name_is_numbered(input);
			name_look_at(input, &look);
		}
		check_cost("names", since);
	}
}

/* ---- Names of hosts ----------------------------------------------------- */

#define ADDRESSES	20000

static struct addrinfo	infos[ADDRESSES];
static struct sockaddr_in6 sixes[ADDRESSES];
static struct sockaddr_in fours[ADDRESSES];
static size_t		resolved;
static bool		is_resolved;

/* A name with as many addresses as fit into an answer of DNS, and more. */
int
getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
    struct addrinfo **res)
{
	(void)host, (void)port;
	if ((hints->ai_flags & AI_NUMERICHOST) != 0)
		return EAI_NONAME;
	for (uint32_t i = 0; i < ADDRESSES; i++) {
		bool six = i >= ADDRESSES / 2;

		sixes[i] = (struct sockaddr_in6){ .sin6_family = AF_INET6 };
		memcpy(&sixes[i].sin6_addr, &i, sizeof(i));
		fours[i] = (struct sockaddr_in){ .sin_family = AF_INET,
		    .sin_addr.s_addr = i };
		infos[i] = (struct addrinfo){
		    .ai_addr = six ? (void *)&sixes[i] : (void *)&fours[i],
		    .ai_addrlen = six ? sizeof(sixes[i]) : sizeof(fours[i]),
		    .ai_next = i + 1 < ADDRESSES ? &infos[i + 1] : NULL };
	}
	*res = infos;
	return 0;
}

void
freeaddrinfo(struct addrinfo *res)
{
	(void)res;
}

static void
on_resolved(void *arg, struct addr_list *list, const struct error *err)
{
	(void)arg;
	CHECK_INT(err->num, 0);
	CHECK_INT(err->gai, 0);
	resolved = list->n;
	is_resolved = true;
	addr_list_free(list);
}

TEST(so_do_the_addresses_of_a_name)
{
	const struct resolve_options opt = { .family = AF_UNSPEC,
	    .interleaves = true };
	int64_t since = cpu_used(), end = clock_now() + PATIENCE;

	begin();
	CHECK(resolve_start(loop, &opt, "many.test", NULL, false, on_resolved,
	    NULL) != NULL);
	while (!is_resolved && clock_now() < end)
		turn(NSEC_PER_MSEC);
	check_cost("addresses", since);
	CHECK(resolved >= 256);
	finish();
}
