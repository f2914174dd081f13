#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "cli/option.h"

/* The options of multicast: what is read from words. */

/* "SOURCE@GROUP" without the interface, in pieces. */
#define GROUP_TEXT_MAX	128

/* NULL, or the reason why the word is none. */
static const char *
groups_read(struct mcast_join *j, const char *arg)
{
	char	text[GROUP_TEXT_MAX], *group = text, *at;
	size_t	len = strcspn(arg, "%");

	if (len >= sizeof(text))
		return "too long";
	memcpy(text, arg, len);
	text[len] = '\0';
	if (arg[len] == '%' && arg[len + 1] == '\0')
		return "no interface follows the %";
	j->interface = arg[len] == '%' ? arg + len + 1 : NULL;
	if ((at = strchr(text, '@')) != NULL) {
		*at = '\0';
		group = at + 1;
	}
	if (!addr_numeric(&j->group, group, AF_UNSPEC) ||
	    !addr_is_group(&j->group))
		return "not the address of a multicast group";
	if (at == NULL)
		return NULL;
	if (!addr_numeric(&j->source, text, AF_UNSPEC) ||
	    addr_is_group(&j->source))
		return "the source is not the address of a host";
	return addr_family(&j->source) == addr_family(&j->group) ? NULL :
	    "the source is of the other family";
}

int
set_mcast_join(struct parse *p, const char *arg)
{
	struct mcast_options	*o = &p->plan->sock.mcast;
	struct mcast_join	*joins = reallocarray(o->joins, o->njoins + 1,
				    sizeof(*joins));
	const char		*why;

	if (joins == NULL)
		return refuse_memory(p);
	o->joins = joins;
	joins[o->njoins] = (struct mcast_join){ .word = arg };
	if ((why = groups_read(&joins[o->njoins], arg)) != NULL)
		return refuse(p, "--join: %s: %s", why, arg);
	o->njoins++;
	return 0;
}

int
seal_groups(struct parse *p)
{
	const struct plan		*plan = p->plan;
	const struct mcast_options	*o = &plan->sock.mcast;

	for (size_t i = 0; i < o->njoins; i++)
		if (plan->family != FAMILY_ANY &&
		    (int)plan->family != addr_family(&o->joins[i].group))
			return refuse(p, "--join: the group is of the other "
			    "family: %s", o->joins[i].word);
	return 0;
}

void
explain_groups(const struct mcast_options *o)
{
	const char	*gap = "multicast: ";

	for (size_t i = 0; i < o->njoins; i++)
		printf("group: join %s\n", o->joins[i].word);
	if (o->ttl >= 0) {
		printf("%sttl %d", gap, o->ttl);
		gap = ", ";
	}
	if (o->interface != NULL) {
		printf("%son %s", gap, o->interface);
		gap = ", ";
	}
	if (o->loop != MCAST_LOOP_LEAVE) {
		printf("%s%s on this host", gap, o->loop == MCAST_LOOP_ON ?
		    "heard" : "not heard");
		gap = ", ";
	}
	if (*gap == ',')
		putchar('\n');
}
