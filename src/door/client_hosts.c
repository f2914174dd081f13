#include <stdlib.h>

#include "door/client_hosts.h"

#define BUCKETS_FIRST	64	/* a power of two */

void
client_hosts_init(struct client_hosts *t)
{
	*t = (struct client_hosts){ .n = 0 };
	arc4random_buf(&t->seed, sizeof(t->seed));
}

void
client_hosts_free(struct client_hosts *t)
{
	struct client_host *h;

	for (size_t i = 0; i < t->nbuckets; i++)
		while ((h = t->buckets[i]) != NULL) {
			t->buckets[i] = h->next;
			free(h);
		}
	free(t->buckets);
	*t = (struct client_hosts){ .n = 0 };
}

static struct client_host **
client_hosts_bucket(const struct client_hosts *t, uint64_t hash)
{
	return &t->buckets[hash & (t->nbuckets - 1)];
}

/* Doubles the table, or leaves it as it is if memory is short. */
static void
client_hosts_grow(struct client_hosts *t)
{
	struct client_hosts old = *t;
	struct client_host *h, **to;

	t->nbuckets = old.nbuckets == 0 ? BUCKETS_FIRST : 2 * old.nbuckets;
	t->buckets = calloc(t->nbuckets, sizeof(struct client_host *));
	if (t->buckets == NULL) {
		*t = old;
		return;
	}
	for (size_t i = 0; i < old.nbuckets; i++)
		while ((h = old.buckets[i]) != NULL) {
			old.buckets[i] = h->next;
			to = client_hosts_bucket(t, h->hash);
			h->next = *to;
			*to = h;
		}
	free(old.buckets);
}

struct client_host *
client_hosts_find(struct client_hosts *t, const struct addr *addr)
{
	uint64_t hash = addr_host_hash(addr, t->seed);
	struct client_host *h, **bucket;

	if (hash == 0)
		return NULL;
	if (t->n >= t->nbuckets)
		client_hosts_grow(t);
	if (t->nbuckets == 0)
		return NULL;
	bucket = client_hosts_bucket(t, hash);
	for (h = *bucket; h != NULL; h = h->next)
		if (h->hash == hash)
			return h;
	if ((h = calloc(1, sizeof(*h))) == NULL)
		return NULL;
	h->hash = hash;
	h->next = *bucket;
	*bucket = h;
	t->n++;
	return h;
}

void
client_hosts_settle(struct client_hosts *t, struct client_host *host)
{
	struct client_host **at;

	if (host == NULL || host->n > 0 || host->waiting > 0)
		return;
	at = client_hosts_bucket(t, host->hash);
	while (*at != host)
		at = &(*at)->next;
	*at = host->next;
	free(host);
	t->n--;
}
