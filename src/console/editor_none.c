/*
 * Stands in for editor_libedit.c in a build without libedit.
 */
#include "console/editor.h"

struct editor *
editor_open_libedit(const struct editor_setup *set)
{
	(void)set;
	return NULL;
}
