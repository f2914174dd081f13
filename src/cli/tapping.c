#include <string.h>

#include "cli/option.h"

/*
 * The options of what looks at the bytes, and of what is accepted for ncat's
 * sake alone.
 */

/* ncat's engines that there are here; select waits as poll does. */
int
set_nsock_engine(struct parse *p, const struct action *a, const char *arg)
{
	static const enum plan_poller pollers[] = {
		PLAN_POLLER_EPOLL, PLAN_POLLER_POLL, PLAN_POLLER_POLL
	};
	int	i = choice(p, arg);

	(void)a;
	if (i != -1) {
		p->plan->poller = pollers[i];
		return 0;
	}
	if (p->plan->compat == COMPAT_NCAT)
		return refuse(p, "Unknown or non-available engine: %s.", arg);
	return refuse_choice(p, arg);
}

int
check_file(const struct parse *p, const char *name)
{
	char	buf[OPTION_TEXT_MAX];
	bool	ours = p->plan->compat == COMPAT_NATIVE ||
		    p->plan->compat == COMPAT_OPENBSD;

	option_text(p->row, p->by_letter, buf);
	if (ours && strcmp(name, "-") == 0)
		return refuse(p, "%s: standard output is for the data; %s",
		    buf, p->row->act == ACT_PORT_FILE ?
		    "--ready-fd tells a descriptor" :
		    "/dev/stderr is a file, too");
	if (*name == '\0')
		return refuse(p, "%s: there is no file without a name%s", buf,
		    *p->who->tail != '\0' ? "." : "");
	return 0;
}

int
set_file(struct parse *p, const struct action *a, const char *arg)
{
	*(const char **)((char *)p->plan + a->field) = arg;
	return check_file(p, arg);
}

/* Two of them in one file make sense of neither; a device may be told all. */
static int
tapping_check_files(const struct parse *p)
{
	const struct plan	*plan = p->plan;
	const struct { enum act act; const char *name; } f[] = {
		{ ACT_HEX_DUMP, plan->taps.dump },
		{ ACT_HEX_DUMP_BARE, plan->taps.dump_bare },
		{ ACT_OUTPUT, plan->taps.output },
		{ ACT_LOG, plan->chat.log },
		{ ACT_PORT_FILE, plan->service.port_file },
		{ ACT_TCP_INFO, plan->service.tcp_info }
	};
	char			 a[OPTION_TEXT_MAX], b[OPTION_TEXT_MAX];

	for (size_t i = 0; i < sizeof(f) / sizeof(f[0]); i++)
		for (size_t j = 0; j < i; j++)
			if (f[i].name != NULL && f[j].name != NULL &&
			    strcmp(f[i].name, f[j].name) == 0 &&
			    strncmp(f[i].name, "/dev/", 5) != 0)
				return refuse(p, "%s and %s cannot write to "
				    "one file: %s", text_of(p, f[j].act, a),
				    text_of(p, f[i].act, b), f[i].name);
	return 0;
}

static bool
tapping_has_taps(const struct plan_taps *t)
{
	return t->dump != NULL || t->dump_bare != NULL || t->output != NULL;
}

int
seal_tapping(struct parse *p)
{
	struct plan		*plan = p->plan;
	struct plan_taps	*t = &plan->taps;
	bool			 native = plan->compat == COMPAT_NATIVE;
	int			 rc;

	t->telnet_clean = t->telnet && native;
	t->above = plan->compat == COMPAT_TRADITIONAL ||
	    plan->compat == COMPAT_NCAT;
	t->gap_first = plan->compat == COMPAT_TRADITIONAL;
	t->must_keep = plan->compat != COMPAT_NCAT;
	t->mode = native ? 0600 : 0664;
	if (native && t->append && !tapping_has_taps(t))
		return refuse(p, "must use -o, --hex-dump or --output with "
		    "--append-output");
	if (native && (rc = tapping_check_files(p)) != 0)
		return rc;
	if (plan->near == PLAN_ECHO && plan->type == TYPE_DGRAM &&
	    (tapping_has_taps(t) || t->delay > 0))
		return refuse(p, "cannot use --echo with -u and %s",
		    t->delay > 0 ? "--delay" : "a copy of the traffic");
	return 0;
}

int
operands_device(struct parse *p)
{
	if (*p->plan->device == '\0')
		return refuse(p, "-f: there is no file without a name");
	if (p->nwords > 0)
		return refuse(p, "cannot use a host with -f: %s", p->words[0]);
	p->plan->host = p->plan->device;
	return 0;
}
