/*
 * Run a command in a network namespace of its own, with the loopback up, so
 * that ports, limits and other programs' traffic do not matter:
 *	netns COMMAND ...
 * Its congestion control is reno: one that paces (bbr) makes its timers the
 * limit of a loopback, whatever the program. Every user may listen on ports
 * below 1024 there, for the scans begin at port 1.
 * Where that is not permitted the command runs where it is.
 */
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <net/if.h>
#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool
put(const char *file, const char *text)
{
	int	fd = open(file, O_WRONLY | O_CLOEXEC);
	bool	ok;

	if (fd == -1)
		return false;
	ok = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return ok;
}

/* Root needs no user namespace; others get one in which they stay who they
 * are to the outside. */
static bool
leave(void)
{
	char	map[64];
	uid_t	uid = geteuid();
	gid_t	gid = getegid();

	if (uid == 0 && unshare(CLONE_NEWNET) == 0)
		return true;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) == -1)
		return false;
	put("/proc/self/setgroups", "deny");
	snprintf(map, sizeof map, "%u %u 1", uid, uid);
	put("/proc/self/uid_map", map);
	snprintf(map, sizeof map, "%u %u 1", gid, gid);
	put("/proc/self/gid_map", map);
	return true;
}

static bool
loopback_up(void)
{
	struct ifreq	ifr;
	int		s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc;

	memset(&ifr, 0, sizeof ifr);
	strcpy(ifr.ifr_name, "lo");
	ifr.ifr_flags = IFF_UP | IFF_RUNNING;
	rc = ioctl(s, SIOCSIFFLAGS, &ifr);
	close(s);
	return rc == 0;
}

int
main(int argc, char *argv[])
{
	if (argc < 2)
		errx(2, "usage: netns command ...");
	if (!leave())
		warnx("not permitted; running on the common loopback");
	else if (!loopback_up())
		err(1, "loopback");
	else {
		put("/proc/sys/net/ipv4/tcp_congestion_control", "reno");
		put("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0");
	}
	execvp(argv[1], argv + 1);
	err(127, "%s", argv[1]);
}
