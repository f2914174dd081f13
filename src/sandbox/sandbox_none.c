#include <errno.h>
#include <string.h>

#include "sandbox/sandbox.h"

/* Of a build with sanitizers, which read files and make calls of their own. */

int
sandbox_enter(struct sandbox *s, const struct sandbox_plan *plan,
    struct error *err)
{
	(void)s, (void)plan;
	error_set(err, ENOSYS, "enter", "a sandbox");
	(void)strlcpy(err->why, "this build has sanitizers", sizeof(err->why));
	return -1;
}
