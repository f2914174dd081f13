#!/bin/sh
# -o: a hex dump of the traffic, as netcat-traditional writes it; --hex-dump,
# as ncat does.
. "$(dirname "$0")/lib.sh"

# One request and an answer of more than one row, each of them one read.
exchange()	# OPTION...
{
	printf 'GET /\n' >"$T/in"
	serve accept recv-line 'send:\x00\x01 hello, this is a row\n\xff~\x7f' \
	    close
	run "$NC" "$@" 127.0.0.1 "$PORT" <"$T/in"
	peer_done
	same "exit status" 0 "$RC"
}

test_the_dump_is_that_of_the_first_netcat()
{
	over native nc traditional real-traditional || return 0
	exchange -o "$T/dump"
	cat >"$T/want" <<-'EOF'
	> 00000000 47 45 54 20 2f 0a                               # GET /.
	< 00000000 00 01 20 68 65 6c 6c 6f 2c 20 74 68 69 73 20 69 # .. hello, this i
	< 00000010 73 20 61 20 72 6f 77 0a ff 7e 7f                # s a row..~.
	EOF
	same_file "dump" "$T/want" "$T/dump"
}

test_the_other_dump_is_that_of_ncat()
{
	over native ncat real-ncat || return 0
	exchange --hex-dump "$T/dump"
	sed 's/|$//' >"$T/want" <<-'EOF'
	0000   47 45 54 20 2f 0a                                 GET./.          |
	0000   00 01 20 68 65 6c 6c 6f  2c 20 74 68 69 73 20 69  ...hello,.this.i|
	0010   73 20 61 20 72 6f 77 0a  ff 7e 7f                 s.a.row..~.     |
	EOF
	same_file "dump" "$T/want" "$T/dump"
}

test_much_data_is_dumped_to_the_last_byte()
{
	over native traditional || return 0
	in=$(bytes 300000)
	serve accept recv-eof "save:$T/got" close
	run "$NC" -q 1 -o "$T/dump" 127.0.0.1 "$PORT" <"$in"
	peer_done
	same_file "data" "$in" "$T/got"
	cut -c 12-58 "$T/dump" | xxd -r -p >"$T/back" 2>/dev/null || {
		skip "no xxd"
		return
	}
	same_file "what was dumped" "$in" "$T/back"
}

test_those_of_a_kept_listener_share_the_file()
{
	listener -k -d -o "$T/dump"
	client send:one fin recv-eof
	client send:two fin recv-eof
	waitfor "text:$T/dump:two"
	stop listener
	same "rows" 2 "$(grep -c '^< 00000000 ' "$T/dump")"
}

test_many_at_once_share_the_file_row_by_row()
{
	over native ncat || return 0
	opt=-o
	[ "$SUBJECT" = native ] || opt=-x
	listener -k --max-conns 5 $opt "$T/dump" </dev/null
	guest one send:first "await:$T/go" fin recv-end
	guest two send:second "await:$T/go" fin recv-end
	waitfor "text:$T/dump:first" "text:$T/dump:second"
	touch "$T/go"
	guest_done one
	guest_done two
	stop listener
	same "rows" 2 "$(grep -c . "$T/dump")"
}

test_a_command_is_dumped_too()
{
	over native traditional || return 0
	free_port
	if [ "$SUBJECT" = native ]; then
		start listener "$NC" -o "$T/dump" -e /bin/cat -l "$PORT"
	else
		start listener "$NC" -o "$T/dump" -e /bin/cat -l -p "$PORT"
	fi
	waitfor "tcp:$PORT"
	client 'send:hi\n' recv-line fin recv-eof
	finish listener
	same "dump" "< 00000000 68 69 0a$(printf '%40s' '')# hi.
> 00000000 68 69 0a$(printf '%40s' '')# hi." "$(cat "$T/dump")"
}

test_an_echo_and_datagrams_are_dumped_too()
{
	listener --echo -o "$T/dump"
	client 'send:hi\n' recv-line fin recv-eof
	finish listener
	same "rows" 2 "$(grep -c hi "$T/dump")"
	serve_udp recv-dgram expect:dgram send:answer
	start run "$NC" -u -w 1 -o "$T/dump" 127.0.0.1 "$PORT" <<-EOF
	dgram
	EOF
	finish run
	same "rows" 1 "$(grep -c '^> 00000000 64 67 72 61 6d 0a' "$T/dump")"
}

test_what_was_seen_is_there_after_a_signal()
{
	over native nc traditional || return 0
	hold
	serve accept send:hello recv-eof
	start run "$NC" -o "$T/dump" 127.0.0.1 "$PORT" <"$T/idle"
	waitfor "text:$T/run.out:hello"
	stop run
	holds "dump" "$(cat "$T/dump")" "# hello"
}

# --- files that cannot be written --------------------------------------------

test_a_full_file_costs_the_session_nothing()
{
	over native nc traditional ncat || return 0
	[ -c /dev/full ] || { skip "no /dev/full"; return; }
	in=$(bytes 200000)
	opt=-o want=1
	[ "$SUBJECT" != ncat ] || opt=-x want=0
	quit='-q 1'
	[ "$SUBJECT" != ncat ] || quit=
	serve accept fill:100000 recv-eof "save:$T/got" close
	run "$NC" $quit $opt /dev/full 127.0.0.1 "$PORT" <"$in"
	peer_done
	same_file "data" "$in" "$T/got"
	same "bytes that came" 100000 "$(wc -c <"$T/run.out")"
	fails_with_one_line $want
	holds "stderr" "$ERR" "No space left on device"
}

test_a_disk_that_fills_up_costs_the_session_nothing()
{
	unshare -m true 2>/dev/null || { skip "no mounts here"; return; }
	in=$(bytes 200000)
	serve accept fill:100000 recv-eof "save:$T/got" close
	mkdir "$T/mnt"
	start run unshare -m sh -c '
	    mount -t tmpfs -o size=64k none "$1/mnt" || exit 99
	    where=$1; shift
	    "$@" -o "$where/mnt/dump"' - "$T" "$NC" 127.0.0.1 "$PORT" <"$in"
	finish run
	[ "$RC" != 99 ] || { skip "no mounts here"; return; }
	peer_done
	same_file "data" "$in" "$T/got"
	same "bytes that came" 100000 "$(wc -c <"$T/run.out")"
	fails_with_one_line 1
}

test_a_file_that_cannot_be_made_is_an_error_at_once()
{
	over native nc traditional real-traditional || return 0
	run "$NC" -o "$T/no/dump" 127.0.0.1 1 </dev/null
	fails_with_one_line 1
	holds "stderr" "$ERR" "No such file or directory"
}

test_a_fifo_that_nobody_reads_is_an_error_at_once()
{
	over native nc traditional ncat || return 0
	mkfifo "$T/fifo"
	opt=-o want=1
	[ "$SUBJECT" != ncat ] || opt=-x want=2
	run "$NC" $opt "$T/fifo" 127.0.0.1 1 </dev/null
	fails_with_one_line $want
}

test_a_fifo_gets_all_of_it()
{
	in=$(bytes 300000)
	mkfifo "$T/fifo"
	start reader sh -c 'wc -l <"$1"' - "$T/fifo"
	serve accept recv-eof "save:$T/got" close
	waitfor "asleep:$(pid_of reader)"
	start run "$NC" -o "$T/fifo" 127.0.0.1 "$PORT" <"$in"
	exits run 0
	same "stderr" "" "$ERR"
	peer_done
	finish reader
	true_that "rows: $OUT" [ "$OUT" -ge 18750 ]
}

test_standard_error_is_a_file_too()
{
	over native traditional real-traditional || return 0
	exchange -o /dev/stderr
	holds "stderr" "$ERR" "> 00000000 47 45 54"
}

test_a_hyphen_is_no_file_natively()
{
	over native nc || return 0
	run "$NC" -o - 127.0.0.1 1 </dev/null
	fails_with_one_line 1
	holds "stderr" "$ERR" "-o: standard output is for the data"
}

test_a_hyphen_is_a_file_to_the_first_netcat()
{
	over traditional real-traditional || return 0
	cd "$T" || return
	exchange -o -
	holds "the file" "$(cat ./-)" "> 00000000 47 45 54"
	cd "$work" || return
}

run_tests "$@"
