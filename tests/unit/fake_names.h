/*
 * The resolver of a test: names that fake_lookup() knows have made addresses,
 * the others are the system's affair.
 */
#ifndef FAKE_NAMES_H
#define FAKE_NAMES_H

#include <dlfcn.h>
#include <netdb.h>
#include <semaphore.h>

#include "net.h"

enum { MADE_HERE = 1 << 30, NOT_FAKED = 1 };

/* Answers as getaddrinfo(3), or with NOT_FAKED. */
static int	fake_lookup(const char *host, int family,
		    struct addrinfo **res);

/* Appends an address to the answer. */
static inline void
fake_address(struct addrinfo **list, const char *host)
{
	struct addrinfo *ai = calloc(1, sizeof(*ai));
	struct addr *a = malloc(sizeof(*a));

	*a = addr_of(host, 80);
	ai->ai_flags = MADE_HERE;
	ai->ai_family = addr_family(a);
	ai->ai_addr = &a->u.sa;
	ai->ai_addrlen = a->len;
	ai->ai_canonname = (char *)a;
	while (*list != NULL)
		list = &(*list)->ai_next;
	*list = ai;
}

int
getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
    struct addrinfo **res)
{
	int (*real)(const char *, const char *, const struct addrinfo *,
	    struct addrinfo **) = dlsym(RTLD_NEXT, "getaddrinfo");
	int rc;

	if (host == NULL || (hints->ai_flags & AI_NUMERICHOST) != 0)
		return real(host, port, hints, res);
	*res = NULL;
	rc = fake_lookup(host, hints->ai_family, res);
	return rc == NOT_FAKED ? real(host, port, hints, res) : rc;
}

void
freeaddrinfo(struct addrinfo *ai)
{
	void (*real)(struct addrinfo *) = dlsym(RTLD_NEXT, "freeaddrinfo");
	struct addrinfo *next;

	if (ai != NULL && ai->ai_flags != MADE_HERE) {
		real(ai);
		return;
	}
	for (; ai != NULL; ai = next) {
		next = ai->ai_next;
		free(ai->ai_canonname);
		free(ai);
	}
}

#endif
