#!/bin/sh
# One file without any shared library does what the other does.
# timeout: 400

. "$(dirname "$0")/lib.sh"

# Not a part of the make that may have started us.
make_static()
{
	(
		unset MAKEFLAGS MAKELEVEL MFLAGS
		"${MAKE:-make}" -j2 -C "$TOP_BUILDDIR" V=0 static
	) 2>&1
}

static_program()	# built here, or nothing
{
	[ -z "${SANITIZED:-}" ] || [ "$SANITIZED" = no ] ||
	    { skip "not with sanitizers"; return 1; }
	grep -Eq '^(MUSL_CC|STATIC_LDFLAGS) = .' "$TOP_BUILDDIR/Makefile" \
	    2>/dev/null || { skip "there are no static libraries"; return 1; }
	[ -w "$TOP_BUILDDIR" ] || { skip "the build is not ours"; return 1; }
	make_static >"$work/make.log" || cat "$work/make.log"
	STATIC=$TOP_BUILDDIR/sockcat-static
}

with_musl()
{
	grep -q '^MUSL_CC = .' "$TOP_BUILDDIR/Makefile" && return 0
	skip "no compiler for musl"
	return 1
}

# These tests of another file pass, and were not skipped.
passes()	# FILE TEST...
{
	passes_file=$1
	shift
	for passes_test do
		env -u SUBJECT SOCKCAT="$STATIC" TEST_TMPDIR="$T" \
		    sh "$TOP_SRCDIR/tests/cli/$passes_file" "$passes_test" \
		    >"$T/log" 2>&1 </dev/null
		tail -n 1 "$T/log" |
		    grep -Eq '^[1-9][0-9]* passed, 0 failed' || {
			cat "$T/log"
			fail "$passes_file: $passes_test"
			BAD=yes
		}
	done
}

test_a_static_program_needs_no_library_and_finds_names_in_files()
{
	static_program || return 0
	same "libraries" "" "$(ldd "$STATIC" 2>/dev/null | grep '=>')"
	free_port
	launch listener "$STATIC" -l 127.0.0.1 "$PORT" </dev/null
	run_gives 0 "$STATIC" -N localhost "$PORT" <"$0"
	finish listener
	same_file "what came" "$0" "$T/listener.out"
}

test_with_musl_it_has_no_interpreter_and_nothing_dynamic()
{
	static_program && with_musl || return 0
	command -v readelf >/dev/null || { skip "no readelf"; return; }
	readelf -lW "$STATIC" >"$T/parts"
	true_that "it was read" grep -q LOAD "$T/parts"
	same "what it asks for" "" "$(grep -E 'INTERP|DYNAMIC' "$T/parts")"
	lacks "the C library" "$(strings "$STATIC")" "GNU C Library"
}

test_a_changed_file_is_compiled_again()
{
	static_program && with_musl || return 0
	same "what is compiled when nothing changed" 0 \
	    "$(make_static | grep -c ' CC ')"
	# As if its source were newer.
	touch -t 200001010000 "$TOP_BUILDDIR"/src/base/musl_*-num.o
	same "what is compiled when one has" "num.o" \
	    "$(make_static | sed -n 's/.* CC .*-//p')"
}

test_services_have_their_names()
{
	static_program || return 0
	run "$STATIC" --compat=traditional -v -w 5 127.0.0.1 discard </dev/null
	holds "stderr" "$ERR" " 9 (discard) "
	passes test_connect.sh test_a_service_name_is_a_port
	passes test_scan.sh test_service_names_are_ports
}

test_names_are_told()
{
	static_program || return 0
	passes test_verbose.sh test_a_connection_by_name_succeeded \
	    test_without_n_the_client_s_name_is_looked_up
}

test_datagrams_commands_and_chats_work()
{
	static_program || return 0
	passes test_udp.sh test_a_datagram_and_its_answer_go_there_and_back \
	    test_the_largest_datagram_arrives_whole
	passes test_exec.sh test_e_lets_a_program_serve \
	    test_c_lets_a_shell_serve test_its_exit_status_is_ours
	passes test_chat.sh \
	    test_lines_go_both_ways_at_any_moment_and_both_end
}

test_proxies_are_told_who_asks()
{
	static_program || return 0
	passes test_http_proxy.sh test_who_asks_is_told_by_digest \
	    test_who_asks_is_told_by_the_better_digest
}

test_it_speaks_as_the_other_does()
{
	static_program || return 0
	passes test_errors.sh test_help_goes_where_the_copied_tool_sends_it \
	    test_version_is_there_in_every_personality \
	    test_a_port_in_use test_an_unknown_host
	for word in --help --version; do
		"$NC" $word >"$T/theirs" 2>&1
		"$STATIC" $word >"$T/ours" 2>&1
		# What is linked is told by --version.
		sed -i '/^lib[a-z]*: /d; /^TLS: /d' \
		    "$T/theirs" "$T/ours"
		same_file "what $word says" "$T/theirs" "$T/ours"
	done
}

test_it_refuses_options_in_the_same_words()
{
	static_program || return 0
	for words in -w "-vq" --wait "h --wait" --lisen --re --listen=3 -K; do
		"$NC" $words 2>&1 </dev/null | sed 's/^[^:]*//' >"$T/theirs"
		"$STATIC" $words 2>&1 </dev/null | sed 's/^[^:]*//' >"$T/ours"
		same_file "what is said of $words" "$T/theirs" "$T/ours"
		holds "what is said of $words" "$(cat "$T/ours")" "option"
	done
}

test_a_message_costs_no_call_of_memory()
{
	static_program || return 0
	need_strace || return 0
	passes test_costs.sh \
	    test_a_round_trip_that_is_copied_is_a_wait_a_read_and_a_write_each_way \
	    test_an_echo_is_a_wait_a_read_and_a_write \
	    test_a_message_in_a_room_is_a_wait_a_read_and_a_write_for_each_that_hears
}

# Its compiler finds neither the kernel's headers nor the system's libraries.
test_the_compiler_for_musl_builds_the_program_itself()
{
	command -v musl-gcc >/dev/null || { skip "no musl-gcc"; return; }
	[ -x "$TOP_SRCDIR/configure" ] && [ ! -e "$TOP_SRCDIR/config.status" ] ||
	    { skip "no other build can be made of this tree"; return; }
	mkdir "$T/musl"
	(
		unset MAKEFLAGS MAKELEVEL MFLAGS CPPFLAGS LDFLAGS LIBS
		cd "$T/musl" &&
		    CC=musl-gcc CFLAGS=-O0 "$TOP_SRCDIR/configure" -q \
		    --disable-hardening && "${MAKE:-make}" -s -j2 sockcat
	) >"$T/log" 2>&1 || cat "$T/log"
	same "what it is" "sockcat" \
	    "$("$T/musl/sockcat" --version </dev/null | sed -n '1s/ .*//p')"
}

run_tests "$@"
