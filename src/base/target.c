#include <string.h>

#include "base/num.h"
#include "base/target.h"

static const char *
target_ports_read(struct target_rule *r, char *ports)
{
	char *dash = strchr(ports, '-');
	long long lo, hi;

	if (dash != NULL)
		*dash++ = '\0';
	if (num_int(ports, 1, UINT16_MAX, &lo) != NULL ||
	    num_int(dash != NULL ? dash : ports, 1, UINT16_MAX, &hi) != NULL)
		return "a port is a number from 1 to 65535";
	if (lo > hi)
		return "the range of ports goes backwards";
	r->lo = (uint16_t)lo;
	r->hi = (uint16_t)hi;
	return NULL;
}

const char *
target_rule_read(struct target_rule *r, char *word)
{
	char *ports = NULL, *end;

	r->lo = 1;
	r->hi = UINT16_MAX;
	r->host = word;
	if (*word == '[') {
		if ((end = strchr(word, ']')) == NULL)
			return "the bracket is not closed";
		*end++ = '\0';
		r->host = word + 1;
		if (*end != '\0' && *end != ':')
			return "only a port may follow the bracket";
		ports = *end == ':' ? end : NULL;
	} else if ((ports = strchr(word, ':')) != NULL) {
		/* Two colons without brackets are an IPv6 address. */
		if (strchr(ports + 1, ':') != NULL)
			ports = NULL;
		else
			*ports = '\0';
	}
	if (*r->host == '\0')
		return "there is no host";
	if (strcmp(r->host, "*") == 0)
		r->host = "::/0";
	return ports == NULL ? NULL : target_ports_read(r, ports + 1);
}
