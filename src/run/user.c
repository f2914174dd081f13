#include <sys/prctl.h>
#include <sys/types.h>
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "run/user.h"

int
user_find(struct run *r, struct error *err)
{
	const char *name = r->plan->service.user;
	struct run_user *u = &r->user;
	const struct passwd *pw;
	long long n = 0;
	bool number;

	if (name == NULL)
		return 0;
	error_set(err, EPERM, "run as", "user %s", name);
	number = num_int(name, 0, UINT_MAX - 1, &n) == NULL;
	if ((pw = getpwnam(name)) == NULL && number)
		pw = getpwuid((uid_t)n);
	if (pw == NULL && !number) {
		(void)strlcpy(err->why, "no such user",
		    sizeof(err->why));
		return -1;
	}
	if (geteuid() != 0) {
		(void)strlcpy(err->why, "only root can change the user",
		    sizeof(err->why));
		return -1;
	}
	/* A number need not be in the system's list of users. */
	u->uid = pw != NULL ? pw->pw_uid : (uid_t)n;
	u->gid = pw != NULL ? pw->pw_gid : (gid_t)n;
	if (pw != NULL) {
		u->name = strdup(pw->pw_name);
		u->home = strdup(pw->pw_dir);
	}
	return 0;
}

/* Whether an identity of before could be taken again: tries to. */
static bool
user_can_go_back(const struct run_user *u)
{
	uid_t uid, euid, suid;
	gid_t gid, egid, sgid;

	if (getresuid(&uid, &euid, &suid) == -1 ||
	    getresgid(&gid, &egid, &sgid) == -1 ||
	    uid != u->uid || euid != u->uid || suid != u->uid ||
	    gid != u->gid || egid != u->gid || sgid != u->gid)
		return true;
	return u->uid != 0 && (setresuid((uid_t)-1, 0, (uid_t)-1) == 0 ||
	    (u->gid != 0 && setresgid((gid_t)-1, 0, (gid_t)-1) == 0) ||
	    setgroups(0, NULL) == 0);
}

bool
user_become(struct run *r)
{
	struct run_user *u = &r->user;
	/* The environment of commands. */
	const struct { const char *variable, *value; } facts[] = {
		{ "USER", u->name }, { "LOGNAME", u->name },
		{ "HOME", u->home }
	};
	struct error err;
	int signo = 0;

	if (r->plan->service.user == NULL || u->changed)
		return true;
	u->changed = true;
	/* The change ends the request for a signal at the parent's death. */
	(void)prctl(PR_GET_PDEATHSIG, &signo);
	error_set(&err, 0, "run as", "user %s", r->plan->service.user);
	if ((u->name != NULL ? initgroups(u->name, u->gid) :
	    setgroups(0, NULL)) == -1 ||
	    setresgid(u->gid, u->gid, u->gid) == -1 ||
	    setresuid(u->uid, u->uid, u->uid) == -1)
		err.num = errno;
	else if (user_can_go_back(u))
		err.num = EPERM;
	else {
		(void)prctl(PR_SET_PDEATHSIG, signo);
		for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
			if (facts[i].value != NULL)
				(void)setenv(facts[i].variable, facts[i].value,
				    1);
		if (r->plan->verbose > 0)
			diag_warnx("running as user %s (uid %u, gid %u)",
			    r->plan->service.user, (unsigned)u->uid,
			    (unsigned)u->gid);
		return true;
	}
	run_fail(r, &err);
	return false;
}

bool
user_sets_as_root(const struct plan *plan)
{
	const struct sockopt_set *o = &plan->sock;

	return plan->socket.type != 0 || o->nnamed > 0 || o->debug || o->md5 ||
	    o->tos >= 0 || plan->device != NULL;
}

bool
user_connects_as_root(const struct plan *plan)
{
	return plan->local_port != NULL || plan->family == FAMILY_UNIX ||
	    user_sets_as_root(plan);
}
