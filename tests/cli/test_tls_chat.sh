#!/bin/sh
# A chat inside TLS: words, known peers, and somebody in between.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_console.sh"
. "$(dirname "$0")/lib_tls.sh"

# Eva's and Bob's programs have homes of their own.
people()
{
	unset XDG_STATE_HOME
	mkdir "$T/eva" "$T/bob" "$T/carol"
}

# Starts a chat of somebody at a terminal, who does these things; see
# tools/ptyrun.c. The screen goes to $T/NAME.out.
person()	# NAME PTYRUN-WORD... -- OPTION...
{
	who=$1
	shift
	start "$who" env "HOME=$T/$who" NO_COLOR=1 "$TOOLS/ptyrun" on=0,1,2 \
	    "$@"
}

# What a person starts: on a terminal wide enough for every line.
WIDE='stty rows 50 cols 250; exec "$@"'

# Eva waits on PORT, and does these things.
eva()	# [OPTION... --] PTYRUN-WORD...
{
	options=
	case " $* " in *" -- "*)
		while [ "$1" != -- ]; do
			options="$options $1"
			shift
		done
		shift
	esac
	free_port
	person eva "$@" -- sh -c "$WIDE" - "$NC" --chat --tls --name=Eve \
	    $options -l 127.0.0.1 "$PORT"
	case $options in
	*-u*)	waitfor "udp:$PORT" ;;
	*)	waitfor "tcp:$PORT" ;;
	esac
}

bob()	# PTYRUN-WORD...
{
	person bob "$@" -- sh -c "$WIDE" - "$NC" --chat --tls --name=Rob \
	    127.0.0.1 "${RELAY:-$PORT}"
}

# What somebody saw, without carriage returns and movements of the cursor.
saw()	# NAME
{
	tr -d '\r' <"$T/$1.out" | sed 's/.\[[0-9;?]*[A-Za-z]//g'
}

words_of()	# NAME
{
	saw "$1" | sed -n 's/.*the words are: //p' | sed 's/ *$//' | uniq
}

both_done()
{
	finish bob 60
	same "Bob's exit status" 0 "$RC"
	[ "$RC" = 0 ] || saw bob
	finish eva 60
	same "Eva's exit status" 0 "$RC"
	[ "$RC" = 0 ] || saw eva
}

# The first chat of both, after which they know each other.
meet()
{
	eva 'see=:trust NAME' 'type=:trust bob\n' 'see=is known as bob' \
	    'see=<bob> goodbye' 'type=:q\n'
	bob 'see=:trust NAME' 'type=:trust eva\n' 'see=is known as eva' \
	    "await=$T/known" 'type=goodbye\n' 'see=has left'
	until_so grep -q 'is known as bob' "$T/eva.out"
	: >"$T/known"
	both_done
}

# --- words --------------------------------------------------------------------

test_without_a_terminal_both_ends_get_the_same_words_on_stderr()
{
	need_tls || return 0
	people
	free_port
	hold
	launch eva env "HOME=$T/eva" "$NC" --chat --tls -l 127.0.0.1 "$PORT" \
	    <"$T/idle"
	start bob env "HOME=$T/bob" "$NC" --chat --tls 127.0.0.1 "$PORT" \
	    <"$T/idle"
	until_so grep -q 'someone is intercepting' "$T/bob.err"
	until_so grep -q 'someone is intercepting' "$T/eva.err"
	kill_it bob
	kill_it eva
	finish eva 60
	holds "what Eva reads" "$ERR" "127.0.0.1 is not known; the words are: "
	evas=$(echo "$ERR" | grep 'the words are')
	finish bob 60
	holds "what Bob reads" "$ERR" "read them to each other"
	same "the words" "$evas" "$(echo "$ERR" | grep 'the words are')"
	same "their number" 6 \
	    "$(echo "${evas##*are: }" | wc -w | tr -d ' ')"
	same "standard output" "" "$OUT"
	true_that "nothing is kept without :trust" \
	    test -z "$(ls -A "$T/eva" "$T/bob" | grep -v :)"
}

test_words_are_shown_again()
{
	need_tls || return 0
	people
	eva 'see=the words are: ' 'see=<Rob> hello' 'type=:words\n' \
	    'see=the words are: ' 'type=:q\n'
	bob 'see=is now called Eve' 'type=:help\n' 'see=:words shows' \
	    'type=hello\n' 'see=has left'
	both_done
	same "the words" "$(words_of eva)" "$(words_of bob)"
	same "the words of one chat" 1 "$(words_of eva | grep -c .)"
}

test_a_client_of_a_room_and_its_operator_see_the_same_words()
{
	need_tls || return 0
	people
	free_port
	hold
	launch eva env "HOME=$T/eva" "$NC" --talk --tls -k -l 127.0.0.1 \
	    "$PORT" <"$T/idle"
	echo ':words' >&9
	until_so grep -q 'no words to compare' "$T/eva.out"
	bob 'see=is a room' "await=$T/seen" 'type=:q\n'
	until_so grep -q 'Rob has joined' "$T/eva.out"
	echo ':words' >&9
	until_so grep -q '^\* the words of Rob are: ' "$T/eva.out"
	words=$(sed -n 's/^\* the words of Rob are: //p' "$T/eva.out")
	same "their number" 6 "$(echo "$words" | wc -w | tr -d ' ')"
	same "the words" "$(words_of bob)" "$words"
	: >"$T/seen"
	finish bob 60
	same "Bob's exit status" 0 "$RC"
	stop eva
}

test_words_of_another_chat_are_others()
{
	need_tls || return 0
	people
	for _ in 1 2; do
		eva 'see=the words are: ' 'see=has left'
		bob 'see=the words are: ' 'see=is now called Eve' 'type=:q\n'
		both_done
		words_of bob >>"$T/words"
	done
	same "different words" 2 "$(sort -u "$T/words" | grep -c .)"
}

test_a_chat_demands_tls_1_3()
{
	need_tls || return 0
	people
	hold
	launch eva env "HOME=$T/eva" "$NC" --chat --tls -l 127.0.0.1 \
	    "${PORT:=$(new_port)}" <"$T/idle"
	run openssl s_client -quiet -tls1_2 -connect "127.0.0.1:$PORT" \
	    </dev/null
	true_that "TLS 1.2 is refused" [ "$RC" -ne 0 ]
	run openssl s_client -brief -tls1_3 -connect "127.0.0.1:$PORT" \
	    </dev/null
	same "exit status with TLS 1.3" 0 "$RC"
}

# Somebody in between has two sessions, and passes on all bytes.
between()
{
	RELAY=$(new_port)
	start relay "$NC" --tls -l 127.0.0.1 "$RELAY" -c \
	    "exec '$NC' --tls --tls-insecure 127.0.0.1 $PORT"
	waitfor "tcp:$RELAY"
}

test_with_somebody_in_between_the_words_differ()
{
	need_tls || return 0
	need_tmux || return 0
	people
	free_port
	terminal 120x24 "HOME='$T/eva' NO_COLOR=1 '$NC' --chat --tls --name=Eve \
	    -l 127.0.0.1 $PORT"
	waitfor "tcp:$PORT"
	between
	bob_mux -f /dev/null new-session -d -x 120 -y 24 "HOME='$T/bob' \
	    NO_COLOR=1 exec '$NC' --chat --tls --name=Rob 127.0.0.1 $RELAY"
	shows 'read them to each other'
	until_so bob_has 'read them to each other'
	keys 'hello, Bob'
	press Enter
	until_so bob_has '> hello, Bob'
	true_that "the bytes pass" bob_has '> hello, Bob'
	screen | grep 'words are' >"$T/evas"
	bob_screen | grep 'words are' >"$T/bobs"
	same "lines of words" 2 "$(cat "$T/evas" "$T/bobs" | grep -c .)"
	true_that "the words differ" \
	    sh -c '! cmp -s "$0" "$1"' "$T/evas" "$T/bobs"
	keys ':words'
	press Enter
	until_so two_words
	same "the words again" "$(sed 's/.*: //' "$T/evas")" \
	    "$(screen | grep 'words are' | tail -1 | sed 's/.*: //')"
	bob_mux kill-server
	end_terminal
	RELAY=
}

two_words()
{
	[ "$(screen | grep -c 'words are')" = 2 ]
}

bob_mux()
{
	LC_ALL=C.UTF-8 tmux -u -S "$T/bob.mux" "$@"
}

bob_screen()
{
	bob_mux capture-pane -p | sed 's/ *$//' | grep .
}

bob_has()
{
	case $(bob_screen) in *"$1"*) ;; *) false ;; esac
}

# --- known peers --------------------------------------------------------------

test_who_is_trusted_in_one_chat_is_known_in_the_next()
{
	need_tls || return 0
	people
	meet
	eva 'see=this is bob' 'see=<bob> hello' 'type=hello yourself\n' \
	    'see=has left'
	bob 'see=this is eva' 'type=hello\n' 'see=<eva> hello yourself' \
	    'type=:info\n' 'see=known as eva' 'type=:q\n'
	both_done
	lacks "what Bob saw" "$(saw bob)" "not known"
	lacks "what Eva saw" "$(saw eva)" "not known"
	holds "who has left" "$(saw eva)" "bob has left"
}

test_known_peers_and_the_key_are_the_users_own()
{
	need_tls || return 0
	people
	was=$(umask)
	umask 0
	meet
	umask "$was"
	state=$T/eva/.local/state/sockcat
	same "mode of the directory" 700 "$(stat -c %a "$state")"
	same "mode of the key" 600 "$(stat -c %a "$state/key.pem")"
	same "mode of the list" 600 "$(stat -c %a "$state/known_peers")"
	bobs=$(openssl x509 -noout -fingerprint -sha256 \
	    -in "$T/bob/.local/state/sockcat/key.pem" | sed 's/.*=//' |
	    tr -d : | tr A-F a-f)
	same "the list" "$bobs bob" "$(cat "$state/known_peers")"
	cp "$state/key.pem" "$T/before"
	mkdir "$T/again"
	mv "$T"/*.out "$T/again"
	eva 'see=this is bob' 'see=<bob> hello' 'type=:trust bert\n' \
	    'see=is known as bert' 'type=:q\n'
	bob 'see=this is eva' 'type=hello\n' 'see=has left'
	both_done
	same_file "the key" "$T/before" "$state/key.pem"
	same "the list" "$bobs bert" "$(cat "$state/known_peers")"
}

test_another_key_is_not_shown_under_a_known_name()
{
	need_tls || return 0
	people
	meet
	rm "$T/bob/.local/state/sockcat/key.pem"
	eva 'see=is not known; the words are' 'see=calls itself bob' \
	    'see=> hello again' 'type=:trust bob\n' \
	    'see=bob is known by another key' 'type=:q\n'
	# His program has told its own name, too, before the last line.
	person bob 'see=this is eva' 'type=hello\n' 'type=* this is bob\n' \
	    'type=hello again\n' 'see=has left' -- \
	    sh -c "$WIDE" - "$NC" --chat --tls 127.0.0.1 "$PORT"
	both_done
	holds "what Eva saw" "$(saw eva)" "> hello again"
	lacks "what Eva saw" "$(saw eva)" "<bob>"
}

test_a_host_of_a_known_name_with_another_key_is_shown_otherwise()
{
	need_tls || return 0
	people
	mkdir -p "$T/bob/.local/state/sockcat"
	echo "$(printf '%064d' 7) 127.0.0.1" \
	    >"$T/bob/.local/state/sockcat/known_peers"
	chmod -R go-w "$T/bob"
	eva 'see=is not known' 'type=hello\n' 'see=has left'
	bob 'see=not the 127.0.0.1 you know' \
	    'see=unknown peer is now called Eve' 'see=<Eve> hello' 'type=:q\n'
	both_done
	lacks "what Bob saw" "$(saw bob)" "<127.0.0.1>"
}

test_a_forgotten_peer_is_not_known()
{
	need_tls || return 0
	people
	meet
	eva 'see=this is bob' 'type=:forget bob\n' 'see=bob is forgotten' \
	    'see=<127.0.0.1> hello' 'type=:trust b\n' 'see=is known as b;' \
	    'see=<b> bye' 'type=:q\n'
	# Not marked as a chat: no name is sent, sooner or later.
	person bob 'see=this is eva' 'await='"$T/forgot" 'type=hello\n' \
	    'await='"$T/trusted" 'type=bye\n' 'see=has left' -- \
	    sh -c "$WIDE" - "$NC" --chat --tls -T 0 127.0.0.1 "$PORT"
	until_so grep -q 'is forgotten' "$T/eva.out"
	: >"$T/forgot"
	until_so grep -q 'is known as b;' "$T/eva.out"
	: >"$T/trusted"
	both_done
}

test_a_certificate_of_ones_own_is_the_lasting_key()
{
	need_tls server || return 0
	people
	eva --tls-cert "$CERTS/server.pem" --tls-key "$CERTS/server.key" -- \
	    'see=is now called Rob' 'type=:trust bob\n' 'see=is known as bob' \
	    'type=:q\n'
	bob 'see=:trust NAME' 'see=has left'
	both_done
	true_that "no key is made" \
	    [ ! -e "$T/eva/.local/state/sockcat/key.pem" ]
	true_that "the peer is known" \
	    [ -s "$T/eva/.local/state/sockcat/known_peers" ]
}

test_a_peer_without_a_certificate_cannot_be_trusted()
{
	need_tls || return 0
	people
	eva 'see=is not known; the words are' 'type=:trust bob\n' \
	    'see=has shown no key' 'type=:q\n'
	start bob openssl s_client -quiet -connect "127.0.0.1:$PORT"
	finish eva 60
	same "Eva's exit status" 0 "$RC"
	same "files that are kept" "" "$(find "$T/eva" -type f)"
}

# --- without a place ----------------------------------------------------------

test_without_a_home_trust_is_refused_in_one_line()
{
	need_tls || return 0
	people
	free_port
	launch eva env -u HOME "$TOOLS/ptyrun" on=0,1,2 'see=is now called Rob' \
	    'type=:trust bob\n' 'see=neither XDG_STATE_HOME nor HOME' \
	    'type=:q\n' -- sh -c "$WIDE" - "$NC" --chat --tls -l 127.0.0.1 "$PORT"
	bob 'see=is not known' 'see=has left'
	both_done
	same "lines about that" 1 "$(saw eva | grep -c neither)"
	lacks "what Eva saw" "$(saw eva)" "is known as"
}

# Not the sandbox, which forbids any further try.
test_a_home_that_is_missing_is_named_as_the_reason()
{
	need_tls || return 0
	people
	rmdir "$T/eva"
	: >"$T/eva"
	for reason in "Not a directory" "No such file or directory"; do
		eva 'see=:trust NAME' 'see=> hello' 'type=:trust bob\n' \
		    "see=failed: $reason" 'type=:q\n'
		bob 'see=is not known' 'type=hello\n' 'see=has left'
		both_done
		same "lines about that" 1 "$(saw eva | grep -c \
		    "make $T/eva/.local/state/sockcat failed: $reason")"
		lacks "what Eva saw" "$(saw eva)" "may have refused"
		rm -f "$T/eva"
	done
}

test_a_list_that_others_may_write_is_not_used()
{
	need_tls || return 0
	people
	meet
	chmod 666 "$T/eva/.local/state/sockcat/known_peers"
	# Who leaves has seen all that the other has sent, names included.
	eva 'see=other users may write to it' 'see=is not known' \
	    'type=hello\n' 'see=has left'
	bob 'see=this is eva' 'see=<eva> hello' 'type=:q\n'
	both_done
}

# --- --expect -----------------------------------------------------------------

test_who_is_not_expected_is_refused_and_the_next_is_let_in()
{
	need_tls || return 0
	people
	meet
	mv "$T/eva.out" "$T/first.out"
	eva --expect bob -- 'see=TLS handshake with 127.0.0.1' \
	    'see=is not that of bob' 'see=this is bob' 'see=<bob> hello' \
	    'type=:q\n'
	start carol sh -c '(echo from Carol; cat) | HOME=$0 "$@"' "$T/carol" \
	    "$NC" --chat --tls 127.0.0.1 "$PORT"
	finish carol 60
	same "Carol's exit status" 1 "$RC"
	same "what Carol got" "" "$OUT"
	bob 'see=this is eva' 'type=hello\n' 'see=has left'
	both_done
	lacks "what Eva saw" "$(saw eva)" "from Carol"
}

test_datagrams_have_no_words_but_known_peers()
{
	need_tls || return 0
	people
	refuses "add --expect or --tls-pin" --chat --tls -u 127.0.0.1 \
	    "$(closed_port)"
	meet
	eva -u --expect bob -- 'see=this is bob' 'see=<bob> hello' \
	    'type=:words\n' 'see=no words to compare' 'type=:q\n'
	person bob 'see=this is eva' 'type=hello\n' 'see=has left' -- \
	    sh -c "$WIDE" - "$NC" --chat --tls -u --expect eva 127.0.0.1 \
	    "$PORT"
	both_done
	lacks "what Bob saw" "$(saw bob)" "not verified"
}

# A chat of datagrams with a certificate, and a pin of the other's.
pinned()	# NAME CERTIFICATE PIN PTYRUN-WORD... -- OPTION...
{
	pinned_who=$1 pinned_cert=$2 pinned_peer=$3
	shift 3
	set -- "$@" "--tls-cert=$CERTS/$pinned_cert.pem" \
	    "--tls-key=$CERTS/$pinned_cert.key" \
	    "--tls-pin=SHA256:$(tls_pin "$pinned_peer")"
	person "$pinned_who" "$@"
}

test_datagrams_with_pins_on_both_sides()
{
	need_tls client client2 stranger || return 0
	people
	free_port
	pinned eva client client2 'see=is not the pinned one' \
	    'see=<127.0.0.1> hello' 'type=good morning\n' 'see=has left' -- \
	    sh -c "$WIDE" - "$NC" --chat --tls -u -l 127.0.0.1 "$PORT"
	waitfor "udp:$PORT"
	pinned carol stranger client -- \
	    sh -c "$WIDE" - "$NC" --chat --tls -u 127.0.0.1 "$PORT"
	finish carol 60
	same "Carol's exit status" 1 "$RC"
	pinned bob client2 client 'see=(pinned)' 'type=hello\n' \
	    'see=good morning' 'type=:q\n' -- \
	    sh -c "$WIDE" - "$NC" --chat --tls -u -v 127.0.0.1 "$PORT"
	both_done
	lacks "what Bob saw" "$(saw bob)" "not verified"
}

test_without_a_peer_there_is_nobody_to_trust()
{
	need_tls || return 0
	people
	eva 'see=waiting' 'type=:trust bob\n' 'see=the peer is not here yet' \
	    'type=:words\n' 'see=the peer is not here yet' 'type=:q\n'
	finish eva 60
	same "Eva's exit status" 0 "$RC"
	same "files that are kept" "" "$(find "$T/eva" -type f)"
}

test_a_server_that_is_not_expected_gets_no_byte()
{
	need_tls || return 0
	people
	meet
	free_port
	hold
	launch carol env "HOME=$T/carol" "$NC" --chat --tls -l 127.0.0.1 \
	    "$PORT" <"$T/idle"
	echo secret >"$T/secret"
	start bob env "HOME=$T/bob" "$NC" --chat --tls --expect EVA \
	    127.0.0.1 "$PORT" <"$T/secret"
	finish bob 60
	same "exit status" 1 "$RC"
	one_line "what Bob reads" "$ERR"
	holds "what Bob reads" "$ERR" "is not that of EVA"
	waits carol
	same "what Carol got" "" "$(cat "$T/carol.out")"
}

test_nobody_of_an_unknown_name_is_expected()
{
	need_tls || return 0
	people
	HOME=$T/eva
	export HOME
	refuses "expect carol failed: no known peer has this name" \
	    --chat --tls --expect carol 127.0.0.1 "$(closed_port)"
	unset HOME
	refuses "expect carol failed: no known peer has this name" \
	    --chat --tls --expect carol 127.0.0.1 "$(closed_port)"
}

run_tests "$@"
