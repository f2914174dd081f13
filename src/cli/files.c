#include <ctype.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "cli/subjects.h"

/*
 * Files and descriptors that are given or written to: copies of the traffic,
 * transcripts, reports about a transfer, and the interface to scripts and
 * service managers; the sandbox.
 */

#define TCP_INFO_EVERY	(100 * NSEC_PER_MSEC)

/* ---- Setters ------------------------------------------------------------ */

int
check_file_name(const struct parse *p, const char *name)
{
	char	buf[OPTION_TEXT_MAX];

	option_text(p->row, p->by_letter, buf);
	if (p->dialect->rules && strcmp(name, "-") == 0)
		return refuse(p, "%s: standard output is for the data; %s",
		    buf, p->row->act == ACT_PORT_FILE ?
		    "--ready-fd tells a descriptor" :
		    "/dev/stderr is a file, too");
	if (*name == '\0')
		return refuse(p, "%s: empty file name%s", buf,
		    p->dialect->stop);
	return 0;
}

/* "6,7": reads from 6, writes to 7; "3": both. */
int
set_peer_fd(struct parse *p, const char *arg)
{
	char		 part[PART_MAX];
	const char	*rest = value_part(arg, part), *why;
	long long	 in, out;

	if ((why = num_int(part, 0, INT_MAX, &in)) != NULL ||
	    (why = num_int(rest != NULL ? rest : part, 0, INT_MAX,
	    &out)) != NULL)
		return p->dialect->bad_value(p, why, arg);
	if (in == STDERR_FILENO || out == STDERR_FILENO)
		return refuse(p, "descriptor 2 is for messages, not for a "
		    "peer");
	p->plan->service.peer_in = (int)in;
	p->plan->service.peer_out = (int)out;
	return 0;
}

/* "name[,time]". After the comma of a time comes a digit. */
int
set_tcp_info(struct parse *p, const char *arg)
{
	struct plan_service	*s = &p->plan->service;
	const char		*comma = strrchr(arg, ',');
	int64_t			 every = TCP_INFO_EVERY;
	bool			 timed = comma != NULL &&
				    num_time(comma + 1, &every) == NULL;

	if (comma != NULL && !timed && isdigit((unsigned char)comma[1]))
		return p->dialect->bad_value(p, "invalid", comma + 1);
	if (timed && every < NSEC_PER_MSEC)
		return p->dialect->bad_value(p, "too small", comma + 1);
	free(s->tcp_info);
	s->tcp_info = timed ? strndup(arg, (size_t)(comma - arg)) :
	    strdup(arg);
	if (s->tcp_info == NULL)
		return refuse_memory(p);
	s->tcp_info_every = every;
	return check_file_name(p, s->tcp_info);
}

/* ---- Operands ----------------------------------------------------------- */

/*
 * sd_listen_fds(3): the sockets are for the process LISTEN_PID. They are used
 * with -l and no address.
 */
bool
operands_given(struct parse *p, int *rc)
{
	const char	*pid = getenv("LISTEN_PID"), *why;
	const char	*fds = getenv("LISTEN_FDS");
	long long	 n;

	*rc = 0;
	if (p->plan->mode == PLAN_INHERIT) {
		if (p->nwords > 0)
			*rc = refuse(p, "the peer is there already: %s",
			    p->words[0]);
		return true;
	}
	if (p->plan->mode != PLAN_LISTEN || p->nwords > 0 ||
	    p->seen[ACT_SOURCE] || p->seen[ACT_SOURCE_PORT] ||
	    pid == NULL || fds == NULL ||
	    num_int(pid, 1, INT_MAX, &n) != NULL || n != getpid())
		return false;
	if ((why = num_int(fds, 1, ACTIVATED_MAX, &n)) != NULL)
		*rc = refuse(p, "LISTEN_FDS is %s: %s", why, fds);
	else
		p->plan->service.activated = (int)n;
	return true;
}

/* ---- Sealing ------------------------------------------------------------ */

/* Two copies in the same file would be useless; a device may get several. */
int
seal_files(struct parse *p)
{
	const struct plan	*plan = p->plan;
	const struct { enum act act; const char *name; } f[] = {
		{ ACT_HEX_DUMP, plan->taps.dump },
		{ ACT_HEX_DUMP_BARE, plan->taps.dump_bare },
		{ ACT_OUTPUT, plan->taps.output },
		{ ACT_LOG, plan->chat.log },
		{ ACT_TLS_KEYLOG, plan->tls.keylog },
		{ ACT_PORT_FILE, plan->service.port_file },
		{ ACT_TCP_INFO, plan->service.tcp_info }
	};
	const struct option_table	*t = p->dialect->table;
	char				 a[OPTION_TEXT_MAX], b[OPTION_TEXT_MAX];

	p->plan->taps.telnet_clean &= plan->taps.telnet;
	for (size_t i = 0; p->dialect->strict &&
	    i < sizeof(f) / sizeof(f[0]); i++)
		for (size_t j = 0; j < i; j++)
			if (f[i].name != NULL && f[j].name != NULL &&
			    strcmp(f[i].name, f[j].name) == 0 &&
			    strncmp(f[i].name, "/dev/", 5) != 0)
				return refuse(p, "%s and %s cannot write to "
				    "one file: %s",
				    act_text(t, f[j].act, false, a),
				    act_text(t, f[i].act, false, b),
				    f[i].name);
	return 0;
}

/*
 * A datagram socket that other programs hold, too, must not be connected to
 * our first peer, for the socket would stay connected after our end.
 */
static int
files_check_activated(const struct parse *p)
{
	static const enum act	 kinds[] = {
		ACT_INET, ACT_INET6, ACT_SCTP, ACT_DCCP, ACT_MPTCP,
		ACT_MCAST_JOIN
	};
	const struct plan	*plan = p->plan;
	char			 buf[OPTION_TEXT_MAX];

	if (plan->service.activated == 0)
		return 0;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (p->seen[kinds[i]])
			return refuse(p, "cannot use %s with the sockets of "
			    "LISTEN_FDS", act_text(p->dialect->table,
			    kinds[i], false, buf));
	if (plan->type == TYPE_STREAM)
		return 0;
	if (!plan->keep_open)
		return refuse(p, "must use -k with the datagram sockets of "
		    "LISTEN_FDS");
	return plan->near != PLAN_STDIO || plan->service.activated == 1 ? 0 :
	    refuse(p, "one datagram socket of LISTEN_FDS is enough");
}

int
seal_service(struct parse *p)
{
	struct plan			*plan = p->plan;
	const struct plan_service	*s = &plan->service;
	int				 rc;

	/* OpenBSD's nc passes the socket with -z, too, but not with -l. */
	if (p->seen[ACT_PASS_FD] && plan->mode != PLAN_LISTEN) {
		plan->near = PLAN_PASS;
		plan->mode = PLAN_CONNECT;
	}
	/* A UCSPI client's peer is on descriptors 6 and 7. */
	if (plan->mode == PLAN_INHERIT && plan->near != PLAN_EXEC &&
	    plan->near != PLAN_ECHO &&
	    !(p->seen[ACT_INETD] && getenv("PROTO") != NULL) &&
	    (s->peer_in <= STDOUT_FILENO || s->peer_out <= STDOUT_FILENO))
		return refuse(p, "standard input and output are the peer's: "
		    "use -e, -c or --echo");
	if ((rc = files_check_activated(p)) != 0)
		return rc;
	if (s->ready_fd >= ACTIVATED_FIRST &&
	    s->ready_fd < ACTIVATED_FIRST + s->activated)
		return refuse(p, "--ready-fd is one of the sockets of "
		    "LISTEN_FDS: %d", s->ready_fd);
	return 0;
}

/* ---- The sandbox --------------------------------------------------------- */

int
seal_sandbox(struct parse *p)
{
	const char	*word = getenv("SOCKCAT_SANDBOX");
	int		 i;

	if (p->seen[ACT_SANDBOX])
		return 0;
	p->plan->sandbox = SANDBOX_AUTO;
	if (word == NULL || *word == '\0')
		return 0;
	/* The word kill, for tests, is for the variable alone. */
	i = word_value(actions[ACT_SANDBOX].choices, word);
	if (i == -1 && strcmp(word, "kill") != 0)
		return refuse(p, "SOCKCAT_SANDBOX must be auto, off or "
		    "require: %s", word);
	p->plan->sandbox = i == -1 ? SANDBOX_KILL : (enum plan_sandbox)i;
	return 0;
}
