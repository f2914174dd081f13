/*
 * Memory for secrets is in no core dump.
 */
#include <unistd.h>

#include "base/secret.h"
#include "unit.h"

/* Whether the mapping at this address is left out of core dumps. */
static bool
is_left_out(const void *at)
{
	unsigned long from, to, addr = (unsigned long)at;
	FILE *f = fopen("/proc/self/smaps", "r");
	char line[1024];
	bool here = false, out = false;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			here = addr >= from && addr < to;
		if (here && strncmp(line, "VmFlags:", 8) == 0)
			out = strstr(line, " dd") != NULL;
	}
	if (f != NULL)
		fclose(f);
	return out;
}

TEST(a_secret_is_in_no_core_dump)
{
	char *heap, *secret;

	if (access("/proc/self/smaps", R_OK) != 0)
		SKIP("no smaps");
	heap = malloc(100);
	secret = secret_new(100);
	CHECK(heap != NULL && secret != NULL);
	CHECK(is_left_out(secret));
	CHECK(!is_left_out(heap));
	secret_free(secret);
	free(heap);
}

TEST(a_secret_is_zeroed_and_whole)
{
	char *secret = secret_new(10000);

	CHECK(secret != NULL);
	for (int i = 0; i < 10000; i++)
		CHECK(secret[i] == 0);
	memset(secret, 'x', 10000);
	secret_free(secret);
	secret_free(NULL);
}
