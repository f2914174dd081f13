#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "base/program.h"
#include "base/reason.h"
#include "cli/option.h"

/*
 * The options of servers and of the commands that they run, and what follows
 * from all of them together.
 */

/* A UDP peer that says nothing for so long has left, as far as we know. */
#define UDP_IDLE	(300 * NSEC_PER_SEC)
/* Of any personality, where no --max-conns is given. */
#define MANY		1000

static bool
serving_is_blank(const char *s)
{
	while (isspace((unsigned char)*s))
		s++;
	return *s == '\0';
}

static int
serving_no_memory(const struct parse *p)
{
	return refuse(p, "out of memory");
}

/* The plan has room for one command. */
static int
serving_check_one_command(const struct parse *p, enum act other)
{
	if (!p->seen[other])
		return 0;
	return refuse(p, p->plan->compat == COMPAT_NCAT ?
	    "Only one of --exec, --sh-exec, and --lua-exec is allowed." :
	    "cannot use --lua-exec with -e or -c");
}

int
set_exec(struct parse *p, const struct action *a, const char *arg)
{
	int	rc;

	if ((rc = serving_check_one_command(p, ACT_LUA_EXEC)) != 0)
		return rc;
	if (serving_is_blank(arg))
		return refuse(p, "there is no command to run");
	p->plan->near = PLAN_EXEC;
	p->plan->exec.command = arg;
	p->plan->exec.shell = a->min != 0;
	return 0;
}

/* All rules for -e are rules for this option. */
int
set_lua_exec(struct parse *p, const struct action *a, const char *arg)
{
	int	rc;

	(void)a;
	if ((rc = serving_check_one_command(p, ACT_EXEC)) != 0 ||
	    (rc = serving_check_one_command(p, ACT_SH_EXEC)) != 0)
		return rc;
	p->plan->near = PLAN_EXEC;
	p->plan->exec.command = arg;
	p->seen[ACT_EXEC] = true;
	return 0;
}

int
set_echo(struct parse *p, const struct action *a, const char *arg)
{
	(void)a, (void)arg;
	p->plan->near = PLAN_ECHO;
	return 0;
}

int
set_max_conns(struct parse *p, const struct action *a, const char *arg)
{
	const char	*why;
	long long	 n;

	/* Ncat takes any word, as the number that it begins with. */
	if (p->plan->compat == COMPAT_NCAT) {
		p->plan->serve.max_conns = (int)loose_value(arg);
		return 0;
	}
	if ((why = num_int(arg, a->min, a->max, &n)) != NULL)
		return p->who->bad_value(p, why, arg);
	p->plan->serve.max_conns = (int)n;
	return 0;
}

int
set_access(struct parse *p, const struct action *a, const char *arg)
{
	struct plan		*plan = p->plan;
	struct access_rule	*list;
	enum act		 act = p->row->act;

	(void)a;
	list = reallocarray(plan->access, plan->naccess + 1, sizeof(*list));
	if (list == NULL)
		return serving_no_memory(p);
	plan->access = list;
	list[plan->naccess++] = (struct access_rule){
		.deny = act == ACT_DENY || act == ACT_DENYFILE,
		.file = act == ACT_ALLOWFILE || act == ACT_DENYFILE,
		.spec = arg
	};
	p->seen[ACT_ACCESS] = true;
	return 0;
}

/*
 * A child gets the socket itself when nothing has to see the bytes or the
 * clock.
 */
static bool
serving_may_hand_over(const struct plan *plan)
{
	const struct end_policy	*end = &plan->end;

	return plan->type == TYPE_STREAM && !plan->crlf &&
	    plan->frame.how == FRAMING_NONE && plan->interval <= 0 &&
	    plan->taps.delay <= 0 && !plan->taps.telnet &&
	    plan->taps.dump == NULL && plan->taps.dump_bare == NULL &&
	    plan->taps.output == NULL &&
	    end->idle < 0 && end->total < 0 && end->linger < 0 &&
	    end->max_reads == 0 && !plan->no_stdin && !plan->no_stdout &&
	    plan->mover == PLAN_MOVER_AUTO;
}

static int
serving_refuse_script(const struct parse *p, const char *file)
{
	const char	*why = reason_text(errno);

	return p->plan->compat == COMPAT_NCAT ?
	    refuse(p, "Error loading the Lua script: cannot open %s: %s.",
	    file, why) :
	    refuse(p, "--lua-exec: open %s failed: %s", file, why);
}

/* Finds the program that runs the script of --lua-exec. */
static int
serving_seal_lua(struct parse *p)
{
	static const char	*const luas[] = { "lua5.4", "lua5.3", "lua" };
	struct plan_exec	*exec = &p->plan->exec;
	char			 path[PATH_MAX];
	size_t			 i = 0;

	if (access(exec->command, R_OK) == -1)
		return serving_refuse_script(p, exec->command);
	while (program_find(luas[i], path) == -1)
		if (++i == sizeof(luas) / sizeof(luas[0]))
			return refuse(p, "--lua-exec: no Lua in PATH "
			    "(lua5.4, lua5.3 or lua)%s",
			    *p->who->tail != '\0' ? "." : "");
	exec->interpreter = strdup(path);
	return exec->interpreter != NULL ? 0 : serving_no_memory(p);
}

/*
 * A child's last byte is the end of what it says, not of what it hears; the
 * peer's end is just the end of the child's input.
 */
static void
serving_seal_exec(struct plan *plan)
{
	struct end_policy	*end = &plan->end;

	end->near_eof = plan->type == TYPE_DGRAM ? NEAR_CLOSE :
	    NEAR_HALF_CLOSE;
	end->far_eof = FAR_WAIT;
	end->null_keeps = end->delay_half_close = end->idle_after_near = false;
	end->ignore_output_error = end->confirm = true;
	plan->exec.handover = serving_may_hand_over(plan);
	plan->exec.checked = plan->compat == COMPAT_NATIVE;
	plan->exec.hints_lines = plan->verbose > 0 &&
	    plan->type == TYPE_DGRAM && plan->dgram == DGRAM_RECORD &&
	    plan->frame.how == FRAMING_NONE &&
	    (plan->compat == COMPAT_NATIVE || plan->compat == COMPAT_OPENBSD);
	if (plan->type == TYPE_DGRAM && plan->mode == PLAN_LISTEN &&
	    plan->keep_open && end->idle < 0)
		end->idle = UDP_IDLE;
}

bool
joins_streams(const struct parse *p)
{
	return p->seen[ACT_STDIN] || p->seen[ACT_MERGE] ||
	    p->plan->serve.tag != NULL;
}

/* What is about something that does not stand at the near end. */
static int
serving_check_near(const struct parse *p)
{
	const struct plan	*plan = p->plan;

	if (plan->near != PLAN_EXEC && plan->exec.with_stderr)
		return refuse(p, "must use -e or -c with -E");
	if (plan->near != PLAN_EXEC && p->seen[ACT_DGRAM])
		return refuse(p, "must use -e or -c with --dgram");
	if ((plan->near == PLAN_EXEC || plan->near == PLAN_ECHO) &&
	    joins_streams(p))
		return refuse(p, "--stdin, --merge and --tag are for standard "
		    "input and output");
	if (plan->near == PLAN_ECHO && plan->type == TYPE_DGRAM &&
	    (plan->crlf || plan->interval > 0))
		return refuse(p, "cannot use --echo with -u and -C or -i");
	return 0;
}

int
seal_serving(struct parse *p)
{
	struct plan		*plan = p->plan;
	struct plan_serve	*serve = &plan->serve;
	int			 rc;

	if ((rc = serving_check_near(p)) != 0)
		return rc;
	if (p->seen[ACT_LUA_EXEC] && (rc = serving_seal_lua(p)) != 0)
		return rc;
	if (plan->near == PLAN_EXEC)
		serving_seal_exec(plan);
	if (plan->mode != PLAN_LISTEN || !plan->keep_open)
		return 0;
	serve->concurrent = plan->near == PLAN_EXEC ||
	    plan->near == PLAN_HUB ||
	    (plan->type == TYPE_STREAM && (plan->near == PLAN_ECHO ||
	    joins_streams(p) || p->seen[ACT_MAX_CONNS] ||
	    plan->compat == COMPAT_NCAT));
	/* Joined clients are there together: each may await the input. */
	if (serve->concurrent && plan->near == PLAN_STDIO &&
	    plan->compat == COMPAT_NATIVE) {
		plan->end.far_eof = FAR_BY_INPUT;
		/* One that only hears may have left: it takes a place. */
		plan->end.far_limit[RULE_SENDING] =
		    plan->end.far_limit[RULE_EXCHANGED];
	}
	if (!p->seen[ACT_MAX_CONNS] && serve->max_conns == 0)
		serve->max_conns = plan->near == PLAN_STDIO ? 1 : MANY;
	return 0;
}
