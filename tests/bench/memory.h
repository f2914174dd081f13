/*
 * The memory that a program and its children need.
 */
#ifndef BENCH_MEMORY_H
#define BENCH_MEMORY_H

#include <dirent.h>

#include "program.h"

/* KiB of this process, shared pages by their share; 0: it is not there. */
static inline double
memory_of(const char *pid)
{
	char	path[64], line[256];
	double	kib = 0;
	FILE	*f;

	snprintf(path, sizeof path, "/proc/%.20s/smaps_rollup", pid);
	if ((f = fopen(path, "re")) == NULL)
		return 0;
	while (fgets(line, sizeof line, f) != NULL)
		if (sscanf(line, "Pss: %lf", &kib) == 1)
			break;
	fclose(f);
	return kib;
}

static inline pid_t
session_of(const char *pid)
{
	char	path[64], line[512], *end;
	int	session = 0;
	FILE	*f;

	snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
	if ((f = fopen(path, "re")) == NULL)
		return 0;
	if (fgets(line, sizeof line, f) != NULL &&
	    (end = strrchr(line, ')')) != NULL)
		sscanf(end, ") %*c %*d %*d %d", &session);
	fclose(f);
	return session;
}

/* A program that leads a session, and all its children. */
static inline double
memory(const struct program *p, unsigned *processes)
{
	struct dirent	*entry;
	double		 kib, sum = 0;
	DIR		*dir = opendir("/proc");

	if (dir == NULL)
		err(1, "/proc");
	*processes = 0;
	while ((entry = readdir(dir)) != NULL)
		if (atoi(entry->d_name) > 0 &&
		    session_of(entry->d_name) == p->pid &&
		    (kib = memory_of(entry->d_name)) > 0) {
			sum += kib;
			++*processes;
		}
	closedir(dir);
	return sum;
}

#endif
