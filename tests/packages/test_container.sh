#!/bin/sh
# The commands of packaging/Containerfile make the files of the image, in an
# overlay of this system, and the program runs where there is nothing else.
# timeout: 600
. "$(dirname "$0")/lib.sh"

need musl-gcc autoreconf make
in_own_world "$@"
file=$TOP_SRCDIR/packaging/Containerfile

# The instructions, each in one line, without comments.
instructions()
{
	sed -n '/^#/d; H; ${x; s/\\\n *//g; s/^\n*//; p; }' "$file" |
	    grep -v '^$'
}

# The commands of the first stage, but for the installation of its packages.
makes_the_image()
{
	mkdir -p "$root/src" "$root/build" && bare_tree "$root/src" || return
	instructions >"$work/instructions"
	cat "$work/instructions"
	while read -r word rest; do
		case $word:$rest in
		RUN:apt-get*)	;;
		RUN:*)	# shellcheck disable=SC2016
			in_root sh -c "cd /build && $rest" </dev/null ||
			    return ;;
		esac
	done <"$work/instructions"
	[ -x "$root/image/bin/sockcat" ]
}

keeps_to_what_is_tried()
{
	instructions | grep -vxE "FROM .*|RUN .*|COPY \. /src|\
WORKDIR /build|COPY --from=build /image /|USER [0-9:]+|\
ENTRYPOINT \[\"/bin/sockcat\"\]" >"$work/odd"
	cat "$work/odd"
	[ ! -s "$work/odd" ]
}

in_image()
{
	chroot --userspec=65534:65534 "$root/image" "$@"
}

runs_alone()
{
	in_image /bin/sockcat --version | grep -qx "sockcat $version" &&
	    in_image /bin/nc -h 2>&1 | grep '^OpenBSD netcat'
}

# A port by name, of which /etc/services is needed, and nobody listens there.
knows_services()
{
	in_image /bin/sockcat 127.0.0.1 discard 2>&1 | tee "$work/said" &&
	    grep -q 'port 9 .*refused' "$work/said"
}

transfers()
{
	seq 100000 >"$work/from"
	in_image /bin/sockcat -l 127.0.0.1 8000 >"$work/to" &
	in_image /bin/sockcat --retry 200 --retry-delay 100ms -N \
	    127.0.0.1 8000 <"$work/from" && wait $! &&
	    cmp "$work/from" "$work/to"
}

test_the_image_is_made()
{
	check "each instruction is one that this test knows" keeps_to_what_is_tried
	if overlay 2>"$work/log"; then
		check "its commands make the files of the image" makes_the_image &&
		    check "the program runs where nothing else is" runs_alone &&
		    check "the program knows the names of services" \
		        knows_services &&
		    check "the program sends and receives there" transfers
	else
		skip "the image is not made: no overlay of the system" \
		    "$(cat "$work/log")"
	fi
}

run_tests "$@"
