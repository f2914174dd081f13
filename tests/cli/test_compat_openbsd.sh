#!/bin/sh
# sockcat called as nc against Debian's netcat-openbsd: tests/compat.
. "$(dirname "$0")/compat.inc"
compare nc nc.openbsd openbsd.tab "$@"
