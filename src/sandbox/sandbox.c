#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

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

/* -1 with errno. */
static int
sandbox_call_capabilities(long nr,
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3])
{
	struct __user_cap_header_struct header = {
	    .version = _LINUX_CAPABILITY_VERSION_3 };

	return (int)syscall(nr, &header, data);
}

/*
 * Gives up the capabilities that do not stay. Most processes have none, and
 * make no second call, which a service manager may forbid.
 */
static int
sandbox_drop_capabilities(uint64_t stay)
{
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {
	    { 0, 0, 0 } };
	uint32_t more = 0;

	if (sandbox_call_capabilities(SYS_capget, data) == -1)
		return -1;
	for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		more |= (data[i].permitted | data[i].inheritable) &
		    ~(uint32_t)(stay >> 32 * i);
		data[i].permitted &= (uint32_t)(stay >> 32 * i);
		data[i].effective &= data[i].permitted;
		data[i].inheritable = 0;
	}
	return more == 0 ? 0 : sandbox_call_capabilities(SYS_capset, data);
}

/*
 * ports: Landlock limits the ports of connections. A server has a filter that
 * allows no connection; Landlock of Linux before 6.18, if it limits them, also
 * refuses the two bytes of an address that resets one (fd_abort).
 */
static int
sandbox_enter_landlock(struct sandbox *s, const struct sandbox_plan *plan,
    bool ports, struct error *err)
{
	struct landlock_rules rules = plan->rules;
	int version = landlock_version();

	if (version == 0)
		return sandbox_fail(err, "enter", "Landlock",
		    "this kernel does not offer it");
	rules.all_ports |= !ports;
	if (landlock_enter(&rules, version) == -1)
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
	if (filter_enter(plan->kind, needs, &plan->sockets, plan->kills) == -1)
		return sandbox_fail(err, "enter", "a seccomp filter", NULL);
	s->filtered = true;
	return 0;
}

int
sandbox_enter(struct sandbox *s, const struct sandbox_plan *plan,
    struct error *err)
{
	bool ports = plan->kind != FILTER_SERVE || !filter_is_built();
	int rc = 0;

	/* A command has those of the user. */
	if (plan->kind != FILTER_COMMAND &&
	    sandbox_drop_capabilities(plan->capabilities) == -1) {
		rc = sandbox_fail(err, "give up", "capabilities", NULL);
		if (plan->strict)
			return rc;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return sandbox_fail(err, "give up", "new privileges", NULL);
	if (sandbox_enter_landlock(s, plan, ports, err) == -1)
		rc = -1;
	if ((rc == 0 || !plan->strict) &&
	    sandbox_enter_filter(s, plan, err) == -1) {
		rc = -1;
		/* This kernel has no filters. */
		if (!ports && s->landlock > 0 && !plan->strict)
			(void)landlock_enter(&plan->rules, s->landlock);
	}
	return rc;
}
