#!/bin/sh
# Digests of what was sent and received.
. "$(dirname "$0")/lib.sh"

# The digest of a file by the tool of coreutils, or nothing.
tool_sum()	# KIND FILE
{
	case $1 in
	blake2b) tool=b2sum ;;
	*)	tool=$1sum ;;
	esac
	command -v "$tool" >/dev/null || return 0
	"$tool" "$2" | cut -d ' ' -f 1
}

# Whether this build makes the digest.
has_sum()	# KIND
{
	! "$NC" --sum="$1" 127.0.0.1 "$(closed_port)" </dev/null 2>&1 |
	    grep -q OpenSSL
}

test_each_digest_is_that_of_the_usual_tool()
{
	over native nc || return 0
	file=$(bytes 3000001)
	back=$(bytes 70000)
	for kind in sha256 sha1 md5 blake2b; do
		wanted=$(tool_sum "$kind" "$file")
		answer=$(tool_sum "$kind" "$back")
		[ -n "$wanted" ] && has_sum "$kind" || continue
		serve accept recv-eof "send-file:$back" fin
		run "$NC" --sum="$kind" -N 127.0.0.1 "$PORT" <"$file"
		same "$kind: exit status" 0 "$RC"
		same "$kind" "$wanted  sent
$answer  received" "$ERR"
		peer_done
	done
}

test_sha256_is_the_default()
{
	serve accept recv-eof fin
	run "$NC" --sum -N 127.0.0.1 "$PORT" <<-X
		hello
	X
	same "exit status" 0 "$RC"
	same "stderr" "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03  sent
e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  received" \
	    "$ERR"
	peer_done
}

test_several_digests_are_printed_one_after_the_other()
{
	serve accept recv-eof 'send:123456789' fin
	run "$NC" --sum=crc32c --sum=md5 --sum=crc32c -N 127.0.0.1 "$PORT" \
	    </dev/null
	same "stderr" "d41d8cd98f00b204e9800998ecf8427e  sent
25f9e794323b453885f5181f1b624d0b  received
00000000  sent
e3069283  received" "$ERR"
	peer_done
}

test_both_ends_of_a_transfer_print_the_same()
{
	for how in "" -C "--framing u32be" "--framing netstring" --telnet \
	    "--rate-limit 20M"; do
		free_port
		launch listener "$NC" --sum ${how#-C} -l "$PORT" </dev/null
		run "$NC" --sum $how -N 127.0.0.1 "$PORT" <"$(bytes 500000)"
		same "$how: exit status" 0 "$RC"
		sent=$(echo "$ERR" | sed -n 's/  sent$//p')
		finish listener
		# Of the file, in any case.
		[ -z "$(tool_sum sha256 /dev/null)" ] ||
			same "$how: the sender" \
			    "$(tool_sum sha256 "$(bytes 500000)")" "$sent"
		wanted=$sent
		[ -z "$(tool_sum sha256 /dev/null)" ] || wanted=$(tool_sum \
		    sha256 "$T/listener.out")
		same "$how: the receiver" "$wanted" \
		    "$(sed -n 's/  received$//p' "$T/listener.err")"
	done
}

test_a_cut_transfer_does_not_look_like_a_success()
{
	serve accept send:some recv:1000 rst
	run_gives 1 "$NC" --sum=crc32c 127.0.0.1 "$PORT" <"$(bytes 9000000)"
	true_that "$ERR: sent" grep -q '^[0-9a-f]*  sent (incomplete)$' \
	    "$T/run.err"
	true_that "$ERR: received" grep -q \
	    '^[0-9a-f]*  received (incomplete)$' "$T/run.err"
	peer_done
}

test_a_full_disk_does_not_look_like_a_success()
{
	[ -c /dev/full ] || { skip "no /dev/full"; return 0; }
	serve accept send:some fin recv-end
	start run sh -c 'exec "$@" >/dev/full' - "$NC" --sum=crc32c \
	    127.0.0.1 "$PORT" </dev/null
	exits run 1
	holds "stderr" "$ERR" "00000000  received (incomplete)"
	peer_done
}

test_a_signal_and_a_deadline_leave_incomplete_digests()
{
	serve accept send:some "await:$T/go" recv-end
	hold
	start run "$NC" --sum=crc32c 127.0.0.1 "$PORT" <"$T/idle"
	waitfor "size:$T/run.out:4"
	stop run
	holds "stderr" "$ERR" "  received (incomplete)"
	holds "stderr" "$ERR" "00000000  sent (incomplete)"
	: >"$T/go"
	peer_done
	serve accept send:some "await:$T/gone" recv-end
	run "$NC" --sum=crc32c --deadline 5 127.0.0.1 "$PORT" <"$T/idle"
	holds "stderr" "$ERR" "  received (incomplete)"
	: >"$T/gone"
	peer_done
}

test_each_session_of_a_listener_has_its_lines()
{
	listener -k --sum=crc32c </dev/null
	for n in 1 2; do
		client send:123456789 fin recv-eof
		waitfor "size:$T/listener.err:$((n * 34))"
	done
	stop listener
	same "the lines" "00000000  sent
e3069283  received
00000000  sent
e3069283  received" "$ERR"
}

test_clients_at_once_are_one_session()
{
	listener -k --max-conns 5 --merge chunk --sum=crc32c </dev/null
	client send:1234 fin recv-eof
	waitfor "size:$T/listener.out:4"
	client send:56789 fin recv-eof
	waitfor "size:$T/listener.out:9"
	stop listener
	true_that "$ERR" grep -q '^e3069283  received' "$T/listener.err"
	same "lines" 2 "$(grep -c . "$T/listener.err")"
}

test_a_direction_that_is_not_used_has_no_line()
{
	serve accept send:123456789 fin recv-eof
	run "$NC" --sum=crc32c --recv-only 127.0.0.1 "$PORT" </dev/null
	same "stderr" "e3069283  received" "$ERR"
	peer_done
	serve accept recv-eof fin
	run "$NC" --sum=crc32c --send-only 127.0.0.1 "$PORT" <<-X
		hello
	X
	true_that "$ERR" grep -qx '[0-9a-f]\{8\}  sent' "$T/run.err"
	one_line "stderr" "$ERR"
	peer_done
}

test_datagrams_have_digests_too()
{
	serve_udp recv-dgram send:123456789
	run "$NC" -u --sum=crc32c -W 1 127.0.0.1 "$PORT" <<-X
		ask
	X
	holds "stderr" "$ERR" "e3069283  received"
	lacks "stderr" "$ERR" "00000000  sent"
	peer_done
}

test_the_kernel_moves_the_bytes_unless_a_digest_is_asked_for()
{
	for how in "" --sum=crc32c; do
		serve accept recv-eof fin
		run "$NC" -vvv $how -N 127.0.0.1 "$PORT" <"$(bytes 100000)"
		case $how in
		'')	holds "the mover" "$ERR" "flow up: by sendfile" ;;
		*)	holds "the mover" "$ERR" "flow up: by copy" ;;
		esac
		peer_done
	done
}

test_without_openssl_some_digests_are_left()
{
	# The module is looked for beside the program.
	cp "$SOCKCAT" "$T/alone"
	serve accept recv-eof fin
	run "$T/alone" --sum=sha1 127.0.0.1 "$PORT" </dev/null
	case $ERR in
	*OpenSSL*) ;;
	*)	skip "OpenSSL is there in any case"; return 0 ;;
	esac
	fails_with_one_line 1
	holds "stderr" "$ERR" "use --sum=sha1, which needs OpenSSL, failed: "
	run_gives 0 "$T/alone" --sum --sum=md5 -N 127.0.0.1 "$PORT" </dev/null
	holds "SHA-256" "$ERR" "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b93"
	holds "MD5" "$ERR" "d41d8cd98f00b204e9800998ecf8427e  sent"
	peer_done
}

test_only_standard_streams_have_digests()
{
	refuses "--sum" --sum -l -e cat 0
	refuses "--sum" --sum -l --echo 0
	refuses "--sum" --sum -z 127.0.0.1 1
	refuses "--sum" --sum --chat 127.0.0.1 1
	refuses "sha512" --sum=sha512 127.0.0.1 1
	refuses "write --sum=sha1" --sum sha1 127.0.0.1 1
}

run_tests "$@"
