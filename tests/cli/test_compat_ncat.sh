#!/bin/sh
# sockcat called as ncat against that tool: tests/compat.
# timeout: 600
. "$(dirname "$0")/compat.inc"
# The original takes a tenth of a second to start.
JOBS=6
compare ncat ncat ncat.tab "$@"
