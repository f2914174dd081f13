#!/bin/sh
# --talk: a group chat.
. "$(dirname "$0")/lib.sh"

# Start a room. Its operator is whoever writes to $T/idle.
room()	# OPTION...
{
	hold
	listener -k --talk "$@" <"$T/idle"
}

# A file that others may change is refused, whatever the umask.
password()	# TEXT
{
	printf '%s' "$1" >"$T/pw"
	chmod 600 "$T/pw"
}

# What a client got, as it is: echo would make something of backslashes.
heard()
{
	printf '%s\n' "$PEER"
}

says()	# TEXT: the operator does
{
	printf '%s\n' "$1" >&9
}

shows()	# TEXT: the operator sees it
{
	true_that "<$1> is shown" waitfor "text:$T/listener.out:$1"
}

test_six_clients_talk_and_each_line_reaches_the_others_alone()
{
	over native nc || return 0
	room
	for i in 1 2 3 4 5 6; do
		guest "c$i" "until:you are user$i" "touch:$T/in$i" \
		    "await:$T/in6" "send:I am $i\n" \
		    $(for k in 1 2 3 4 5 6; do
			[ $k = $i ] || echo "until:<user$k>\\x20I\\x20am\\x20$k\\n"
		    done) print "touch:$T/done$i" "await:$T/done6" fin \
		    recv-end
		waitfor "file:$T/in$i"
	done
	for i in 1 2 3 4 5 6; do
		guest_done "c$i"
		lacks "what client $i got" "$PEER" "I am $i"
		same "lines of the others" 5 "$(heard |
		    grep -c '^<user[1-6]> I am [1-6]$')"
		shows "<user$i> I am $i"
	done
}

test_who_comes_is_greeted_and_told_who_is_there()
{
	room --name Ada
	guest one until:tells\\x20more\\n print "touch:$T/one" \
	    'until:user2 has joined\n' print "touch:$T/go"
	waitfor "file:$T/one"
	guest two until:tells\\x20more\\n print "await:$T/go"
	guest_done one
	same "what the first got" "* welcome, you are user1; present: Ada
* :q leaves, :help tells more
* user2 has joined" "$PEER"
	guest_done two
	holds "what the second got" "$PEER" \
	    "* welcome, you are user2; present: Ada, user1"
}

test_the_operator_sees_who_comes_and_who_leaves()
{
	room
	guest one until:more\\n fin recv-eof
	guest_done one
	shows "user1 has left"
	guest two until:more\\n rst
	guest_done two
	shows "user2 has left"
	same "stdout" "* user1 has joined
* user1 has left
* user2 has joined
* user2 has left" "$(cat "$T/listener.out")"
	same "stderr" "" "$(cat "$T/listener.err")"
}

test_a_line_that_says_so_leaves()
{
	over native nc || return 0
	room
	guest stays until:more\\n "touch:$T/in" 'until:user3 has left\n' print
	waitfor "file:$T/in"
	for line in :q /quit; do
		guest goes until:more\\n "send:$line\n" recv-eof print
		guest_done goes
		holds "what it got" "$PEER" "* goodbye"
	done
	guest_done stays
	same "who left" 2 "$(heard | grep -c '^\* user[23] has left$')"
	lacks "what is said" "$PEER" "<user"
}

test_a_client_takes_a_name_that_nobody_has()
{
	room --name Ada
	guest eva until:more\\n 'send::name Eva\n' \
	    'until:now called Eva\n' "touch:$T/eva" 'until:done\n' \
	    'send:so I am\n' "await:$T/end" print
	waitfor "file:$T/eva"
	guest two 'until:present: Ada, Eva\n' 'send::name eva\n' \
	    'until:name is taken\n' 'send::name ADA\n' 'until:name is taken\n' \
	    'send::name user1\n' 'until:not taken\n' 'send::name user77\n' \
	    'until:not taken\n' 'send::name a b\n' 'until:a name is' \
	    'send::name <x>\n' 'until:a name is' 'send::name x\x1b[1m\n' \
	    'until:a name is' 'send::name Ev\xe2\x80\x8da\n' \
	    'until:a name is' 'send::name 1234567890123456789012345\n' \
	    'until:a name is' 'send::name\n' 'until:a name is' \
	    'send::name Jurg-2.x_\n' 'until:now called J' \
	    'send::who\ndone\n' 'until:present: Ada, Eva, J' \
	    'until:<Eva> so I am\n'
	shows "user2 is now called J"
	touch "$T/end"
	guest_done two
}

knows_letters()
{
	"$SOCKCAT" --version | grep -q '^libunistring: s' ||
		{ skip "without libunistring"; return 1; }
}

test_each_character_of_a_name_is_looked_at_the_last_one_too()
{
	room
	guest one until:more\\n \
	    'send::name anna>\n' 'until:a name is' \
	    'send::name anna\xc2\xa0\n' 'until:a name is' \
	    'send::name anna\xe2\x80\x8b\n' 'until:a name is' \
	    'send::name anna\n' 'until:now called anna\n'
	guest_done one
}

test_names_that_look_like_one_that_is_there_are_refused()
{
	room --name Ida
	guest ian until:more\\n 'send::name Ian\n' 'until:now called Ian\n' \
	    "touch:$T/ian" "await:$T/end"
	waitfor "file:$T/ian"
	guest two until:more\\n 'send::name IAN\n' \
	    'until:this name is taken\n' 'send::name lan\n' \
	    'until:looks like another member\x27s\n' \
	    'send::name 1DA\n' \
	    'until:looks like another member\x27s\n' \
	    'send::name userl\n' 'until:not taken\n' \
	    'send::name lana\n' 'until:now called lana\n'
	guest_done two
	touch "$T/end"
}

test_nobody_can_take_a_name_of_those_in_charge()
{
	room
	guest one until:more\\n 'send::name system\n' 'until:is reserved\n' \
	    'send::name 0PERATOR\n' 'until:is reserved\n' \
	    'send::name anna\n' 'until:now called anna\n'
	guest_done one
}

test_names_of_other_scripts_are_compared_too()
{
	knows_letters || return 0
	room --name Caco
	guest eva until:more\\n 'send::name J\xc3\xbcrg\n' \
	    'until:now called J' "touch:$T/in" "await:$T/end"
	waitfor "file:$T/in"
	guest two until:more\\n 'send::name JU\xcc\x88RG\n' \
	    'until:this name is taken\n' \
	    'send::name \xef\xbd\x8a\xc3\xbcrg\n' \
	    'until:this name is taken\n' \
	    'send::name J\xd1\x83rg\n' 'until:in one script' \
	    'send::name \xd0\xa1\xd0\xb0\xd1\x81\xd0\xbe\n' \
	    'until:looks like another member\x27s\n' \
	    'send::name \xd0\x90\xd0\xbd\xd0\xbd\xd0\xb0\n' \
	    'until:now called'
	guest_done two
	touch "$T/end"
}

test_without_libunistring_names_are_ascii()
{
	! "$SOCKCAT" --version | grep -q '^libunistring: s' ||
		{ skip "with libunistring"; return 0; }
	room
	guest one until:more\\n 'send::name J\xc3\xbcrg\n' \
	    'until:letters of ASCII' 'send::name Joerg\n' \
	    'until:now called Joerg\n'
	guest_done one
}

test_where_libunistring_is_missing_names_are_ascii()
{
	knows_letters || return 0
	name=$(grep -ao 'libunistring\.so\.[0-9]*' "$SOCKCAT" | sed 1q)
	mkdir -p "$T/lib"
	echo "no library" >"$T/lib/$name"
	export LD_LIBRARY_PATH="$T/lib"
	room
	unset LD_LIBRARY_PATH
	guest one until:more\\n 'send::name J\xc3\xbcrg\n' \
	    'until:letters of ASCII' 'send::name Joerg\n' \
	    'until:now called Joerg\n'
	guest_done one
}

test_no_client_is_given_the_operator_s_name()
{
	room --name User2
	guest one until:more\\n "touch:$T/one" "await:$T/end" print
	waitfor "file:$T/one"
	guest two 'until:welcome, you are user3;'
	guest_done two
	touch "$T/end"
}

# A line without an end is one after a pause; the rest of it is another.
test_a_client_that_sends_no_newline_is_heard_and_obeyed()
{
	over native nc || return 0
	room
	guest one until:more\\n "touch:$T/in" 'until:<user2> hello\n' \
	    "touch:$T/heard" 'until:<user2> again\n' 'until:<user2> x y\n' \
	    'until:user2 has left\n' print
	waitfor "file:$T/in"
	guest two until:more\\n send:hello "await:$T/heard" 'send:\nagain' \
	    'quiet-ms:600' 'send:x ' 'send:y\n' send::who \
	    'until:present: operator, user1, user2\n' send::q recv-eof print
	guest_done two
	holds "what it got" "$PEER" "* goodbye"
	guest_done one
	same "its lines" "<user2> hello
<user2> again
<user2> x y" "$(heard | grep '^<')"
	shows "<user2> again"
}

test_a_client_that_never_pauses_is_heard_within_a_second_or_two()
{
	room
	guest one until:more\\n "touch:$T/in" 'until:<user2> xxx' \
	    "touch:$T/heard"
	waitfor "file:$T/in"
	start two python3 -c "
import os, socket, sys, time
s = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
for i in range(600):
    s.sendall(b'x')
    time.sleep(0.05)
    if os.path.exists(sys.argv[2]):
        break
else:
    sys.exit(1)
" "$PORT" "$T/heard"
	exits two 0
	guest_done one
}

test_a_password_without_a_newline_is_one_after_a_pause()
{
	password secret
	room --password-file "$T/pw"
	guest one 'until:password: ' send:wrong 'until:wrong password\npassword: ' \
	    'send:\n' send:secret until:more\\n 'send:\n' send:hi \
	    "await:$T/end"
	shows "<user1> hi"
	lacks "what the operator saw" "$(cat "$T/listener.out")" secret
	same "lines" "<user1> hi" "$(grep '^<' "$T/listener.out")"
	touch "$T/end"
	guest_done one
}

test_who_and_help_are_answered_to_one_alone()
{
	room
	guest other until:more\\n "touch:$T/in" until:last\\n print
	waitfor "file:$T/in"
	guest one until:more\\n 'send::who\n' \
	    'until:present: operator, user1, user2\n' 'send::help\n' \
	    'until::name NAME' 'send::nonsense x\n' \
	    'until:no such command: :nonsense x' \
	    'send::) \n::who\nlast\n' "await:$T/end"
	guest_done other
	holds "what is said" "$PEER" "<user2> :) 
<user2> :who
<user2> last"
	lacks "what is said" "$PEER" "nonsense"
	says :who
	shows "present: operator, user2 (127.0.0.1 port"
	touch "$T/end"
}

test_the_operator_speaks_and_ends_the_room()
{
	over native nc || return 0
	room --name Ada
	guest one until:more\\n "touch:$T/in" \
	    'until:<Ada> hello\n' recv-eof print
	waitfor "file:$T/in"
	says hello
	says :q
	exits listener 0
	lacks "stdout" "$OUT" hello
	guest_done one
	holds "the last line" "$PEER" "* the room is closed"
}

test_the_operator_sends_a_client_away()
{
	room --name Ada
	guest one until:more\\n "touch:$T/one" recv-eof print
	waitfor "file:$T/one"
	guest two until:more\\n "touch:$T/two" 'until:user1 was sent away\n'
	waitfor "file:$T/two"
	says ':kick bob'
	shows "* no member is called bob"
	says ':kick'
	shows "* usage: :kick NAME"
	says ':help'
	shows "* :who lists who is here, and from where; :kick NAME sends"
	says ':kick user1'
	guest_done one
	holds "what it got" "$PEER" "* the operator has sent you away"
	guest_done two
	shows "* user1 was sent away"
	lacks "stdout" "$(cat "$T/listener.out")" "user1 has left"
	guest three until:more\\n 'send::kick user2\n' \
	    'until:no such command: :kick user2'
	guest_done three
}

test_it_is_told_where_the_room_is()
{
	listener -v -k --talk -s 127.0.0.1 </dev/null
	waitfor "text:$T/listener.err:open"
	look_at listener
	same "stderr" "sockcat: a room is open at 127.0.0.1 port P (tcp)" \
	    "$ERR"
}

test_an_operator_that_speaks_to_nobody_is_told_so()
{
	room
	says "is anybody there?"
	shows "not sent: you are alone here"
}

test_the_room_goes_on_without_an_operator()
{
	over native nc || return 0
	for how in 'listener -k --talk' 'listener -k --talk -d'; do
		$how </dev/null
		guest one until:more\\n "touch:$T/in" 'until:<user2> x\n' \
		    "touch:$T/ok"
		waitfor "file:$T/in"
		guest two until:present: 'send:x\n' "await:$T/ok"
		guest_done one
		guest_done two
		waits listener
		stop listener
		same "exit status" 143 "$RC"
		rm -f "$T/ok" "$T/in"
	done
}

test_a_dead_output_does_not_end_the_room()
{
	free_port
	start_pipeline '"$1" -l -k --talk "$2" 2>"$3/said" </dev/null | :' \
	    "$NC" "$PORT" "$T"
	waitfor "tcp:$PORT"
	guest one until:more\\n "touch:$T/in" 'until:<user2> x\n' \
	    "touch:$T/ok"
	waitfor "file:$T/in"
	guest two until:more\\n 'send:x\n' "await:$T/ok"
	guest_done one
	guest_done two
	one_line "what is said of it" "$(cat "$T/said")"
	holds "what is said of it" "$(cat "$T/said")" "standard output"
}

# A signal is a farewell to everybody.
test_a_signal_closes_the_room_and_all_get_what_was_said()
{
	over native nc || return 0
	room
	guest one until:more\\n "touch:$T/in" 'until:<user2> last\n' \
	    "touch:$T/heard" recv-eof print
	waitfor "file:$T/in"
	guest two until:more\\n 'send:last\n' recv-eof print
	waitfor "file:$T/heard"
	stop listener
	same "exit status" 143 "$RC"
	guest_done one
	holds "the last line" "$PEER" "* the room is closed"
	guest_done two
	holds "the last line" "$PEER" "* the room is closed"
}

test_nobody_can_speak_for_another_or_for_the_room()
{
	room
	guest one until:more\\n "touch:$T/in" 'until:END\n' print
	waitfor "file:$T/in"
	guest two until:more\\n \
	    'send:* the room is closed\n<user1> I am a fool\n\r<user1> x\n' \
	    'send:a\r\x1b[2K<user1> y\nb\xc2\x85<user1> z\n' \
	    'send:c\xe2\x80\xa8<user1> u\n\x0b\x0c<user1> v\n\n* \n' \
	    'send:<user1> \x00w\n:name * x\n' 'send:END\n' \
	    "await:$T/end"
	guest_done one
	same "lines without its name" 0 "$(heard |
	    grep -v '^\* \(welcome\|:q leaves\|user2 has joined\)' |
	    grep -vc '^<user2> ')"
	same "lines" 14 "$(heard | grep -c .)"
	same "what the operator sees is the same" "$(heard |
	    sed -n '3,$p')" "$(sed '1d; /user1 has left/d' "$T/listener.out")"
	touch "$T/end"
}

# CSI, OSC, DCS, C1, BEL, BS, DEL, overlong and broken UTF-8, bidi, and one
# that is split over reads.
test_no_sequence_reaches_a_terminal()
{
	room --log "$T/log"
	guest one until:more\\n "touch:$T/in" 'until:END\n' print
	waitfor "file:$T/in"
	guest two until:more\\n 'send:\x1b[31mred\x1b]0;title\x07\n' \
	    'send:\x1b]52;c;aGk=\x1b\\\n\x1bP1$r\x1b\\\n\x9b31m\n' \
	    'send:a\x08b\x7f\n\xc0\x9b\xe0\x80\x9b\xff\xfe\n' \
	    'send:\xe2\x80\xae\xe2\x81\xa6bidi\n\xf4\x90\x80\x80\n' \
	    'send:\x1b' sleep-ms:20 'send:[1msplit \xe2' sleep-ms:20 \
	    'send:\x82\xac\n' 'send:END\n' "await:$T/end"
	guest_done one
	for where in one listener; do
		same "control bytes that $where got" 0 \
		    "$(LC_ALL=C tr -d '\n\t\040-\176\303\342\202\254' \
		    <"$T/$where.out" | wc -c)"
		holds "text" "$(cat "$T/$where.out")" \
		    '<user2> \033[1msplit €'
	done
	same "control bytes in the log" 0 "$(LC_ALL=C \
	    tr -d '\n\t\040-\176\342\202\254' <"$T/log" | wc -c)"
	touch "$T/end"
}

test_a_password_is_asked_for_and_nothing_is_told_before()
{
	over native nc || return 0
	printf 'se cret\nignored\n' >"$T/pw"
	chmod 600 "$T/pw"
	room --password-file "$T/pw"
	guest one 'until:password: ' 'send:se cret\r\n' until:more\\n \
	    "touch:$T/in" 'send:hello\n' "await:$T/door" \
	    'send:private\n:who\n' 'until:present: operator, user1\n' \
	    "touch:$T/said" 'until:has joined\n' print
	waitfor "file:$T/in"
	guest two 'until:password: ' "touch:$T/door" "await:$T/said" \
	    quiet-ms:50 'send:wrong\n' 'until:wrong password\npassword: ' print \
	    'send:se cret\nafter\n' until:more\\n print "await:$T/end"
	guest_done one
	lacks "what the first got" "$PEER" wrong
	shows "<user2> after"
	lacks "what the operator saw" "$(cat "$T/listener.out")" cret
	touch "$T/end"
	guest_done two
	lacks "what the second got" "$PEER" private
	holds "what the second got" "$PEER" "you are user2"
}

test_after_three_wrong_passwords_the_door_is_shut()
{
	password secret
	room --password-file "$T/pw"
	guest one 'until:password: ' 'send:a\nsecret2\nsecre\nsecret\n' \
	    recv-eof print
	guest_done one
	same "tries" 3 "$(heard | grep -c 'wrong password')"
	lacks "what it got" "$PEER" welcome
	shows "127.0.0.1 did not know the password"
	lacks "what the operator saw" "$(cat "$T/listener.out")" user1
	# A very long one is just as wrong.
	seq -s x 30000 >"$T/long"
	guest two 'until:password: ' "send-file:$T/long" \
	    'until:wrong password\n' 'send:secret\n' 'until:you are user1' rst
	guest_done two
}

# 200 connections with a guess each: 4 are judged in 2 seconds. The wrong ones
# hold up no other address, but for one in 1024 that shares its place.
test_guesses_of_an_address_are_few_however_many_connections()
{
	password secret
	room --password-file "$T/pw"
	start guesses "$TOOLS/multi_client" "$PORT" 200 connect 'send:guess%;' \
	    "touch:$T/sent" "await:$T/told" rst
	waitfor "file:$T/sent"
	for host in 2 3 4; do
		run "$TOOLS/peer" from:127.0.0.$host "connect:$PORT" \
		    'until:password: ' 'send:secret\n' 'until:you are user1' rst
		[ "$RC" -ne 0 ] || break
	done
	same "status of another address" 0 "$RC"
	guest three 'until:password: ' 'send:secret\n' \
	    'until:too many wrong passwords: try again in ' recv-eof
	guest_done three
	touch "$T/told"
	finish guesses
}

test_what_follows_a_password_that_waits_is_said_after_it()
{
	password secret
	room --password-file "$T/pw"
	guest one 'until:password: ' \
	    'send:wrong\nsecret\nI am in\n' 'until:you are user1' \
	    "touch:$T/in" fin recv-eof
	guest_done one
	shows "<user1> I am in"
}

test_a_password_file_that_others_may_change_is_refused()
{
	over native nc || return 0
	password secret
	free_port
	for mode in 620 602 660; do
		chmod $mode "$T/pw"
		run_gives 1 "$NC" -l -k --talk --password-file "$T/pw" "$PORT" \
		    </dev/null
		one_line "$mode" "$ERR"
		holds "stderr" "$ERR" "group or others may change it"
	done
}

test_whoever_says_no_password_is_sent_away()
{
	password secret
	room --password-file "$T/pw" --idle-timeout 300ms
	guest one 'until:password: ' recv-eof print
	guest_done one
	holds "what it got" "$PEER" "* too late"
}

test_a_password_file_that_is_of_no_use_is_one_line()
{
	over native nc || return 0
	: >"$T/empty"
	printf '\nsecret\n' >"$T/blank"
	free_port
	for f in "$T/empty" "$T/blank" "$T/missing" "$T"; do
		run "$NC" -l -k --talk --password-file "$f" "$PORT" </dev/null
		same "exit status" 1 "$RC"
		one_line "$f" "$ERR"
		holds "stderr" "$ERR" "$f"
	done
}

test_who_says_nothing_is_sent_away_with_a_word()
{
	over native nc || return 0
	room --idle-timeout 4
	guest talks until:more\\n "touch:$T/in" "await:$T/there" send:a\\n \
	    sleep-ms:1000 send:b\\n sleep-ms:1000 send:c\\n sleep-ms:1000 \
	    send:d\\n sleep-ms:1000 send:e\\n 'until:is gone\n' print
	waitfor "file:$T/in"
	guest silent until:more\\n "touch:$T/there" recv-eof print
	guest_done silent
	holds "what it got" "$PEER" "* you said nothing for 4 seconds"
	holds "it heard the others" "$PEER" "<user1> c"
	guest_done talks
	holds "what the others got" "$PEER" \
	    "* user2 said nothing for 4 seconds and is gone"
}

test_a_freed_place_is_taken_by_the_next()
{
	over native nc || return 0
	room --max-conns 2
	guest one until:more\\n "touch:$T/in" "await:$T/go" 'send::q\n' \
	    recv-eof
	waitfor "file:$T/in"
	guest two until:more\\n "touch:$T/two" 'until:user3 has joined\n' print
	waitfor "file:$T/two"
	guest three until:more\\n print
	waits three
	lacks "who is in" "$(cat "$T/listener.out")" user3
	touch "$T/go"
	guest_done three
	holds "what the third got" "$PEER" "you are user3"
	guest_done two
}

test_a_line_longer_than_any_comes_in_pieces()
{
	room
	guest one until:more\\n "touch:$T/in" 'until:END\n' print
	waitfor "file:$T/in"
	seq -s x 30000 >"$T/long"
	guest two until:more\\n "send-file:$T/long" 'send:END\n' \
	    "await:$T/end"
	guest_done one
	sed -n 's/^<user2> //p' "$T/one.out" | sed '$d' | tr -d '\n' >"$T/got"
	tr -d '\n' <"$T/long" >"$T/want"
	same_file "the line" "$T/want" "$T/got"
	same "pieces that are too long" 0 "$(sed 's/^<user2> //' "$T/one.out" |
	    awk 'length > 65536' | wc -l)"
	touch "$T/end"
}

test_lines_may_end_in_cr_lf_and_the_last_in_nothing()
{
	room
	guest one until:more\\n "touch:$T/in" 'until:has left\n' print
	waitfor "file:$T/in"
	guest two until:more\\n 'send:dos\r\n' 'send:half a' sleep-ms:20 \
	    'send: line' fin recv-eof
	guest_done one
	holds "what came" "$PEER" "<user2> dos
<user2> half a line
* user2 has left"
}

test_a_log_has_everything_with_its_date()
{
	echo before >"$T/log"
	room --log "$T/log" --name Ada --timestamps
	guest one until:more\\n "touch:$T/in" 'until:Ada> hi\n' 'send:yes\n:q\n' \
	    recv-eof
	waitfor "file:$T/in"
	says hi
	guest_done one
	shows "user1 has left"
	says :q
	finish listener
	date='[0-9]\{4\}-[0-9][0-9]-[0-9][0-9] [0-9:]\{8\}'
	same "the log" "before
D * the room is open
D * user1 has joined
D <Ada> hi
D <user1> yes
D * user1 has left
D * the room is closed" "$(sed "s/^$date /D /" "$T/log")"
	same "stdout" "T * user1 has joined
T <user1> yes
T * user1 has left" "$(echo "$OUT" | sed 's/^[0-9][0-9]:[0-9:]* /T /')"
}

test_a_log_that_cannot_be_written_is_one_line()
{
	free_port
	run "$NC" -l -k --talk --log "$T/no/log" "$PORT" </dev/null
	fails_with_one_line 1
}

test_while_others_come_and_go_every_stayer_gets_every_line_once()
{
	listener -k --talk </dev/null
	run "$TOOLS/chat_load" "$PORT" 200 5 200 3
	same "what came" "missing 0 double 0 forged 0 lost 0" "$OUT"
	same "stderr" "" "$ERR"
}

test_many_may_be_in_a_room_on_a_unix_socket()
{
	hold
	start listener "$NC" -l -k --talk -U "$T/room" <"$T/idle"
	waitfor "unix:$T/room"
	start one "$TOOLS/peer" "uconnect:$T/room" until:more\\n \
	    "touch:$T/in" 'until:<user2> x\n' "touch:$T/ok"
	waitfor "file:$T/in"
	start two "$TOOLS/peer" "uconnect:$T/room" until:more\\n \
	    'send:x\n' "await:$T/ok" 'send::q\n' recv-eof
	guest_done one
	guest_done two
	shows "user2 has left"
}

run_tests "$@"
