#include <inttypes.h>
#include <stdio.h>

#include "cli/option.h"

/*
 * What --explain says of chats, of rooms, and of their messages.
 */

static const char *
explain_chat_own_name(const struct plan *plan)
{
	return plan->chat.name != NULL && *plan->chat.name != '\0' ?
	    plan->chat.name : "the user";
}

static void
explain_chat(const struct plan *plan)
{
	printf("chat: you are %s; each line you type is sent as it is\n",
	    explain_chat_own_name(plan));
	if (plan->mode == PLAN_CONNECT && plan->type != TYPE_DGRAM)
		printf("a room: if the peer's first line is the greeting of "
		    "one, lines that begin with a colon go to it\n");
	printf("shown: %s%s%s\n", plan->chat.raw_text ?
	    "what the peer sends, as it is" : "each line of the peer, "
	    "without control characters; on a terminal behind ",
	    plan->chat.raw_text ? "" : plan->chat.timestamps ?
	    "the time and its name" : "its name",
	    plan->chat.bell ? ", and the bell rings" : "");
}

static void
explain_talk(const struct plan *plan)
{
	printf("room: you are %s; what you type is said to all\n",
	    explain_chat_own_name(plan));
	printf("shown: who comes and leaves, and each line behind %sits "
	    "speaker's name, without control characters\n",
	    plan->chat.timestamps ? "the time and " : "");
}

/* Where no flow of the standard streams shows them. */
static void
explain_messages(const struct plan *plan)
{
	static const char	*const what[] = {
		[HUB_BROKER] = "are passed on whole",
		[HUB_TALK] = "are lines of the room",
		[HUB_NCAT] = "are passed on whole"
	};

	if (plan->frame.how == FRAMING_NONE ||
	    (plan->near != PLAN_HUB && plan->near != PLAN_ECHO))
		return;
	printf("messages: (%s) of at most %" PRIu64 " bytes %s\n",
	    framing_name(plan->frame.how), plan->frame.max,
	    plan->near == PLAN_ECHO ? "go back; the first that is none ends "
	    "its connection" : what[plan->hub]);
}

void
explain_chatting(const struct plan *plan)
{
	if (plan->near == PLAN_CHAT)
		explain_chat(plan);
	if (plan->near == PLAN_HUB && plan->hub == HUB_TALK)
		explain_talk(plan);
	explain_messages(plan);
	if (plan->chat.log != NULL)
		printf("log: what is said, appended to %s\n", plan->chat.log);
}
