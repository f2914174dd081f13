/*
 * Stands in for editor_libedit.c in a build without libedit.
 */
#include "console/editor.h"

const struct editor_ops *
editor_libedit(void)
{
	return NULL;
}
