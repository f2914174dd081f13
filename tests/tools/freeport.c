/*
 * Prints N ports (default 1) on one line that are free now, for TCP and UDP in
 * both families. No outgoing connection takes one in the meantime, and no
 * service has its name on them, which nc would show instead of a star.
 *
 *	freeport [N]		apart from each other
 *	freeport -r N		N consecutive ports: prints the first
 */
#include "lib/port.h"
#include "lib/tool.h"

static void
print_run(unsigned n, const char *before)
{
	unsigned first = port_free_run(n);

	if (first == 0)
		tool_fail("freeport: found none");
	printf("%s%u", before, first);
}

int
main(int argc, char **argv)
{
	long i, n = argc == 2 ? tool_number(argv[1]) : 1;

	if (argc == 3 && strcmp(argv[1], "-r") == 0)
		print_run((unsigned)tool_number(argv[2]), "");
	else
		for (i = 0; i < n; i++)
			print_run(1, i > 0 ? " " : "");
	putchar('\n');
	return 0;
}
