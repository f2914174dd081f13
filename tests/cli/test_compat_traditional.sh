#!/bin/sh
# sockcat called as nc.traditional against that tool: tests/compat.
. "$(dirname "$0")/compat.inc"
compare nc.traditional nc.traditional traditional.tab "$@"
