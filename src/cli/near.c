#include <sys/param.h>

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "base/program.h"
#include "base/diag.h"
#include "cli/subjects.h"

/*
 * The options of the near end: commands, inputs, chats, rooms, framing, and
 * access lists; and the consequences of all of them together.
 */

/* After this time of silence, a UDP peer counts as gone. */
#define UDP_IDLE	(300 * NSEC_PER_SEC)
/* The same with --forward, where a session is a socket and costs little. */
#define FORWARD_IDLE	(60 * NSEC_PER_SEC)
/* Most clients at once, where no --max-conns is given. */
#define MANY		1000
/* The most that fits into a length of six digits. */
#define LEN6_MAX	999999
#define FRAME_MAX	((uint64_t)16 << 20)
/* Bytes of a message that fits into a datagram with its frame. */
#define DGRAM_MAX	65500
#define DTLS_MAX	16370

/* ---- Setters ------------------------------------------------------------ */

int
set_exec(struct parse *p, const char *arg)
{
	struct plan_exec	*exec = &p->plan->exec;

	if (p->row->act != ACT_LUA_EXEC &&
	    arg[strspn(arg, " \f\n\r\t\v")] == '\0')
		return refuse(p, "empty command");
	p->plan->near = PLAN_EXEC;
	exec->command = arg;
	exec->how = p->row->act == ACT_SH_EXEC ? EXEC_SHELL :
	    p->row->act == ACT_LUA_EXEC ? EXEC_SCRIPT :
	    p->dialect->defaults->exec.how;
	return 0;
}

/* The room that a row stands for. */
int
set_room(struct parse *p, const char *arg)
{
	(void)arg;
	p->plan->near = PLAN_HUB;
	p->plan->hub = (enum plan_hub)actions[p->row->act].min;
	return 0;
}

int
set_access(struct parse *p, const char *arg)
{
	struct plan		*plan = p->plan;
	enum act		 act = p->row->act;
	struct access_rule	*rules = reallocarray(plan->access,
				    plan->naccess + 1, sizeof(*rules));

	if (rules == NULL)
		return refuse_memory(p);
	plan->access = rules;
	rules[plan->naccess++] = (struct access_rule){
		.deny = act == ACT_DENY || act == ACT_DENYFILE,
		.file = act == ACT_ALLOWFILE || act == ACT_DENYFILE,
		.spec = arg
	};
	p->seen[ACT_ACCESS] = true;
	return 0;
}

int
set_input(struct parse *p, const char *arg)
{
	struct plan	*plan = p->plan;
	const char	**inputs = reallocarray(plan->inputs,
			    plan->ninputs + 1, sizeof(*inputs));

	if (inputs == NULL)
		return refuse_memory(p);
	plan->inputs = inputs;
	inputs[plan->ninputs++] = arg;
	return 0;
}

/* Refuses a format in which another letter than these follows a %. */
int
set_tag(struct parse *p, const char *arg)
{
	const char	*s;

	for (s = strchr(arg, '%'); s != NULL; s = strchr(s + 2, '%'))
		if (s[1] == '\0' || strchr("apnf%", s[1]) == NULL)
			return refuse(p, "--tag knows %%a, %%p, %%n, %%f and "
			    "%%%%: %s", arg);
	p->plan->serve.tag = arg;
	return 0;
}

/* A name is shown in lines that others read. */
int
set_name(struct parse *p, const char *arg)
{
	if (*arg == '\0')
		return p->dialect->bad_value(p, "empty", "''");
	for (const char *s = arg; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return refuse(p, "--name: a name has no control "
			    "characters");
	p->plan->chat.name = arg;
	return 0;
}

/* ---- Tags --------------------------------------------------------------- */

static bool
near_tag_has(const char *tag, char field)
{
	for (tag = strchr(tag, '%'); tag != NULL; tag = strchr(tag + 2, '%'))
		if (tag[1] == field)
			return true;
	return false;
}

/*
 * With -l -k, a tag stands before the lines of inputs if the tag has %f, and
 * otherwise before the lines of clients. Senders of datagrams are not
 * numbered, for the end of such a sender cannot be known.
 */
int
seal_tag(struct parse *p)
{
	struct plan	*plan = p->plan;
	const char	*tag = plan->serve.tag;
	bool		 peers = plan->mode == PLAN_LISTEN && plan->keep_open;

	if (tag == NULL)
		return 0;
	if (plan->ninputs == 0 && near_tag_has(tag, 'f'))
		return refuse(p, "must use --input with %%f of --tag");
	if (plan->ninputs > 0 && (!peers || near_tag_has(tag, 'f'))) {
		if (near_tag_has(tag, 'a') || near_tag_has(tag, 'p'))
			return refuse(p, "an input has no %%a and %%p: --tag "
			    "%s", tag);
		plan->input_tag = tag;
		plan->serve.tag = NULL;
	} else if (!plan_has_connections(plan) &&
	    (plan->near == PLAN_STDIO || plan->near == PLAN_ECHO) &&
	    near_tag_has(tag, 'n'))
		return refuse(p, "--tag has no %%n with -u");
	return 0;
}

/* ---- Messages and chats ------------------------------------------------- */

int
seal_chat(struct parse *p)
{
	struct plan		*plan = p->plan;
	struct plan_frame	*frame = &plan->frame;
	struct end_policy	*end = &plan->end;
	/* A message is limited by the digits of its length and a datagram. */
	uint64_t		 most = plan->type == TYPE_DGRAM ?
				    plan->tls.on ? DTLS_MAX : DGRAM_MAX :
				    frame->how == FRAME_LEN6 ? LEN6_MAX :
				    frame->how == FRAME_U16BE ? UINT16_MAX :
				    UINT32_MAX;

	frame->max = MIN(frame->max == 0 ? FRAME_MAX : frame->max, most);
	if (plan->near == PLAN_CHAT) {
		/*
		 * A chat is over when the peer leaves. A script gets a second
		 * to answer: the peer may have shut down a single direction.
		 */
		end->far_limit[RULE_RECEIVED] =
		    end->far_limit[RULE_EXCHANGED] =
		    end->idle >= 0 ? end->idle : NSEC_PER_SEC;
		end->far_limit[RULE_SENDING] = end->far_limit[RULE_SILENT] = 0;
		/* A person who leaves has said all. */
		end->silence_fails = end->cut_resets = false;
		end->null_wait = 0;
	}
	if (plan->near == PLAN_HUB && !plan_has_connections(plan))
		return refuse(p, "a room needs connections, not datagrams");
	if (frame->how == FRAME_NONE)
		return 0;
	/* Messages must be separate. */
	if (plan->serve.concurrent && plan->near == PLAN_STDIO)
		return refuse(p, "cannot use --framing and %s: the bytes of "
		    "clients are joined", p->seen[ACT_STDIN] ? "--stdin" :
		    p->seen[ACT_MERGE] ? "--merge" : plan->serve.tag != NULL ?
		    "--tag" : "--max-conns");
	if (plan->near == PLAN_ECHO && plan->crlf)
		return refuse(p, "cannot use --echo, --framing and -C");
	if (frame->how == FRAME_LINE && frame->input_all)
		return refuse(p, "--framing=line cannot tell where "
		    "--frame-input=all ends");
	if (plan->crlf && frame->how != FRAME_LINE && !frame->input_all)
		return refuse(p, "cannot use -C and --framing=%s: no line "
		    "ends are sent", framing_name(frame->how));
	return 0;
}

/* ---- Commands and servers ----------------------------------------------- */

/* A child gets the socket itself, unless we have to see bytes or time. */
static bool
near_may_hand_over(const struct plan *plan)
{
	const struct end_policy	*end = &plan->end;

	return plan->type == TYPE_STREAM && !plan->tls.on && !plan->crlf &&
	    plan->frame.how == FRAME_NONE && plan->interval <= 0 &&
	    plan->taps.delay <= 0 && !faults_any(&plan->faults) &&
	    !plan->taps.telnet &&
	    plan->taps.dump == NULL && plan->taps.dump_bare == NULL &&
	    plan->taps.output == NULL && !plan->service.stats &&
	    plan->progress.when == PROGRESS_NEVER &&
	    end->idle < 0 && end->total < 0 && end->linger < 0 &&
	    end->max_reads == 0 && !plan->no_stdin && !plan->no_stdout &&
	    plan->mover == MOVER_AUTO;
}

/* Finds the program that runs the script of --lua-exec. */
static int
near_seal_lua(struct parse *p)
{
	static const char	*const luas[] = { "lua5.4", "lua5.3", "lua" };
	struct plan_exec	*exec = &p->plan->exec;
	char			 path[PATH_MAX];
	size_t			 i = 0;

	if (access(exec->command, R_OK) == -1)
		return refuse_as(p, TEXT_SCRIPT, exec->command,
		    reason_text(errno));
	while (program_find(luas[i], path) == -1)
		if (++i == sizeof(luas) / sizeof(luas[0]))
			return refuse(p, "--lua-exec: no Lua in PATH "
			    "(lua5.4, lua5.3 or lua)%s", p->dialect->stop);
	exec->interpreter = strdup(path);
	return exec->interpreter != NULL ? 0 : refuse_memory(p);
}

/*
 * After its output has ended, a child may still read; the peer's end is just
 * the end of the child's input.
 */
static void
near_seal_exec(struct plan *plan)
{
	struct end_policy	*end = &plan->end;

	end->near_eof = plan->type == TYPE_DGRAM ? NEAR_CLOSE :
	    NEAR_HALF_CLOSE;
	end->far_eof = FAR_WAIT;
	end->null_keeps = end->delay_half_close = end->idle_after_near = false;
	end->ignore_output_error = end->confirm = true;
	plan->exec.handover = near_may_hand_over(plan);
	plan->exec.hints_lines = plan->exec.hints_lines && plan->verbose > 0 &&
	    plan->type == TYPE_DGRAM && plan->dgram == DGRAM_RECORD &&
	    plan->frame.how == FRAME_NONE;
}

void
seal_concurrent(struct parse *p)
{
	struct plan		*plan = p->plan;
	struct plan_serve	*serve = &plan->serve;

	if (plan->near == PLAN_HUB)
		plan->keep_open = true;
	serve->concurrent = plan->mode == PLAN_LISTEN && plan->keep_open &&
	    (plan->near == PLAN_EXEC || plan->near == PLAN_HUB ||
	    plan_dials_for_clients(plan) ||
	    (plan->near == PLAN_ECHO && !plan_echoes_in_batches(plan)) ||
	    (plan_has_connections(plan) && (serve->concurrent ||
	    p->seen[ACT_STDIN] ||
	    p->seen[ACT_MERGE] || serve->tag != NULL ||
	    p->seen[ACT_MAX_CONNS])));
}

/* Each worker has its share of the clients, and no file of its own. */
static int
near_check_workers(const struct parse *p)
{
	const struct plan	*plan = p->plan;
	int			 n = plan->serve.workers;

	if (n == 0)
		return 0;
	if (plan->service.activated > 0)
		return refuse(p, "--workers: the sockets of LISTEN_FDS are "
		    "open already");
	if (plan->progress.when != PROGRESS_NEVER)
		return refuse(p, "--workers: several processes cannot draw "
		    "the line of --progress");
	if (plan->service.tcp_info != NULL)
		return refuse(p, "--workers: several processes cannot write "
		    "the file of --tcp-info");
	return plan->serve.max_conns >= n ? 0 : refuse(p, "--max-conns %d "
	    "leaves no client for some of %d workers", plan->serve.max_conns,
	    n);
}

int
seal_serve(struct parse *p)
{
	struct plan		*plan = p->plan;
	struct plan_serve	*serve = &plan->serve;
	int			 rc;

	if (plan->near == PLAN_ECHO && !plan_has_connections(plan) &&
	    plan->frame.how != FRAME_NONE && !plan_echoes_in_batches(plan))
		return refuse(p, "cannot use --echo, -u and --framing with "
		    "faults, -C, -i or a copy of the traffic");
	if ((plan->near == PLAN_EXEC || plan->near == PLAN_ECHO) &&
	    (p->seen[ACT_STDIN] || p->seen[ACT_MERGE] ||
	    (serve->tag != NULL && plan->near == PLAN_EXEC)))
		return refuse(p, "--stdin, --merge and --tag are for standard "
		    "input and output");
	if (p->seen[ACT_LUA_EXEC] && (rc = near_seal_lua(p)) != 0)
		return rc;
	if (plan->near == PLAN_EXEC)
		near_seal_exec(plan);
	/*
	 * A peer that sends datagrams may leave without a word, and holds a
	 * place until then. A room's member may be silent.
	 */
	if (plan->type == TYPE_DGRAM && plan->end.idle < 0 &&
	    plan->near == PLAN_FORWARD)
		plan->end.idle = FORWARD_IDLE;
	else if (plan->type == TYPE_DGRAM && plan->end.idle < 0 &&
	    plan->mode == PLAN_LISTEN && plan->keep_open &&
	    (plan->near == PLAN_EXEC ||
	    (plan->near == PLAN_ECHO && !plan_echoes_in_batches(plan)) ||
	    (plan->tls.on && plan->near != PLAN_HUB)))
		plan->end.idle = UDP_IDLE;
	if (plan->mode == PLAN_LISTEN && plan->keep_open &&
	    !p->seen[ACT_MAX_CONNS] && serve->max_conns == 0)
		serve->max_conns = plan->near == PLAN_STDIO ? 1 : MANY;
	rc = near_check_workers(p);
	return rc != 0 ? rc : forward_check(p);
}
