/* The modules that look names up. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "run/nsswitch.h"
#include "unit.h"

static bool
is_known(const char *text)
{
	char path[64];
	const char *dir = getenv("TEST_TMPDIR");
	FILE *f;
	struct nsswitch modules;
	bool known;

	(void)snprintf(path, sizeof(path), "%.40s/nsswitch",
	    dir != NULL ? dir : "/tmp");
	f = fopen(path, "w");
	if (f == NULL || fputs(text, f) == EOF || fclose(f) != 0)
		abort();
	nsswitch_prepare(&modules, path);
	known = modules.known;
	(void)unlink(path);
	return known;
}

TEST(modules_of_the_system_are_known)
{
	CHECK(is_known("hosts: files mdns4_minimal [NOTFOUND=return] dns\n"));
	CHECK(is_known("hosts:\tresolve [!UNAVAIL=return] files myhostname "
	    "dns\nservices:db files sss\n"));
	CHECK(is_known("# hosts: ldap\nhosts: files # ldap\n"));
	CHECK(is_known("hosts: files [ NOTFOUND=continue "
	    "UNAVAIL=return ] dns"));
}

TEST(modules_of_users_alone_do_not_matter)
{
	CHECK(is_known("passwd: files ldap\ngroup: files wins\nhosts: dns\n"));
}

TEST(other_modules_are_unknown)
{
	CHECK(!is_known("hosts: files ldap\n"));
	CHECK(!is_known("passwd: files\nhosts:wins\n"));
	CHECK(!is_known("services: files [NOTFOUND=return] nis\n"));
}

TEST(without_the_file_none_is_unknown)
{
	struct nsswitch modules;

	nsswitch_prepare(&modules, "/nonexistent/nsswitch.conf");
	CHECK(modules.known && !modules.sockets && modules.npaths == 0);
}
