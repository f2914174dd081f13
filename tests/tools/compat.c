/*
 * Runs each row of a table through a copied tool and through sockcat under
 * the same name, and compares what was seen.
 *
 *	compat [-1v] [-j AT_ONCE] -n NAME -o OURS [-t THEIRS] -d DIR
 *	    TABLE [WORD]
 *
 * tests/compat/README describes the tables. Without THEIRS only the parts of
 * rows that are about sockcat alone are tested. With WORD only the rows with
 * that word in their name are run; -v prints what was seen.
 *
 * Many rows are run at once. A row that fails is run again when no other row
 * runs (not with -1), since a busy machine delays programs. Of all tries with
 * the same result the shortest time counts, less that of a mere start.
 */
#include <limits.h>

#include "compat_run.h"

enum { TRIES = 12, AGAIN = 150, NEAR_MS = 800 };
enum side { THEIRS, OURS, SIDES };
static const char *const side_names[SIDES] = { "theirs", "ours" };

struct record {
	char		*text;
	const char	*fields[F_COUNT];
	long		 time, start;	/* ms; "for ever" is LONG_MAX */
};

struct state {
	struct table	 table;
	const char	*name, *program[SIDES], *dir, *path, *word;
	bool		 verbose;
	int		 tries, try, again, at_once;
	int		 running, counts[3];
};

enum verdict { PASSED, FAILED, SKIPPED };

/* ---- Ports and runs ----------------------------------------------------- */

static long
free_ports(void)
{
	unsigned first = port_free_run(PORTS);

	if (first == 0)
		tool_fail("compat: no free ports");
	return (long)first;
}

/* Each try has a directory of its own, without the files of others. */
static char *
place_of(const struct state *s, size_t i, int side, int try, const char *what)
{
	char *path;

	if (asprintf(&path, "%s/%s%s%zu.%d", s->dir,
	    what, side_names[side], i, try) == -1)
		tool_fail("compat: no memory");
	return path;
}

static void
reap_one(struct state *s)
{
	if (s->running > 0 && waitpid(-1, NULL, 0) > 0)
		s->running--;
}

static void
start_job(struct state *s, size_t i, int side)
{
	struct job j = { .row = &s->table.rows[i], .port = free_ports() };
	char *bin = NULL, *start = NULL;
	char *record = place_of(s, i, side, s->try, "record-");
	pid_t pid;

	if (s->running == s->at_once)
		reap_one(s);
	j.dir = place_of(s, i, side, s->try, "");
	if (asprintf(&bin, "%s/%s", s->dir, side_names[side]) == -1 ||
	    mkdir(j.dir, 0700) == -1)
		tool_fail("compat: %s: %s", j.dir, strerror(errno));
	if (s->try > 0 &&
	    asprintf(&start, "exec %s -n 127.0.0.1 $P4", s->name) == -1)
		tool_fail("compat: no memory");
	j.bin = bin;
	j.start = start;
	if ((pid = fork()) == -1)
		tool_fail("compat: fork: %s", strerror(errno));
	if (pid == 0) {
		run_job(&j, record);
		_exit(0);
	}
	s->running++;
	free(bin);
	free(start);
	free(record);
	free((char *)(uintptr_t)j.dir);
}

static void
reap_all(struct state *s)
{
	while (s->running > 0)
		reap_one(s);
}

static void
start_row(struct state *s, size_t i)
{
	for (int side = THEIRS; side < SIDES; side++) {
		if (s->program[side] == NULL)
			continue;
		start_job(s, i, side);
		if (s->try > 0)
			reap_all(s);
	}
}

/* ---- Comparing ---------------------------------------------------------- */

static bool
load_record(struct record *r, const struct state *s, size_t row, int side,
    int try)
{
	char *path = place_of(s, row, side, try, "record-");
	FILE *f = fopen(path, "re");
	size_t room = (SHOWN_MAX * (PEERS_MAX + 2)) * 4, n, at = 0;
	int i;

	free(path);
	if (f == NULL || (r->text = calloc(1, room)) == NULL)
		return false;
	n = fread(r->text, 1, room - 1, f);
	fclose(f);
	for (i = 0; i < F_COUNT && at < n; i++) {
		r->fields[i] = r->text + at + 1;
		at += strlen(r->fields[i]) + 1;
	}
	if (i < F_COUNT || sscanf(r->fields[F_TIME],
	    "%*[^(](%ld ms, a mere start %ld)", &r->time, &r->start) != 2)
		r->time = LONG_MAX;
	return i == F_COUNT;
}

static bool
saw_the_same(const struct record *a, const struct record *b)
{
	for (int i = 0; i < F_COUNT; i++)
		if (i != F_TIME && strcmp(a->fields[i], b->fields[i]) != 0)
			return false;
	return true;
}

/* A busy machine makes times longer, never shorter. */
static void
take_best_times(struct record *r, const struct state *s, size_t row, int side)
{
	struct record was = { .text = NULL };

	for (int try = 0; try < s->try; try++) {
		if (!load_record(&was, s, row, side, try))
			continue;
		if (was.time < r->time && saw_the_same(&was, r))
			r->time = was.time;
		if (try > 0 && was.start < r->start)
			r->start = was.start;
	}
}

static void
show_record(const char *whose, const struct record *r)
{
	printf("  --- %s\n", whose);
	for (int i = 0; i < F_COUNT; i++)
		printf("  %s\n", r->fields[i]);
}

static bool
says(const struct record *r, const char *text)
{
	for (int i = 0; i < F_COUNT; i++)
		if (strstr(r->fields[i], text) != NULL)
			return true;
	return false;
}

static bool
says_all(const char *whose, const struct record *r,
    const char *const texts[], int n)
{
	bool all = true;

	for (int i = 0; i < n; i++)
		if (!says(r, texts[i])) {
			printf("  %s lacks: %s\n", whose, texts[i]);
			all = false;
		}
	return all;
}

static bool
same_time(const struct record *a, const struct record *b)
{
	return a->time != LONG_MAX && b->time != LONG_MAX &&
	    labs(a->time - a->start - (b->time - b->start)) < NEAR_MS;
}

/*
 * Times are the same where they have one name, or lie so near that a busy
 * machine can have made the difference.
 */
static bool
same_field(int i, const struct record rec[SIDES], bool may_differ)
{
	const char *theirs = rec[THEIRS].fields[i];
	const char *ours = rec[OURS].fields[i];
	size_t name = strcspn(theirs, "(");

	if (i != F_TIME)
		return strcmp(theirs, ours) == 0;
	if (strncmp(theirs, ours, name + 1) == 0)
		return true;
	return !may_differ && same_time(&rec[THEIRS], &rec[OURS]);
}

static bool
same_fields(const struct row *row, const struct record rec[SIDES])
{
	bool good = true, differs = false, equal;

	for (int i = 0; i < F_COUNT; i++) {
		equal = same_field(i, rec, row->may_differ[i]);
		differs |= !equal;
		if (!equal && !row->may_differ[i]) {
			printf("  they differ: %s\n", field_names[i]);
			good = false;
		}
	}
	if (row->key != NULL && !differs) {
		printf("  they do not differ: %s\n", row->key);
		good = false;
	}
	return good;
}

static enum verdict
judge(const struct state *s, const struct row *row,
    const struct record rec[SIDES])
{
	bool both = s->program[THEIRS] != NULL, good;

	if (!both && row->nours == 0)
		return SKIPPED;
	good = says_all("ours", &rec[OURS], row->ours, row->nours);
	if (both) {
		good &= says_all("theirs", &rec[THEIRS], row->theirs,
		    row->ntheirs);
		good &= same_fields(row, rec);
	}
	if (!good || s->verbose) {
		if (both)
			show_record("theirs", &rec[THEIRS]);
		show_record("ours", &rec[OURS]);
	}
	return good ? PASSED : FAILED;
}

static enum verdict
look_at(const struct state *s, size_t i)
{
	struct record rec[SIDES] = { { .text = NULL }, { .text = NULL } };
	enum verdict v = FAILED;
	bool loaded = true;

	for (int side = THEIRS; side < SIDES; side++) {
		if (s->program[side] == NULL)
			continue;
		if (load_record(&rec[side], s, i, side, s->try))
			take_best_times(&rec[side], s, i, side);
		else
			loaded = false;
	}
	if (loaded)
		v = judge(s, &s->table.rows[i], rec);
	else
		printf("  there is no record\n");
	for (int side = THEIRS; side < SIDES; side++)
		free(rec[side].text);
	return v;
}

/* ---- All rows ----------------------------------------------------------- */

static bool
wanted(const struct state *s, const struct row *row)
{
	return s->word == NULL || strstr(row->name, s->word) != NULL;
}

static bool
possible(const struct row *row)
{
	return row->needs == NULL || system(row->needs) == 0;
}

/* Few rows are late; if many fail they are wrong. */
static bool
may_try(struct state *s)
{
	return s->try == 0 || (s->try < s->tries && s->again-- > 0);
}

static void
verdict(struct state *s, size_t i)
{
	const struct row *row = &s->table.rows[i];
	enum verdict v = FAILED;

	if (!possible(row))
		v = SKIPPED;
	else
		for (s->try = 0; v == FAILED && may_try(s); s->try++) {
			if (s->try > 0) {
				printf("again: %s\n", row->name);
				start_row(s, i);
			}
			v = look_at(s, i);
		}
	s->counts[v]++;
	if (v == FAILED)
		printf("FAILED: %s\n", row->name);
	else if (s->verbose)
		printf("%s: %s\n", v == PASSED ? "ok" : "skipped", row->name);
}

static void
run_all(struct state *s)
{
	for (size_t i = 0; i < s->table.n; i++)
		if (wanted(s, &s->table.rows[i]) &&
		    possible(&s->table.rows[i]))
			start_row(s, i);
	reap_all(s);
	for (size_t i = 0; i < s->table.n; i++)
		if (wanted(s, &s->table.rows[i]))
			verdict(s, i);
}

/* Makes a directory with nothing but the program under the name. */
static void
place_program(const struct state *s, int side)
{
	char dir[512], path[600];

	snprintf(dir, sizeof(dir), "%s/%s", s->dir, side_names[side]);
	snprintf(path, sizeof(path), "%s/%s", dir, s->name);
	if (mkdir(dir, 0700) == -1 ||
	    symlink(s->program[side], path) == -1)
		tool_fail("compat: %s: %s", path, strerror(errno));
}

static void
read_arguments(struct state *s, int argc, char **argv)
{
	int ch;

	s->tries = TRIES;
	s->again = AGAIN;
	s->at_once = 24;
	while ((ch = getopt(argc, argv, "1vj:n:o:t:d:")) != -1)
		switch (ch) {
		case '1':
			s->tries = 1;
			break;
		case 'j':
			s->at_once = (int)tool_number(optarg);
			break;
		case 'v':
			s->verbose = true;
			break;
		case 'n':
			s->name = optarg;
			break;
		case 'o':
			s->program[OURS] = optarg;
			break;
		case 't':
			s->program[THEIRS] = optarg;
			break;
		case 'd':
			s->dir = optarg;
			break;
		default:
			exit(TOOL_FAILED);
		}
	s->path = argv[optind];
	s->word = s->path != NULL ? argv[optind + 1] : NULL;
	if (s->path == NULL || s->name == NULL || s->dir == NULL ||
	    s->program[OURS] == NULL)
		tool_fail("compat: -n, -o, -d and a table are needed");
}

/* What it keeps it keeps to its end; the programs that it runs are watched. */
const char	*__lsan_default_options(void);

const char *
__lsan_default_options(void)
{
	return "detect_leaks=0";
}

int
main(int argc, char **argv)
{
	struct state s = { 0 };

	read_arguments(&s, argc, argv);
	read_table(&s.table, s.path);
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int side = THEIRS; side < SIDES; side++)
		if (s.program[side] != NULL)
			place_program(&s, side);
	run_all(&s);
	printf("%d passed, %d failed, %d skipped\n", s.counts[PASSED],
	    s.counts[FAILED], s.counts[SKIPPED]);
	return s.counts[FAILED] != 0;
}
