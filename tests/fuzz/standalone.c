/*
 * Drives a fuzz target without libFuzzer, with any compiler: link it with
 * one target.
 *
 *	fuzz_NAME FILE ...		each file is an input ("-": stdin)
 *	fuzz_NAME -r SEED COUNT MAX	COUNT inputs of up to MAX bytes, from a
 *					generator; the same for the same seed
 *
 * An input on which the target aborts is left in ./crash-standalone.
 */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "fuzz/fuzz.h"

#define INPUT_MAX	((size_t)1 << 20)

/* For the handler: the input that is under way. */
static struct {
	uint8_t	buf[INPUT_MAX];
	size_t	size;
} input;

static void
keep_input(int signo)
{
	FILE	*f = fopen("crash-standalone", "w");

	/* The program is lost anyway: more than a handler may do. */
	if (f != NULL) {
		(void)fwrite(input.buf, 1, input.size, f);
		(void)fclose(f);
	}
	(void)signal(signo, SIG_DFL);
	(void)raise(signo);
}

static void
run_file(const char *name)
{
	FILE	*f = strcmp(name, "-") == 0 ? stdin : fopen(name, "r");

	if (f == NULL)
		err(2, "%s", name);
	input.size = fread(input.buf, 1, sizeof(input.buf), f);
	if (ferror(f))
		err(2, "%s", name);
	if (f != stdin)
		(void)fclose(f);
	(void)LLVMFuzzerTestOneInput(input.buf, input.size);
}

/* xorshift64* */
static uint32_t
draw(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (uint32_t)((*state * UINT64_C(2685821657736338717)) >> 32);
}

/*
 * Bytes of one input come from a few values only, so that the same decision
 * comes often: even dice seldom throw the same side ten times.
 */
static void
make_input(uint64_t *state, size_t max)
{
	uint8_t	palette[8];
	size_t	i;

	for (i = 0; i < sizeof(palette); i++)
		palette[i] = (uint8_t)draw(state);
	input.size = draw(state) % (max + 1);
	for (i = 0; i < input.size; i++)
		input.buf[i] = draw(state) % 4 == 0 ? (uint8_t)draw(state) :
		    palette[draw(state) % sizeof(palette)];
}

static unsigned long
number(const char *arg, unsigned long max)
{
	char		*end;
	unsigned long	 n;

	errno = 0;
	n = strtoul(arg, &end, 10);
	if (errno != 0 || end == arg || *end != '\0' || n > max)
		errx(2, "not a number up to %lu: %s", max, arg);
	return n;
}

static void
run_random(char **arg)
{
	uint64_t	state = number(arg[0], 1UL << 30) *
			    UINT64_C(0x9e3779b97f4a7c15) + 1;
	unsigned long	i, count = number(arg[1], 1UL << 30);
	size_t		max = number(arg[2], INPUT_MAX);

	for (i = 0; i < count; i++) {
		make_input(&state, max);
		(void)LLVMFuzzerTestOneInput(input.buf, input.size);
	}
}

int
main(int argc, char *argv[])
{
	static const int	fatal[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE,
				    SIGILL };
	size_t			i;

	for (i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++)
		(void)signal(fatal[i], keep_input);
	if (argc == 5 && strcmp(argv[1], "-r") == 0) {
		run_random(argv + 2);
		return 0;
	}
	if (argc < 2)
		errx(2, "usage: fuzz_NAME file ... | -r seed count max");
	for (argv++; *argv != NULL; argv++)
		run_file(*argv);
	return 0;
}
