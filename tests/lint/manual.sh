#!/bin/sh
# The manual page is clean mdoc.
. "$(dirname "$0")/common.inc"

if [ ! -f doc/sockcat.1 ]; then
	skip "there is no doc/sockcat.1"
elif ! command -v mandoc >/dev/null 2>&1; then
	skip "mandoc is not installed"
else
	mandoc -T lint -W warning doc/sockcat.1 >"$found" 2>&1
	verdict "mandoc has no word to say against doc/sockcat.1"
fi

end
