#!/bin/sh
# From where the module with OpenSSL is loaded, and from where never: others
# would choose the code that the user runs.
. "$(dirname "$0")/lib.sh"

MODULE=$TOP_BUILDDIR/sockcat-tls.so

# A program in a directory of its own, $T/p/bin, with the module beside it.
stage()
{
	[ -f "$MODULE" ] || { skip "OpenSSL is no module here"; return 1; }
	CLOSED=$(closed_port)
	mkdir "$T/alone"
	cp "$SOCKCAT" "$T/alone/sockcat"
	run "$T/alone/sockcat" --tls 127.0.0.1 "$CLOSED" </dev/null
	case $ERR in
	*"is not installed"*) ;;
	*)	skip "the module is installed, too"; return 1 ;;
	esac
	rm -rf "$T/p"
	mkdir -p "$T/p/bin" "$T/p/lib/sockcat"
	cp "$SOCKCAT" "$T/p/bin/sockcat"
	cp "$MODULE" "$T/p/bin/sockcat-tls.so"
	chmod 755 "$T/p" "$T/p/bin" "$T/p/lib" "$T/p/lib/sockcat" \
	    "$T/p/bin/sockcat" "$T/p/bin/sockcat-tls.so"
	run "$T/p/bin/sockcat" --tls 127.0.0.1 "$CLOSED" </dev/null
	holds "stderr of a staged program" "$ERR" "Connection refused"
	[ -z "$BAD" ]
}

refused()	# WHAT
{
	run "$T/p/bin/sockcat" --tls 127.0.0.1 "$CLOSED" </dev/null
	same "exit status, $1" 1 "$RC"
	one_line "$1" "$ERR"
	holds "$1" "$ERR" "others can change the module sockcat-tls.so"
}

test_a_module_beside_the_program_or_below_lib_is_used()
{
	stage || return 0
	mv "$T/p/bin/sockcat-tls.so" "$T/p/lib/sockcat"
	run "$T/p/bin/sockcat" --tls 127.0.0.1 "$CLOSED" </dev/null
	holds "stderr" "$ERR" "Connection refused"
}

test_a_directory_that_others_can_write_to_is_no_place_for_the_module()
{
	stage || return 0
	for mode in 1777 777 775 1775; do
		chmod "$mode" "$T/p/bin"
		refused "beside the program, $mode"
	done
	chmod 755 "$T/p/bin"
	mv "$T/p/bin/sockcat-tls.so" "$T/p/lib/sockcat"
	chmod 1777 "$T/p/lib/sockcat"
	refused "below lib"
}

test_a_module_that_others_can_write_is_not_loaded()
{
	stage || return 0
	for mode in 666 646 664 775; do
		chmod "$mode" "$T/p/bin/sockcat-tls.so"
		refused "mode $mode"
	done
}

# As umask 002 makes them: who can write the module can write the program.
test_a_group_that_can_write_the_program_can_write_the_module()
{
	stage || return 0
	chmod 775 "$T/p/bin" "$T/p/bin/sockcat" "$T/p/bin/sockcat-tls.so"
	run "$T/p/bin/sockcat" --tls 127.0.0.1 "$CLOSED" </dev/null
	holds "stderr" "$ERR" "Connection refused"
}

test_a_link_is_not_followed_to_a_module()
{
	stage || return 0
	ln -sf "$MODULE" "$T/p/bin/sockcat-tls.so"
	refused "a link"
}

test_a_module_or_a_directory_of_somebody_else_is_not_loaded()
{
	stage || return 0
	chown 4321 "$T/p/bin/sockcat-tls.so" 2>/dev/null ||
	    { skip "only root can give files away"; return 0; }
	refused "a module of another user"
	chown 0 "$T/p/bin/sockcat-tls.so"
	chown 4321 "$T/p/bin"
	refused "a directory of another user"
	# The owner of the program could change the program, too.
	chown 4321 "$T/p/bin/sockcat" "$T/p/bin/sockcat-tls.so"
	run "$T/p/bin/sockcat" --tls 127.0.0.1 "$CLOSED" </dev/null
	holds "stderr" "$ERR" "Connection refused"
}

# Where everybody can make files, an attacker swaps the file that is checked
# for the file that is loaded.
test_a_module_that_changes_while_the_program_starts_is_not_loaded()
{
	stage || return 0
	chmod 1777 "$T/p/bin"
	mv "$T/p/bin/sockcat-tls.so" "$T/p/good"
	cp "$T/p/good" "$T/p/bad"
	start swap sh -c 'while [ ! -e "$1/stop" ]; do
		ln -sf "$1/good" "$1/bin/a"; mv -f "$1/bin/a" "$2"
		ln -f "$1/bad" "$1/bin/b"; mv -f "$1/bin/b" "$2"
		done' sh "$T/p" "$T/p/bin/sockcat-tls.so"
	waitfor "file:$T/p/bin/sockcat-tls.so"
	starts=0
	while [ "$starts" -lt 100 ] && [ -z "$BAD" ]; do
		refused "start $starts"
		starts=$((starts + 1))
	done
	: >"$T/p/stop"
	finish swap
}

# Beside the program, or in the current directory, nothing is looked for.
test_a_planted_library_is_not_loaded()
{
	"$SOCKCAT" --version | grep -q '^libunistring: shared' ||
		{ skip "no libunistring"; return 0; }
	mkdir "$T/planted"
	cp "$SOCKCAT" "$T/planted/sockcat"
	for name in libedit.so.2 libunistring.so.2 libunistring.so.5; do
		echo planted >"$T/planted/$name"
	done
	free_port
	launch listener sh -c \
	    'cd "$1" && exec ./sockcat -l -k --talk 127.0.0.1 "$2"' sh \
	    "$T/planted" "$PORT" </dev/null
	# Without the library, names are ASCII.
	client until:more\\n 'send::name J\xc3\xbcrg\n' \
	    'until:now called J' fin recv-end
	stop listener
}

run_tests "$@"
