#include <sys/mman.h>
#include <string.h>

#include "base/secret.h"

/* Stands before the secret. */
struct secret {
	size_t	size;		/* bytes of the mapping */
	char	data[];
};

void *
secret_new(size_t n)
{
	size_t size = sizeof(struct secret) + n;
	struct secret *s = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (s == MAP_FAILED)
		return NULL;
	(void)madvise(s, size, MADV_DONTDUMP);
	s->size = size;
	return s->data;
}

void
secret_free(void *data)
{
	struct secret *s;
	size_t size;

	if (data == NULL)
		return;
	s = (struct secret *)(void *)((char *)data - sizeof(*s));
	size = s->size;
	explicit_bzero(s, size);
	(void)munmap(s, size);
}
