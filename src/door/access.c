#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "door/access.h"

/* Names that are looked up at the same time: each costs a thread. */
#define LOOKUPS	8

struct rules {
	bool		 given;		/* there is such an option */
	struct prefix	*v;		/* sorted by bits, then by address */
	size_t		 n, room;
	bool		 has[SPEC_BITS_MAX + 1]; /* v has so many bits */
	struct octets	*octets;
	size_t		 noctets;
};

/* A name to look up. */
struct name {
	struct name	*next;
	struct access	*of;
	const struct access_rule *rule;	/* NULL: traditional's operand */
	unsigned	 line;		/* of the rule's file */
	long		 bits;
	struct resolve	*resolve;	/* NULL: no lookup in progress */
	char		 text[];
};

struct access {
	struct loop	*loop;
	struct access_options opt;
	void		(*done)(void *, const struct access_error *);
	void		*arg;
	struct task	 task;		/* calls done() if there are no names */
	struct rules	 allow, deny;
	struct name	*names, **end;	/* end: where the list is continued */
	struct name	*next;		/* the first not looked up yet */
	size_t		 out;		/* lookups in progress */
	/* error.rule and line: of the word that is read or looked up. */
	struct access_error error;
};

/* ---- Lists -------------------------------------------------------------- */

static int
access_error(struct access *a, enum access_fault fault, const char *word)
{
	a->error.fault = fault;
	(void)strlcpy(a->error.word, word, sizeof(a->error.word));
	return -1;
}

static int
access_no_memory(struct access *a)
{
	error_set(&a->error.err, ENOMEM, "read", "the access lists");
	return access_error(a, ACCESS_SYSTEM, "");
}

static int
access_by_bits(const void *one, const void *two)
{
	const struct prefix *a = one, *b = two;
	int order = a->bits - b->bits;

	if (order == 0)
		order = memcmp(a->addr, b->addr, sizeof(a->addr));
	if (order == 0)
		order = (a->scope > b->scope) - (a->scope < b->scope);
	return order;
}

static int
access_add_prefix(struct rules *r, const struct prefix *p)
{
	size_t room = r->room == 0 ? 16 : r->room * 2;
	struct prefix *v;

	if (r->n == r->room) {
		if ((v = reallocarray(r->v, room, sizeof(*v))) == NULL)
			return -1;
		r->v = v;
		r->room = room;
	}
	r->v[r->n++] = *p;
	r->has[p->bits] = true;
	return 0;
}

/* Searches once for each length of prefix that occurs. */
static bool
access_has_prefix(const struct rules *r, const struct prefix *peer)
{
	struct prefix p = *peer;

	for (unsigned bits = SPEC_BITS_MAX + 1; bits-- > 0;) {
		if (!r->has[bits])
			continue;
		prefix_cut(&p, bits);
		p.scope = 0;
		if (bsearch(&p, r->v, r->n, sizeof(p), access_by_bits) != NULL)
			return true;
		p.scope = peer->scope;
		if (p.scope != 0 &&
		    bsearch(&p, r->v, r->n, sizeof(p), access_by_bits) != NULL)
			return true;
	}
	return false;
}

static bool
access_match(const struct rules *r, const struct prefix *peer)
{
	for (size_t i = 0; i < r->noctets; i++)
		if (octets_match(&r->octets[i], peer))
			return true;
	return access_has_prefix(r, peer);
}

bool
access_allows(const struct access *a, const struct addr *peer)
{
	const struct access_options *o;
	struct prefix who;
	unsigned port = addr_port(peer);
	bool fits;

	if (a == NULL || (a->opt.is_unix && !addr_is_inet(peer)) ||
	    (!a->allow.given && !a->deny.given))
		return true;
	if (!addr_is_inet(peer))
		return false;
	(void)prefix_make(&who, peer, -1);
	o = &a->opt;
	fits = o->host == NULL || o->nports == 0;
	for (size_t i = 0; i < o->nports && !fits; i++)
		fits = port >= o->ports[i].lo && port <= o->ports[i].hi;
	return fits && !access_match(&a->deny, &who) &&
	    (!a->allow.given || access_match(&a->allow, &who));
}

/* ---- Names ------------------------------------------------------------- */

static int
access_add_name(struct access *a, const char *text, long bits)
{
	size_t len = strlen(text) + 1;
	struct name *n = malloc(sizeof(*n) + len);

	if (n == NULL)
		return access_no_memory(a);
	*n = (struct name){ .of = a, .bits = bits, .rule = a->error.rule,
	    .line = a->error.line };
	memcpy(n->text, text, len);
	*a->end = n;
	a->end = &n->next;
	return 0;
}

static struct rules *
access_rules_of(struct access *a, const struct access_rule *rule)
{
	return rule != NULL && rule->deny ? &a->deny : &a->allow;
}

static int
access_take_addresses(struct name *n, const struct addr_list *list)
{
	struct access *a = n->of;
	char word[sizeof(a->error.word)];
	struct prefix p;

	for (size_t i = 0; i < list->n; i++) {
		a->error.most = prefix_make(&p, &list->v[i], n->bits);
		if (a->error.most != 0) {
			(void)snprintf(word, sizeof(word), "%s/%ld", n->text,
			    n->bits);
			return access_error(a, ACCESS_BITS, word);
		}
		if (access_add_prefix(access_rules_of(a, n->rule), &p) == -1)
			return access_no_memory(a);
	}
	return 0;
}

static void
access_cancel_all(struct access *a)
{
	for (struct name *n = a->names; n != NULL; n = n->next) {
		resolve_cancel(n->resolve);
		n->resolve = NULL;
	}
}

/* Called last: done() may free the access list. */
static void
access_finish(void *arg)
{
	struct access *a = arg;

	loop_unpost(a->loop, &a->task);
	access_cancel_all(a);
	if (a->allow.n > 0)
		qsort(a->allow.v, a->allow.n, sizeof(*a->allow.v),
		    access_by_bits);
	if (a->deny.n > 0)
		qsort(a->deny.v, a->deny.n, sizeof(*a->deny.v),
		    access_by_bits);
	a->done(a->arg, a->error.fault != ACCESS_FINE ? &a->error : NULL);
}

static int	access_ask_more(struct access *);

static void
access_on_resolved(void *arg, struct addr_list *list, const struct error *err)
{
	struct name *n = arg;
	struct access *a = n->of;
	int rc;

	n->resolve = NULL;
	a->out--;
	a->error.rule = n->rule;
	a->error.line = n->line;
	if (err->num != 0 || err->gai != 0) {
		a->error.err = *err;
		rc = access_error(a, ACCESS_NAME, n->text);
	} else
		rc = access_take_addresses(n, list);
	addr_list_free(list);
	if (rc == -1 || access_ask_more(a) == -1 || a->out == 0)
		access_finish(a);
}

static int
access_ask_more(struct access *a)
{
	struct name *n;

	for (; a->out < LOOKUPS && (n = a->next) != NULL; a->next = n->next) {
		n->resolve = resolve_start(a->loop, &a->opt.resolve, n->text,
		    NULL, false, access_on_resolved, n);
		if (n->resolve == NULL) {
			error_set(&a->error.err, errno, "look up", "%s",
			    n->text);
			a->error.rule = n->rule;
			a->error.line = n->line;
			return access_error(a, ACCESS_NAME, n->text);
		}
		a->out++;
	}
	return 0;
}

/* ---- Reading ----------------------------------------------------------- */

/* May cut the word. */
static int
access_read_word(struct access *a, char *word)
{
	struct rules *r = access_rules_of(a, a->error.rule);
	char written[sizeof(a->error.word)];
	struct octets *v;
	struct spec spec;
	int rc = 0;

	(void)strlcpy(written, word, sizeof(written));
	switch (spec_parse(word, a->opt.loose, &spec)) {
	case SPEC_PREFIX:
		rc = access_add_prefix(r, &spec.prefix);
		break;
	case SPEC_OCTETS:
		v = reallocarray(r->octets, r->noctets + 1, sizeof(*v));
		if (v == NULL)
			return access_no_memory(a);
		r->octets = v;
		r->octets[r->noctets++] = spec.octets;
		break;
	case SPEC_NAME:
		return access_add_name(a, word, spec.bits);
	case SPEC_BAD:
		a->error.most = spec.most;
		a->error.plain = spec.plain;
		return access_error(a, spec.fault, written);
	}
	return rc == 0 ? 0 : access_no_memory(a);
}

/* Reads the words of a list. An empty word is skipped, or an error. */
static int
access_read_words(struct access *a, char *rest, const char *between,
    bool skip_empty)
{
	char *word;
	int rc = 0;

	while (rc == 0 && (word = strsep(&rest, between)) != NULL)
		if (*word != '\0' || !skip_empty)
			rc = access_read_word(a, word);
	return rc;
}

/* Reads words between blanks, up to a '#'. Commas belong to octets. */
static int
access_read_file(struct access *a)
{
	FILE *fp = fopen(a->error.rule->spec, "re");
	char *line = NULL;
	size_t room = 0;
	ssize_t len;
	int rc = 0;

	error_set(&a->error.err, errno, "open", "%s", a->error.rule->spec);
	if (fp == NULL)
		return access_error(a, ACCESS_FILE, "");
	while (rc == 0 && (len = getline(&line, &room, fp)) != -1) {
		a->error.line++;
		/* A NUL would hide the rest; '?' is in no valid word. */
		for (ssize_t i = 0; i < len; i++)
			if (line[i] == '\0')
				line[i] = '?';
		line[strcspn(line, "#")] = '\0';
		rc = access_read_words(a, line, " \t\r\n\v\f", true);
	}
	if (rc == 0 && ferror(fp)) {
		a->error.err.op = "read";
		a->error.err.num = errno;
		rc = access_error(a, ACCESS_FILE, "");
	}
	free(line);
	(void)fclose(fp);
	return rc;
}

static int
access_read_all(struct access *a)
{
	char *copy;
	int rc = 0;

	if (a->opt.host != NULL) {
		a->allow.given = true;
		return access_add_name(a, a->opt.host, -1);
	}
	for (size_t i = 0; i < a->opt.nrules && rc == 0; i++) {
		a->error.rule = &a->opt.rules[i];
		a->error.line = 0;
		access_rules_of(a, a->error.rule)->given = true;
		if (a->error.rule->file) {
			rc = access_read_file(a);
			continue;
		}
		if ((copy = strdup(a->error.rule->spec)) == NULL)
			return access_no_memory(a);
		rc = access_read_words(a, copy, ",", a->opt.loose);
		free(copy);
	}
	return rc;
}

struct access *
access_start(struct loop *loop, const struct access_options *opt,
    void (*done)(void *, const struct access_error *), void *arg)
{
	struct access *a = calloc(1, sizeof(*a));
	int rc;

	if (a == NULL)
		return NULL;
	*a = (struct access){ .loop = loop, .opt = *opt, .done = done,
	    .arg = arg, .end = &a->names,
	    .task = { .run = access_finish, .arg = a } };
	rc = access_read_all(a);
	a->next = a->names;
	if (rc == -1 || access_ask_more(a) == -1 || a->out == 0)
		loop_post(loop, &a->task);
	return a;
}

void
access_free(struct access *a)
{
	struct name *n;

	if (a == NULL)
		return;
	loop_unpost(a->loop, &a->task);
	access_cancel_all(a);
	while ((n = a->names) != NULL) {
		a->names = n->next;
		free(n);
	}
	free(a->allow.v);
	free(a->allow.octets);
	free(a->deny.v);
	free(a->deny.octets);
	free(a);
}
