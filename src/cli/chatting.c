#include <string.h>

#include "base/num.h"
#include "cli/option.h"

/*
 * The options of chats, of hubs and of framing, and what follows from all of
 * them together.
 */

/* The most that fits into a length of six digits, and of two bytes. */
#define LEN6_MAX	999999
#define U16_MAX		65535
#define FRAME_MAX	((uint64_t)16 << 20)
/* Where a whole one of each of many is kept; and the most that a room's ring
 * can be made for. */
#define FRAME_MANY	((uint64_t)1 << 20)
#define ROOM_MAX	((uint64_t)256 << 20)
/* In the largest datagram, with what stands around it. */
#define DGRAM_MAX	65500

int
set_near(struct parse *p, const struct action *a, const char *arg)
{
	(void)arg;
	p->plan->near = (enum plan_near)a->min;
	return 0;
}

/* What ncat calls a chat has many peers. */
int
set_hub(struct parse *p, const struct action *a, const char *arg)
{
	(void)arg;
	p->plan->near = PLAN_HUB;
	p->plan->hub = (enum plan_hub)a->min;
	if (p->plan->compat == COMPAT_NCAT && a->min == HUB_TALK)
		p->plan->hub = HUB_NCAT;
	return 0;
}

/* A name stands in lines of others. */
int
set_name(struct parse *p, const struct action *a, const char *arg)
{
	(void)a;
	if (*arg == '\0')
		return p->who->bad_value(p, "empty", "''");
	for (const char *s = arg; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return refuse(p, "--name: a name has no control "
			    "characters");
	p->plan->chat.name = arg;
	return 0;
}

int
set_max_frame(struct parse *p, const struct action *a, const char *arg)
{
	const char	*why;

	(void)a;
	why = num_size(arg, &p->plan->frame.max);
	if (why == NULL && p->plan->frame.max == 0)
		why = "too small";
	if (why == NULL && p->plan->frame.max > UINT32_MAX)
		why = "too large";
	return why == NULL ? 0 : p->who->bad_value(p, why, arg);
}

/* Is a whole message of each of many peers kept at a time? */
static bool
chatting_keeps_many(const struct parse *p)
{
	const struct plan	*plan = p->plan;

	if (plan->near == PLAN_HUB)
		return plan->hub != HUB_TALK;
	return plan->near == PLAN_STDIO && plan->keep_open &&
	    (joins_streams(p) || p->seen[ACT_MAX_CONNS]);
}

/*
 * No message is longer than its length can tell, or a datagram hold; and
 * where there may be many, more is to be asked for.
 */
static void
chatting_seal_frame(const struct parse *p, struct plan_frame *frame)
{
	if (frame->max == 0)
		frame->max = chatting_keeps_many(p) ? FRAME_MANY : FRAME_MAX;
	if (p->plan->type == TYPE_DGRAM && frame->max > DGRAM_MAX)
		frame->max = DGRAM_MAX;
	if (frame->how == FRAMING_LEN6 && frame->max > LEN6_MAX)
		frame->max = LEN6_MAX;
	if (frame->how == FRAMING_U16BE && frame->max > U16_MAX)
		frame->max = U16_MAX;
}

/* A message that cannot be told from another is none. */
static int
chatting_check_frame(const struct parse *p)
{
	const struct plan	*plan = p->plan;
	enum plan_framing	 how = plan->frame.how;

	if (how == FRAMING_NONE)
		return 0;
	if (p->seen[ACT_MERGE] && plan->serve.merge == MERGE_CHUNK)
		return refuse(p, "cannot use --merge=chunk and --framing: a "
		    "message is kept whole");
	if (plan->serve.tag != NULL && plan->frame.output_raw)
		return refuse(p, "cannot use --tag and --frame-output=raw");
	if (plan->near == PLAN_HUB && plan->frame.max > ROOM_MAX)
		return refuse(p, "--max-frame is at most 256M in a room");
	if (plan->near == PLAN_ECHO && plan->crlf)
		return refuse(p, "cannot use --echo, --framing and -C");
	if (how == FRAMING_LINE && plan->frame.input_all)
		return refuse(p, "--framing=line cannot tell where "
		    "--frame-input=all ends");
	if (plan->crlf && how != FRAMING_LINE && !plan->frame.input_all)
		return refuse(p, "cannot use -C and --framing=%s: no line "
		    "ends are sent", framing_name(how));
	return 0;
}

/* What only people need. */
static int
chatting_check_people(const struct parse *p)
{
	static const struct {
		enum act	 act;
		const char	*text;
	} needs[] = {
		{ ACT_NAME, "--name" }, { ACT_TIMESTAMPS, "--timestamps" },
		{ ACT_LOG, "--log" }
	};
	const struct plan	*plan = p->plan;

	if (plan->near == PLAN_CHAT ||
	    (plan->near == PLAN_HUB && plan->hub != HUB_BROKER))
		return 0;
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (p->seen[needs[i].act])
			return refuse(p, "must use --chat or --talk with %s",
			    needs[i].text);
	return 0;
}

void
chat_by_default(struct parse *p)
{
	static const enum act of_chats[] = { ACT_CHAT, ACT_NAME,
	    ACT_TIMESTAMPS, ACT_BELL, ACT_RAW_TEXT, ACT_LOG, ACT_VERBOSE,
	    ACT_EXPLAIN };
	bool others[ACT_COUNT];

	if (p->plan->compat != COMPAT_NATIVE || p->nwords > 0 ||
	    p->plan->mode != PLAN_CONNECT || p->later != NULL)
		return;
	memcpy(others, p->seen, sizeof(others));
	for (size_t i = 0; i < sizeof(of_chats) / sizeof(of_chats[0]); i++)
		others[of_chats[i]] = false;
	if (!p->seen[ACT_CHAT] &&
	    memchr(others, true, sizeof(others)) != NULL)
		return;
	p->plan->near = PLAN_CHAT;
	p->plan->mode = PLAN_LISTEN;
	p->plan->chat.implied = !p->seen[ACT_CHAT];
	p->seen[ACT_CHAT] = p->seen[ACT_LISTEN] = true;
}

/*
 * A chat is over when the peer leaves. A script gets a second to answer what
 * was said: its peer may have ended one direction only.
 */
static void
chat_seal_end(struct parse *p)
{
	struct end_policy *end = &p->plan->end;
	int64_t wait = end->idle >= 0 ? end->idle : NSEC_PER_SEC;

	end->far_limit[RULE_RECEIVED] = end->far_limit[RULE_EXCHANGED] = wait;
	end->far_limit[RULE_SENDING] = end->far_limit[RULE_SILENT] = 0;
	end->silence_fails = false;
}

int
seal_chatting(struct parse *p)
{
	struct plan	*plan = p->plan;
	int		 rc;

	if ((rc = chatting_check_people(p)) != 0)
		return rc;
	chatting_seal_frame(p, &plan->frame);
	if ((rc = chatting_check_frame(p)) != 0)
		return rc;
	if (plan->near == PLAN_CHAT)
		chat_seal_end(p);
	if (plan->near != PLAN_HUB)
		return 0;
	if (plan->type == TYPE_DGRAM)
		return refuse(p, "a room needs connections, not datagrams");
	plan->keep_open = true;
	if (plan->compat != COMPAT_NCAT)
		return 0;
	/* With --send-only or --recv-only, and open also after the input. */
	plan->hub_one_way = plan->no_stdin || plan->no_stdout;
	if (plan->end.near_eof == NEAR_CLOSE)
		plan->end.near_eof = NEAR_HALF_CLOSE;
	/* The clients' words are for the clients alone. */
	plan->no_stdout = true;
	return 0;
}
