#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/own_addrs.h"
#include "reach/targets.h"

/* The addresses of a rule: a prefix, or a pattern of octets. */
struct target_match {
	struct prefix		 prefix;
	struct octets		 octets;
	bool			 by_octets;
	const struct target_rule *rule;
};

struct target_name {
	struct targets		*of;
	const struct target_rule *rule;
	long			 bits;
	struct resolve		*resolve;	/* NULL: is looked up */
};

struct targets {
	struct loop		*loop;
	struct targets_options	 opt;
	void			(*done)(void *, const struct error *);
	void			*arg;
	struct task		 task;
	struct target_match	*v;
	size_t			 n;
	struct target_name	*names;
	size_t			 nnames, out;	/* out: are looked up */
	struct own_addrs	 own;
	bool			 allows;	/* some rule allows */
	bool			 beyond;	/* listens beyond loopback */
	struct error		 error;
};

/* ---- Addresses ---------------------------------------------------------- */

static bool
prefix_has(const struct prefix *net, const struct prefix *p)
{
	struct prefix cut = *p;

	if (net->bits > p->bits)
		return false;
	prefix_cut(&cut, net->bits);
	return memcmp(cut.addr, net->addr, sizeof(cut.addr)) == 0 &&
	    (net->scope == 0 || net->scope == p->scope);
}

void
targets_normalize(struct addr *a)
{
	static const struct in6_addr loopback = IN6ADDR_LOOPBACK_INIT;

	addr_unmap(a);
	if (!addr_is_any(a))
		return;
	if (addr_family(a) == AF_INET)
		a->u.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		a->u.in6.sin6_addr = loopback;
}

/*
 * The network denied by default that has the address: link-local networks,
 * the places where clouds give out the credentials of a machine, and loopback
 * if clients may come from elsewhere.
 */
static bool
targets_default(const struct targets *t, const struct prefix *p,
    struct prefix *net)
{
	static const struct {
		const char	*host;
		uint8_t		 bits;
		bool		 beyond;
	} nets[] = {
		{ "169.254.0.0", 16, false }, { "fe80::", 10, false },
		/* Amazon, Google, Scaleway; Alibaba, Azure, Oracle. */
		{ "fd00:ec2::254", 128, false },
		{ "fd20:ce::254", 128, false },
		{ "fd00:42::42", 128, false },
		{ "100.100.100.200", 32, false },
		{ "168.63.129.16", 32, false },
		{ "192.0.0.192", 32, false },
		{ "127.0.0.0", 8, true }, { "0.0.0.0", 8, true },
		{ "::1", 128, true }
	};
	struct addr a;

	for (size_t i = 0; i < sizeof(nets) / sizeof(nets[0]); i++) {
		(void)addr_numeric(&a, nets[i].host, AF_UNSPEC);
		(void)prefix_make(net, &a, nets[i].bits);
		if ((!nets[i].beyond || t->beyond) && prefix_has(net, p))
			return true;
	}
	return false;
}

void
targets_listen_on(struct targets *t, const struct addr *addr)
{
	struct addr a = *addr;

	addr_unmap(&a);
	t->beyond |= addr_is_inet(&a) && !own_addrs_is_loopback(&a);
	own_addrs_add(&t->own, &a);
}

bool
targets_are_own(const struct targets *t, const struct addr *a)
{
	return own_addrs_have(&t->own, a);
}

bool
targets_allow(const struct targets *t, const struct addr *a)
{
	struct prefix p, net;
	bool by_default, allowed = !t->allows;

	if (!addr_is_inet(a) || (!t->opt.open && targets_are_own(t, a)))
		return false;
	(void)prefix_make(&p, a, -1);
	by_default = !t->opt.open && targets_default(t, &p, &net);
	if (by_default)
		allowed = false;
	for (size_t i = 0; i < t->n; i++) {
		const struct target_match *m = &t->v[i];

		if (addr_port(a) < m->rule->lo || addr_port(a) > m->rule->hi ||
		    !(m->by_octets ? octets_match(&m->octets, &p) :
		    prefix_has(&m->prefix, &p)))
			continue;
		if (m->rule->deny)
			return false;
		if (!by_default || (!m->by_octets && prefix_has(&net,
		    &m->prefix)))
			allowed = true;
	}
	return allowed;
}

/* ---- Reading ------------------------------------------------------------ */

static bool
targets_add(struct targets *t, const struct target_match *m)
{
	struct target_match *v = reallocarray(t->v, t->n + 1, sizeof(*v));

	if (v == NULL)
		return false;
	t->v = v;
	t->v[t->n++] = *m;
	return true;
}

static void
targets_finish(void *arg)
{
	struct targets *t = arg;
	bool failed = t->error.num != 0 || t->error.gai != 0;

	loop_unpost(t->loop, &t->task);
	t->done(t->arg, failed ? &t->error : NULL);
}

static void
targets_on_resolved(void *arg, struct addr_list *list, const struct error *err)
{
	struct target_name *n = arg;
	struct targets *t = n->of;
	struct target_match m = { .rule = n->rule };

	n->resolve = NULL;
	t->out--;
	if (err->num != 0 || err->gai != 0) {
		t->error = *err;
		t->error.op = "look up";
		(void)strlcpy(t->error.object, n->rule->host,
		    sizeof(t->error.object));
	}
	for (size_t i = 0; i < list->n; i++)
		if (prefix_make(&m.prefix, &list->v[i], n->bits) != 0 ||
		    !targets_add(t, &m))
			error_set(&t->error, ENOMEM, "read", "%s",
			    n->rule->host);
	addr_list_free(list);
	if (t->out == 0)
		targets_finish(t);
}

/* -1 with errno. */
static int
targets_read_rule(struct targets *t, const struct target_rule *r)
{
	struct target_match m = { .rule = r };
	struct target_name *n = &t->names[t->nnames];
	char *host = strdup(r->host);
	struct spec spec;
	int rc = 0;

	if (host == NULL)
		return -1;
	t->allows |= !r->deny;
	switch (spec_parse(host, false, &spec)) {
	case SPEC_NAME:
		*n = (struct target_name){ .of = t, .rule = r,
		    .bits = spec.bits };
		n->resolve = resolve_start(t->loop, &t->opt.resolve, host,
		    NULL, false, targets_on_resolved, n);
		if (n->resolve == NULL) {
			rc = -1;
			break;
		}
		t->nnames++;
		t->out++;
		break;
	case SPEC_OCTETS:
		m.octets = spec.octets;
		m.by_octets = true;
		rc = targets_add(t, &m) ? 0 : -1;
		break;
	case SPEC_PREFIX:
		m.prefix = spec.prefix;
		rc = targets_add(t, &m) ? 0 : -1;
		break;
	case SPEC_BAD:
		error_set(&t->error, EINVAL, "read", "%s", r->host);
		(void)snprintf(t->error.why, sizeof(t->error.why),
		    "not a name, an address or a network");
	}
	free(host);
	return rc;
}

struct targets *
targets_start(struct loop *loop, const struct targets_options *opt,
    void (*done)(void *, const struct error *), void *arg)
{
	struct targets *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	*t = (struct targets){ .loop = loop, .opt = *opt, .done = done,
	    .arg = arg, .task = { .run = targets_finish, .arg = t },
	    .names = calloc(opt->n + 1, sizeof(*t->names)) };
	if (t->names == NULL) {
		free(t);
		return NULL;
	}
	for (size_t i = 0; i < opt->n; i++)
		if (targets_read_rule(t, &opt->rules[i]) == -1) {
			targets_free(t);
			return NULL;
		}
	if (t->out == 0)
		loop_post(loop, &t->task);
	return t;
}

void
targets_free(struct targets *t)
{
	if (t == NULL)
		return;
	loop_unpost(t->loop, &t->task);
	for (size_t i = 0; i < t->nnames; i++)
		resolve_cancel(t->names[i].resolve);
	free(t->names);
	own_addrs_free(&t->own);
	free(t->v);
	free(t);
}
