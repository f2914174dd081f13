/*
 * nsswitch.conf(5): which modules of the C library look names up.
 */
#ifndef RUN_NSSWITCH_H
#define RUN_NSSWITCH_H

#include <stdbool.h>

/*
 * Returns whether all modules for hosts and services are known to need no more
 * than the sandbox for names allows: files of the system, Unix sockets and DNS.
 * Others may read any file and connect to any port, as those of LDAP do. Of a
 * file that is long, nothing is known; a file that is missing has no module.
 */
bool	nsswitch_is_known(const char *path);

#endif
