#include <string.h>

#include "base/num.h"
#include "base/program.h"
#include "cli/option.h"
#include "message/messages.h"

/*
 * The personalities: which grammar, which words, and what is assumed when
 * the command line says nothing. The dialects differ in these values only.
 */

/* When the far end has ended, so long may the input be silent. */
#define FAR_BEGIN	NSEC_PER_SEC
#define FAR_PAUSE	(2 * NSEC_PER_SEC)
/* The reader of our output has left: so soon may the peer end as well. */
#define READER_WAIT	(NSEC_PER_SEC / 4)

/*
 * The peers' tools leave at once, or never. Where they would lose what the
 * input still has to give, the same rules hold for all; a script of theirs
 * may hold the input open for ever. A program that was started with them has
 * a moment to begin: its peer may have ended before, having nothing to say.
 */
#define FAR_LIMITS(sending, silent) { \
	[RULE_FILE] = -1, [RULE_ENDLESS] = 0, [RULE_FILTER] = -1, \
	[RULE_SHARED] = FAR_BEGIN, [RULE_RECEIVED] = 0, \
	[RULE_EXCHANGED] = FAR_PAUSE, [RULE_SENDING] = (sending), \
	[RULE_SILENT] = (silent) \
}

static const struct plan native = {
	.compat = COMPAT_NATIVE, .messages = &messages_native,
	.connect_timeout = -1, .accept_timeout = -1,
	.race_delay = 250 * NSEC_PER_MSEC,
	.end = {
		.near_eof = NEAR_HALF_CLOSE, .far_eof = FAR_BY_INPUT,
		.far_limit = FAR_LIMITS(-1, FAR_BEGIN),
		.silence_fails = true, .refusal_fails = true,
		.reader_wait = READER_WAIT,
		.null_keeps = true, .delay_half_close = true,
		.linger = -1, .idle = -1, .total = -1,
		.confirm = true
	},
	.udp_last_sender = true, .udp_next = true, .block = 65507,
	.exec = { .split = true, .search = true },
	.sock = { .tos = -1, .ttl = -1, .min_ttl = -1, .backlog = -1,
	    .oob_inline = true }
};

static const struct plan openbsd = {
	.compat = COMPAT_OPENBSD, .messages = &messages_openbsd,
	.v4_only_any = true, .show_mapped = true,
	.repeat_addrs = true,
	.keep_socket_file = true,
	.connect_timeout = -1, .accept_timeout = -1, .race_delay = -1,
	.end = {
		.near_eof = NEAR_KEEP, .far_eof = FAR_WAIT,
		.far_limit = FAR_LIMITS(FAR_PAUSE, NSEC_PER_SEC / 4),
		.reader_wait = READER_WAIT,
		.linger = -1, .idle = -1, .total = -1,
		.refusal_ends = true
	},
	.block = 16384,
	.exec = { .split = true, .search = true },
	.sock = { .tos = -1, .ttl = -1, .min_ttl = -1, .backlog = -1,
	    .reuseport = true },
	.quiet_reset = true, .closed_stdout_ok = true
};

static const struct plan traditional = {
	.compat = COMPAT_TRADITIONAL, .messages = &messages_traditional,
	.family = FAMILY_INET, .v4_only_any = true,
	.descending = true,
	.connect_timeout = -1, .accept_timeout = -1, .race_delay = -1,
	.end = {
		.near_eof = NEAR_KEEP, .far_eof = FAR_BY_INPUT,
		.far_limit = FAR_LIMITS(FAR_PAUSE, NSEC_PER_SEC / 4),
		.reader_wait = READER_WAIT,
		.linger = -1, .idle = -1, .total = -1,
		.idle_after_near = true, .refusal_ends = true
	},
	.block = 8192,
	.sock = { .tos = -1, .ttl = -1, .min_ttl = -1, .backlog = -1,
	    .reuseport = true },
	.quiet_reset = true, .closed_stdout_ok = true
};

static const struct plan ncat = {
	.compat = COMPAT_NCAT, .messages = &messages_ncat,
	.numeric_service = true, .two_sockets = true, .v6_only = true,
	.repeat_addrs = true,
	.keep_socket_file = true,
	.connect_timeout = 10 * NSEC_PER_SEC, .accept_timeout = -1,
	.race_delay = -1,
	.end = {
		.near_eof = NEAR_HALF_CLOSE, .far_eof = FAR_BY_INPUT,
		.far_limit = FAR_LIMITS(FAR_PAUSE, NSEC_PER_SEC / 4),
		.reader_wait = READER_WAIT,
		.linger = -1, .idle = -1, .total = -1,
		.refusal_ends = true
	},
	.block = 8192,
	.exec = { .split = true, .escapes = true, .hides_status = true },
	.serve = { .max_conns = 100, .turn_away = true,
	    .stdin_for = STDIN_ALL, .merge = MERGE_CHUNK },
	.access_loose = true,
	.sock = { .tos = -1, .ttl = -1, .min_ttl = -1, .backlog = -1 }
};

static const char	*const called_native[] = { "sockcat", NULL };
static const char	*const called_openbsd[] = {
	"nc", "netcat", "nc.openbsd", NULL
};
static const char	*const called_traditional[] = {
	"nc.traditional", "netcat-traditional", NULL
};
static const char	*const called_ncat[] = { "ncat", NULL };

static const struct personality personalities[] = {
	[COMPAT_NATIVE] = {
		.name = "native", .called = called_native,
		.table = &table_native, .defaults = &native,
		.usage_status = 1, .tail = "",
		.time = time_units, .bad_value = bad_value_native,
		.silent = true, .bad_option = bad_option_native,
		.operands = operands_native
	},
	[COMPAT_OPENBSD] = {
		.name = "openbsd", .called = called_openbsd,
		.table = &table_native, .defaults = &openbsd,
		.usage_status = 1, .tail = "",
		.time = time_openbsd, .bad_value = bad_value_openbsd,
		.bad_option = bad_option_openbsd,
		.operands = operands_openbsd
	},
	[COMPAT_TRADITIONAL] = {
		.name = "traditional", .called = called_traditional,
		.table = &table_traditional, .defaults = &traditional,
		.usage_status = 1, .bare = true, .tail = "",
		.time = time_units, .bad_value = bad_value_traditional,
		.bad_option = bad_option_traditional,
		.operands = operands_traditional
	},
	[COMPAT_NCAT] = {
		.name = "ncat", .called = called_ncat,
		.table = &table_ncat, .defaults = &ncat,
		.usage_status = 2, .tail = " QUITTING.", .said = "Ncat",
		.time = time_positive, .bad_value = bad_value_ncat,
		.bad_option = bad_option_ncat, .operands = operands_ncat
	},
};

#define COUNT	(sizeof(personalities) / sizeof(personalities[0]))
/* Symbolic links in a row, as many as Linux follows. */
#define LINKS_MAX	40

const struct personality *
personality_of(enum compat compat)
{
	return &personalities[compat];
}

static const struct personality *
personality_called(const char *base)
{
	for (size_t i = 0; i < COUNT; i++)
		for (size_t j = 0; personalities[i].called[j] != NULL; j++)
			if (strcmp(base, personalities[i].called[j]) == 0)
				return &personalities[i];
	return NULL;
}

static bool
personality_is_any_netcat(const char *base)
{
	return strcmp(base, "nc") == 0 || strcmp(base, "netcat") == 0;
}

const struct personality *
personality_named(const char *name)
{
	for (size_t i = 0; i < COUNT; i++)
		if (strcmp(name, personalities[i].name) == 0)
			return &personalities[i];
	return personality_called(name);
}

const struct personality *
personality_along(const char *called)
{
	char				 path[PATH_MAX];
	const struct personality	*found = NULL, *who;
	const char			*base;
	/* PATH may have changed, or argv[0] be made up. */
	bool				 leads = program_find(called, path) ==
					    0 && program_is_ours(path);

	if (!leads)
		strlcpy(path, called, sizeof(path));
	for (int links = 0; links < LINKS_MAX; links++) {
		base = strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 :
		    path;
		who = personality_called(base);
		if (who == &personalities[COMPAT_NATIVE])
			break;
		if (who != NULL && !personality_is_any_netcat(base))
			return who;
		if (found == NULL)
			found = who;
		if (!leads || program_follow(path) == -1)
			break;
	}
	return found != NULL ? found : &personalities[COMPAT_NATIVE];
}
