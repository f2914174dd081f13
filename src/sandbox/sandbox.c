#include <sys/prctl.h>
#include <errno.h>
#include <string.h>

#include "sandbox/sandbox.h"

static int
sandbox_fail(struct error *err, const char *op, const char *object,
    const char *why)
{
	error_set(err, why != NULL ? ENOSYS : errno, op, "%s", object);
	if (why != NULL)
		(void)strlcpy(err->why, why, sizeof(err->why));
	return -1;
}

static int
sandbox_enter_landlock(struct sandbox *s, const struct sandbox_plan *plan,
    struct error *err)
{
	int version = landlock_version();

	if (version == 0)
		return sandbox_fail(err, "enter", "Landlock",
		    "this kernel does not offer it");
	if (landlock_enter(&plan->rules, version) == -1)
		return sandbox_fail(err, "enter", "Landlock", NULL);
	s->landlock = version;
	return 0;
}

static int
sandbox_enter_filter(struct sandbox *s, const struct sandbox_plan *plan,
    struct error *err)
{
	unsigned needs = plan->needs;

	if (!filter_is_built())
		return sandbox_fail(err, "enter", "a seccomp filter",
		    "this build has none");
	/*
	 * Landlock alone knows which files. Files that have to be written are
	 * opened even without it.
	 */
	if (s->landlock == 0)
		needs &= FILTER_REMOVES | FILTER_WRITES;
	if (filter_enter(plan->kind, needs, plan->kills) == -1)
		return sandbox_fail(err, "enter", "a seccomp filter", NULL);
	s->filtered = true;
	return 0;
}

int
sandbox_enter(struct sandbox *s, const struct sandbox_plan *plan,
    struct error *err)
{
	int rc = 0;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return sandbox_fail(err, "give up", "new privileges", NULL);
	if (sandbox_enter_landlock(s, plan, err) == -1)
		rc = -1;
	if ((rc == 0 || !plan->strict) &&
	    sandbox_enter_filter(s, plan, err) == -1)
		rc = -1;
	return rc;
}
