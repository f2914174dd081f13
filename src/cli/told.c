#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "cli/subjects.h"

/* What --explain says of the options whose row has the text. */

const char *
time_text(int64_t nsec, char buf[TIME_TEXT_MAX])
{
	if (nsec % NSEC_PER_MSEC != 0)
		snprintf(buf, TIME_TEXT_MAX, "%.6fs", (double)nsec / 1e9);
	else if (nsec % NSEC_PER_SEC != 0)
		snprintf(buf, TIME_TEXT_MAX, "%" PRId64 "ms",
		    nsec / NSEC_PER_MSEC);
	else
		snprintf(buf, TIME_TEXT_MAX, "%" PRId64 "s",
		    nsec / NSEC_PER_SEC);
	return buf;
}

#define VALUE_TEXT_MAX	64

static const char *
told_keepalive(const struct sockopt_set *o, char buf[VALUE_TEXT_MAX])
{
	if (o->keepalive == KEEPALIVE_BY_SYSTEM)
		return "keepalive";
	if (!o->keepalive_given || o->keepalive == 0)
		return o->keepalive_given ? "no keepalive" : NULL;
	snprintf(buf, VALUE_TEXT_MAX, "keepalive after seconds %d",
	    o->keepalive);
	return buf;
}

/* Returns the option's value; NULL: the option was not given. */
static const char *
told_value(const struct plan *plan, enum act act, char buf[VALUE_TEXT_MAX])
{
	const struct action		*a = &actions[act];
	const void			*field = (const char *)plan + a->field;
	const struct fault_limit	*limit = field;
	const unsigned			*word = field;
	const uint32_t			*chance = field;
	const uint64_t			*size = field;
	const int64_t			*nsec = field;
	const int			*n = field;
	bool				 given = true;

	*buf = '\0';
	switch (a->kind) {
	case FIELD_FLAG:
		given = *(const bool *)field;
		break;
	case FIELD_STRING:
	case FIELD_FILE:
		return *(const char *const *)field;
	case FIELD_INT:
		given = *n >= a->min;
		snprintf(buf, VALUE_TEXT_MAX, "%d", *n);
		break;
	case FIELD_SIZE:
		given = *size > 0;
		snprintf(buf, VALUE_TEXT_MAX, "%" PRIu64, *size);
		break;
	case FIELD_TIME:
		given = *nsec > 0;
		time_text(*nsec, buf);
		break;
	case FIELD_PERCENT:
		given = *chance > 0;
		snprintf(buf, VALUE_TEXT_MAX, "%g%%",
		    (double)*chance * 100 / FAULT_CERTAIN);
		break;
	case FIELD_AMOUNT:
		given = limit->on;
		if (limit->time >= 0)
			time_text(limit->time, buf);
		else
			snprintf(buf, VALUE_TEXT_MAX, "%" PRIu64 " bytes in "
			    "one direction", limit->bytes);
		break;
	case FIELD_WORD:
		for (unsigned i = 0; a->choices[i] != NULL; i++)
			if (*word == a->min + i)
				return a->choices[i];
		return NULL;
	case FIELD_BITS:
		given = *word != 0;
		for (unsigned i = 0; a->choices[i] != NULL; i++)
			if (*word & 1U << i)
				words_add(buf, VALUE_TEXT_MAX, " ",
				    a->choices[i]);
		break;
	default:
		return act == ACT_KEEPALIVE ?
		    told_keepalive(&plan->sock, buf) : NULL;
	}
	return given ? buf : NULL;
}

void
explain_told(const struct plan *plan, enum told told, const char *before,
    const char *gap)
{
	char		 buf[VALUE_TEXT_MAX];
	const char	*value, *line, *rest;
	size_t		 n = 0;

	for (enum act act = 0; act < ACT_COUNT; act++) {
		if (actions[act].told != told ||
		    (value = told_value(plan, act, buf)) == NULL)
			continue;
		line = actions[act].line;
		rest = strchrnul(line, '%');
		printf("%s%.*s%s%s", n++ == 0 ? before : gap,
		    (int)(rest - line), line, *rest == '%' ? value : "",
		    *rest == '%' ? rest + 1 : "");
	}
	if (n > 0)
		putchar('\n');
}
