/*
 * Rules about the targets of a proxy server's clients, as they are written:
 * HOST|NETWORK[:PORT[-PORT]]. Pure.
 */
#ifndef BASE_TARGET_H
#define BASE_TARGET_H

#include "base/socket.h"

/*
 * Cuts a rule in two, "HOST" or "[HOST]" and the ports after it, and reads the
 * ports; cuts the word, which the rule points into. Returns NULL, or why not.
 */
const char	*target_rule_read(struct target_rule *, char *word);

#endif
