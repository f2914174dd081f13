#!/bin/sh
# What things cost, counted in system calls: time depends on the machine and
# on who else uses it, these do not.
. "$(dirname "$0")/lib.sh"

BENCH=$TOP_BUILDDIR/tests/bench

can_count()
{
	need_strace || return 1
	[ -x "$BENCH/latency" ] || { skip "no benchmark programs"; return 1; }
}

# Which calls are in the middle of a trace, where neither beginning nor end
# tells, and how often: "100 read 100 write". pread64, preadv2, readv and
# recvmsg are all a read.
middle()	# LINES
{
	head -n -150 "$T/trace" | tail -n "$1" |
	    sed -E 's/\(.*//; s/^p?(read|write)(v|v2|64)?$/\1/
	    s/^recv(msg|from)$/read/; s/^send(msg|to)$/write/
	    s/^(epoll_p?wait2?|p?poll(_time64)?)$/wait/' |
	    sort | uniq -c | awk '{ printf "%s%s %s", s, $1, $2; s = " " }'
}

# The calls behind those that start any program.
own()
{
	sed -n '/F_GETFD/,$p' "$T/trace" | wc -l
}

own_calls()	# BEGINNING
{
	sed -n '/F_GETFD/,$p' "$T/trace" | grep -c "^$1"
}

calls()	# NAME
{
	grep -c "^$1(.*= [0-9]" "$T/trace"
}

# With -D, by which what is started, and killed, is the listener.
end_traced()
{
	stop listener
	waitfor "text:$T/trace:--- SIGTERM"
}

client_rounds()	# OPTION...
{
	run_gives 0 "$BENCH/latency" -n 200 rounds strace -qq -o "$T/trace" \
	    "$NC" "$@" 127.0.0.1 '{port}'
}

test_a_round_trip_between_pipes_is_a_wait_and_a_splice_each_way()
{
	over native nc || return 0
	can_count || return 0
	client_rounds
	same "calls of 100 round trips" "200 splice 200 wait" "$(middle 400)"
}

test_a_round_trip_that_is_copied_is_a_wait_a_read_and_a_write_each_way()
{
	can_count || return 0
	client_rounds --mover=copy
	same "calls of 100 round trips" "200 read 200 wait 200 write" \
	    "$(middle 600)"
}

test_a_deadline_costs_no_call()
{
	can_count || return 0
	client_rounds -w 5 --idle-timeout=50
	same "calls of 100 round trips" "200 splice 200 wait" "$(middle 400)"
}

test_an_echo_is_a_wait_a_read_and_a_write()
{
	can_count || return 0
	run_gives 0 "$BENCH/clients" -k -n 200 rounds strace -qq -o "$T/trace" \
	    "$NC" -k --echo -l 127.0.0.1 '{port}'
	same "calls of 100 messages" "100 read 100 wait 100 write" \
	    "$(middle 300)"
}

# All that has come is sent back by one call, and memory is not mapped for it
# again and again: neither by the C library of this build nor by musl.
test_an_echo_of_many_datagrams_is_two_calls_for_all_that_has_come()
{
	can_count || return 0
	for program in "$NC" "$TOP_BUILDDIR/sockcat-static"; do
		[ -x "$program" ] || continue
		free_port
		start listener strace -D -qq -o "$T/trace" "$program" -n -u \
		    -k --echo -l 127.0.0.1 "$PORT" </dev/null
		waitfor "udp:$PORT" "text:$T/trace:wait"
		kill_it listener STOP
		start burst "$TOOLS/burst" echo "$PORT" 300
		waitfor "asleep:$(pid_of burst)"
		kill_it listener CONT
		finish burst 30
		end_traced
		sed -n '/^recvmmsg(/,$p' "$T/trace" >"$T/echo"
		reads=$(grep -c '^recvmmsg(' "$T/echo")
		between "reads of $program" 1 100 "$reads"
		between "sends of $program" 1 "$reads" \
		    "$(grep -c '^send' "$T/echo")"
		between "calls for memory of $program" 0 8 \
		    "$(grep -c -E '^(mmap|munmap|brk)' "$T/echo")"
	done
}

# What one of two says, and waits for.
turns()	# FIRST STEP: says 3, 5, 7... after it has heard 2, 4, 6...
{
	seq "$1" 2 160 | sed 's/.*/until:<&> send:<@&>/' |
	    awk '{ n = $2; gsub(/[^0-9]/, "", n); print $1, "send:<" n + 1 ">" }'
}

test_a_message_in_a_room_is_a_wait_a_read_and_a_write_for_each_that_hears()
{
	can_count || return 0
	free_port
	hold
	launch listener strace -D -qq -o "$T/trace" "$NC" -k --broker --recv-only \
	    -l 127.0.0.1 "$PORT" <"$T/idle"
	guest third "touch:$T/in" recv-end
	waitfor "file:$T/in"
	guest one send:here $(turns 2 2)
	true_that "it is in" waitfor "text:$T/listener.out:here"
	guest two 'send:<2>' $(turns 3 2)
	guest_done two
	end_traced
	same "calls of 50 messages" "50 read 50 wait 150 write" \
	    "$(middle 250)"
}

# To 60 members and standard output; the wait and the read of the next message
# stand between two messages.
test_a_message_in_a_talk_is_a_send_for_each_that_hears_and_no_other_call()
{
	can_count || return 0
	run_gives 0 "$BENCH/clients" -k -n 60 room-message \
	    strace -qq -o "$T/trace" "$NC" -k --talk -l --max-conns=100 \
	    --max-conns-per-host=100 127.0.0.1 '{port}'
	# The first and the last call that give a message to a member.
	sed -n '/^[a-z0-9]*([0-9]*, "<user61> 0/=' "$T/trace" >"$T/said"
	same "calls that give 11 messages" 671 "$(wc -l <"$T/said")"
	same "calls from the first to the last" 691 \
	    $(($(tail -n 1 "$T/said") - $(head -n 1 "$T/said") + 1))
}

test_a_member_that_joins_costs_an_accept_two_calls_for_its_mark_a_watch_and_a_greeting()
{
	can_count || return 0
	run_gives 0 "$BENCH/clients" -k -n 200 room-join \
	    strace -qq -o "$T/trace" "$NC" -k --talk -l --max-conns=300 \
	    --max-conns-per-host=300 127.0.0.1 '{port}'
	same "greetings, each a call" 200 "$(grep -c '"\* welcome' "$T/trace")"
	same "calls for the mark of a chat" "200 200" \
	    "$(grep -c IP_RECVTOS "$T/trace") $(grep -c IP_PKTOPTIONS "$T/trace")"
	# From the first greeting until the room ends.
	sed -i '/^--- SIGTERM/,$d; 1,/"\* welcome/d' "$T/trace"
	same "what was announced came as one piece" 0 "$(calls writev)"
	# The rest: each batch is a wait, a vain accept and a call for each.
	same "other calls than for batches" 0 "$(sed '/^accept4/d; /^epoll_wait/d
	    /"\* welcome/d; /"\* user/d; /EPOLL_CTL_ADD/d; /IP_RECVTOS/d
	    /IP_PKTOPTIONS/d' "$T/trace" |
	    grep -c '[a-z0-9]*([0-9]*,')"
}

# --- clients ----------------------------------------------------------------

# 200 of them, one after the other. WORK is that of the benchmark's clients.
serve_clients()	# WORK OPTION...
{
	clients_do=$1
	shift
	run_gives 0 "$BENCH/clients" -k -n 200 -j 1 "$clients_do" \
	    strace -qq -o "$T/trace" "$NC" -k "$@" -l 127.0.0.1 '{port}'
}

# Whether what a client says comes together with its end is up to the machine:
# what depends on that is kept apart.
set_apart()
{
	waits=$(calls epoll_wait)
	vain=$(grep -c '^accept4.*EAGAIN' "$T/trace")
	sed -i '/^epoll_wait/d; /EAGAIN/d' "$T/trace"
}

test_a_short_client_is_six_calls_and_two_or_three_waits()
{
	can_count || return 0
	serve_clients sinks
	set_apart
	same "calls of 100 clients" \
	    "100 accept4 100 close 100 epoll_ctl 200 read 100 write" \
	    "$(middle 600)"
	true_that "$waits waits are few" [ "$waits" -lt 620 ]
	same "accepts in vain" 0 "$vain"
}

test_a_short_client_of_an_echo_is_six_calls_and_two_or_three_waits()
{
	can_count || return 0
	# A client that is late costs a wait more, or a call: the best of three.
	for try in 1 2 3; do
		serve_clients calls --echo
		set_apart
		[ "$(own)" -ge 1350 ] || [ "$waits" -ge 620 ] || break
	done
	# The next one may come in before the last one is closed.
	all=$(own)
	true_that "$all calls for 201 clients are few" [ "$all" -lt 1350 ]
	true_that "$waits waits are few" [ "$waits" -lt 620 ]
	true_that "$vain accepts in vain are few" [ "$vain" -lt 20 ]
}

# One whose last acknowledgement is late takes some more.
test_a_short_client_of_many_is_few_calls()
{
	can_count || return 0
	serve_clients sinks --max-conns=10 --merge=chunk
	all=$(own)
	true_that "$all calls for 200 clients are few" [ "$all" -lt 3000 ]
}

test_clients_who_had_to_wait_are_five_calls_each()
{
	can_count || return 0
	free_port
	launch listener strace -D -qq -o "$T/trace" "$NC" -k -l 127.0.0.1 \
	    "$PORT" </dev/null
	guest first send:x "touch:$T/first.in" "await:$T/go" fin recv-eof
	waitfor "file:$T/first.in" "size:$T/listener.out:1"
	for i in 1 2 3 4 5; do
		guest "c$i" send:y fin "touch:$T/c$i.in" recv-eof
		waitfor "file:$T/c$i.in"
	done
	touch "$T/go"
	for i in 1 2 3 4 5; do
		guest_done "c$i"
	done
	guest_done first
	end_traced
	same "what they said" xyyyyy "$OUT"
	awk '/^accept4.*= [0-9]/ { n++ } n > 1' "$T/trace" >"$T/waited"
	same "calls" "5 accept4 5 close 10 read 5 write" \
	    "$(grep -v '^epoll_wait' "$T/waited" | head -n 25 |
	    sed 's/(.*//' | sort | uniq -c |
	    awk '{ printf "%s%s %s", s, $1, $2; s = " " }')"
}

# --- movers -----------------------------------------------------------------

mover()	# up|down
{
	sed -n "s/.*flow $1: \\(now \\)*by //p" "$T/run.err" | tail -n 1
}

test_each_pair_of_ends_has_its_mover()
{
	data=$(bytes 500000)
	mkfifo "$T/in" "$T/pipe"
	serve accept fill:500000 recv-eof fin
	start reader sh -c 'cat <"$0" >/dev/null' "$T/pipe"
	start feeder sh -c 'cat "$0" >"$1"' "$data" "$T/in"
	run sh -c 'exec "$0" -vvv -N 127.0.0.1 "$1" <"$2" >"$3"' \
	    "$NC" "$PORT" "$T/in" "$T/pipe"
	peer_done
	same "pipe to connection" splice "$(mover up)"
	same "connection to pipe" splice "$(mover down)"
	serve accept fill:500000 recv-eof fin
	run sh -c 'exec "$0" -vvv -N 127.0.0.1 "$1" <"$2" >/dev/null' \
	    "$NC" "$PORT" "$data"
	peer_done
	same "file to connection" sendfile "$(mover up | head -n 1)"
	same "connection to null device" through "$(mover down)"
	serve accept fill:500000 recv-eof fin
	run sh -c 'exec "$0" -vvv -C -N 127.0.0.1 "$1" <"$2" >"$3"' \
	    "$NC" "$PORT" "$data" "$T/file"
	peer_done
	same "a filter" copy "$(mover up)"
	same "connection to file" through "$(mover down)"
	serve accept fill:500000 recv-eof fin
	run sh -c 'exec "$0" -vvv -N 127.0.0.1 "$1" <"$2" >>"$3"' \
	    "$NC" "$PORT" "$data" "$T/file"
	peer_done
	holds "connection to the end of a file" "$(cat "$T/run.err")" \
	    "flow down: back from through to copy"
	same "bytes" 1000000 "$(($(wc -c <"$T/file")))"
}

test_an_echo_of_much_goes_through_a_pipe()
{
	free_port
	launch listener "$NC" -vvv --echo -l 127.0.0.1 "$PORT"
	client fill:500000 fin recv-eof expect-fill:500000
	finish listener
	holds "traces" "$ERR" "flow echo: now by through"
}

# --- bulk -------------------------------------------------------------------

# So many calls for each of 64 MiB are too many.
costs()	# BOUND
{
	all=$(wc -l <"$T/trace")
	true_that "$all calls for 64 MiB are few" [ "$all" -lt $((64 * $1)) ]
}

test_a_mebibyte_of_a_pipe_is_sent_by_few_calls()
{
	can_count || return 0
	serve accept recv-eof
	start_pipeline 'head -c 67108864 /dev/zero |
	    strace -qq -o "$1" "$2" -N 127.0.0.1 "$3"' \
	    "$T/trace" "$NC" "$PORT"
	finish pipeline 60
	same "exit status" 0 "$RC"
	peer_done
	costs 24
}

# Of a producer that is faster than its reader. A busy machine may let the
# producer be late.
test_small_pieces_without_end_are_not_waited_for()
{
	over native nc || return 0
	can_count || return 0
	hold
	rm -f "$T/fed"
	serve accept recv-eof
	start_pipeline '{
		"$4/refill" 500 9
		touch "$1/fed"
		cat
	} <"$1/idle" | sh -c '\''
		echo $$ >"$1/pid"
		exec strace -D -qq -o "$1/trace" "$2" -N 127.0.0.1 "$3"
	'\'' - "$1" "$2" "$3"' "$T" "$NC" "$PORT" "$TOOLS"
	waitfor "file:$T/fed"
	waitfor "asleep:$(cat "$T/pid")"
	release
	exits pipeline 0
	peer_done
	waitfor "text:$T/trace:exit_group"
	# sched_yield(2) before some tries, a nap before others.
	sed -i 's/^sched_yield/ppoll/' "$T/trace"
	tries=$(grep -c '^ppoll' "$T/trace")
	true_that "$tries tries for 500 pieces" [ "$tries" -gt 100 ]
	# If the producer was late for the last, the flow waits already.
	last="$(sed '/^splice(.*= 9$/,$!d; /^splice(.*= 0$/q' "$T/trace" |
	    awk '/= 9$/ { n = 0 } { call[n++] = $0 }
	    END { for (i = 1; i < n && n < 12; i++) print call[i] }' |
	    sed 's/(.*//' | sort -u | tr '\n' ' ')"
	case $last in
	"epoll_wait splice ") ;;
	*) same "calls from the last piece to the end" \
	    "epoll_ctl epoll_wait ioctl ppoll splice " "$last" ;;
	esac
}

test_a_mebibyte_of_small_pieces_is_sent_by_few_calls()
{
	over native nc || return 0
	can_count || return 0
	[ -x "$BENCH/produce" ] || { skip "no benchmark programs"; return 0; }
	serve accept recv-eof
	start_pipeline '"$4/produce" -w 64 4194304 |
	    strace -qq -o "$1" "$2" -N 127.0.0.1 "$3"' \
	    "$T/trace" "$NC" "$PORT" "$BENCH"
	finish pipeline 60
	same "exit status" 0 "$RC"
	peer_done
	all=$(wc -l <"$T/trace")
	true_that "$all calls for 65536 pieces are few" [ "$all" -lt 4096 ]
}

test_a_mebibyte_of_a_file_is_sent_by_few_calls()
{
	can_count || return 0
	truncate -s 67108864 "$T/data"
	serve accept recv-eof
	start run strace -qq -o "$T/trace" "$NC" -N 127.0.0.1 "$PORT" \
	    <"$T/data"
	finish run 60
	same "exit status" 0 "$RC"
	peer_done
	costs 8
}

test_a_mebibyte_that_is_received_into_a_file_takes_few_calls()
{
	can_count || return 0
	serve accept fill:67108864 fin recv-eof
	run_gives 0 strace -qq -o "$T/trace" "$NC" -N 127.0.0.1 "$PORT" \
	    </dev/null >"$T/file"
	peer_done
	costs 64
	rm "$T/file"
}

# What a flow that copies does with a pipe: FIFO or not.
receive_by_copying()	# COMMAND that reads
{
	serve accept fill:67108864 fin recv-eof
	start_pipeline "$1" "$T" "$NC" "$PORT"
	finish pipeline 60
	same "exit status" 0 "$RC"
	same "bytes" 67108864 "$((OUT))"
	peer_done
	holds "trace" "$(grep -o 'F_SETPIPE_SZ.*' "$T/trace")" 1048576
	costs 64
}

test_a_pipe_that_is_copied_to_gets_wider()
{
	can_count || return 0
	receive_by_copying 'strace -qq -o "$1/trace" "$2" --mover=copy -N \
	    127.0.0.1 "$3" </dev/null | wc -c'
}

# Each client is read by itself, and all by one flow.
test_a_pipe_that_clients_share_gets_wider()
{
	can_count || return 0
	free_port
	start_pipeline 'strace -qq -e trace=fcntl -o "$1/trace" "$2" -k \
	    --max-conns=5 -l 127.0.0.1 "$3" </dev/null | cat >/dev/null' \
	    "$T" "$NC" "$PORT"
	waitfor "tcp:$PORT"
	client fill:300000 fin recv-eof
	true_that "the pipe is wider" \
	    waitfor "text:$T/trace:F_SETPIPE_SZ, 1048576"
	end_it "$PID_pipeline"
}

test_a_fifo_is_written_to_as_any_pipe()
{
	can_count || return 0
	mkfifo "$T/fifo"
	receive_by_copying 'wc -c <"$1/fifo" &
	    strace -qq -o "$1/trace" "$2" --mover=copy -N \
	    127.0.0.1 "$3" </dev/null >"$1/fifo"; wait'
}

# --- starts and scans -------------------------------------------------------

# The libraries that a traced run has opened, without the loader's own.
opened()
{
	sed -n 's|.*/\([^/"]*\)\.so[^/"]*".* = [0-9].*|\1|p' "$T/trace" |
	    grep -vxE 'libc|ld'
}

need_own_bsd()
{
	"$SOCKCAT" --version | grep -qx 'libbsd: shared' || return 0
	skip "a shared libbsd was asked for"
	return 1
}

test_a_plain_transfer_loads_nothing_but_the_system_library()
{
	over native nc || return 0
	can_count || return 0
	need_own_bsd || return 0
	run_gives 0 "$BENCH/latency" -n 1 starts strace -qq -o "$T/trace" \
	    "$NC" 127.0.0.1 '{port}'
	same "libraries" "" "$(opened)"
}

test_a_library_is_loaded_for_what_needs_it()
{
	need_strace || return 0
	"$SOCKCAT" --version | grep -q '^libunistring: shared' ||
		{ skip "no libunistring"; return 0; }
	run strace -qq -e trace=openat,open -o "$T/trace" "$NC" -l -k --talk \
	    --deadline 100ms 127.0.0.1 "$(closed_port)"
	same "libraries" libunistring "$(opened | grep -v libbsd)"
}

test_a_start_with_a_byte_takes_few_calls()
{
	over native nc || return 0
	can_count || return 0
	run_gives 0 "$BENCH/latency" -n 1 starts strace -qq -o "$T/trace" \
	    "$NC" 127.0.0.1 '{port}'
	all=$(own)
	# Natively, five of them turn keepalive on.
	case $SUBJECT in native) most=69 ;; *) most=64 ;; esac
	true_that "$all calls are few" [ "$all" -lt $most ]
}

test_a_refused_connect_takes_few_calls()
{
	over native nc || return 0
	need_strace || return 0
	run_gives 1 strace -qq -o "$T/trace" "$NC" 127.0.0.1 "$(closed_port)" \
	    </dev/null
	all=$(own)
	true_that "$all calls are few" [ "$all" -lt 52 ]
}

test_a_start_looks_for_no_other_name_of_the_program()
{
	need_strace || return 0
	for name in sockcat sockcat-static; do
		rm -f "$T/trace"
		ln -s "$SOCKCAT" "$T/$name"
		run strace -qq -o "$T/trace" "$T/$name" -z 127.0.0.1 \
		    "$(closed_port)"
		same "exit status of $name" 1 "$RC"
		same "looks at files by $name" "" \
		    "$(sed -n '/F_GETFD/,$p' "$T/trace" | grep '"/')"
		same "looks for links by $name" 0 "$(own_calls readlink)"
	done
	same "pipes" 0 "$(own_calls pipe)"
	same "signals taken" 5 "$(grep -c \
	    '^rt_sigaction([A-Z0-9]*, {sa_handler=0x[^}]*SA_RESTART' \
	    "$T/trace")"
	same "questions about signals" 0 \
	    "$(grep -c '^rt_sigaction([A-Z0-9]*, NULL' "$T/trace")"
}

need_elf()
{
	[ "${SANITIZED:-no}" = no ] || { skip "sanitized"; return 1; }
	readelf -SW "$SOCKCAT" >"$T/sections" 2>/dev/null &&
	    nm "$SOCKCAT" >"$T/symbols" 2>/dev/null ||
	    { skip "no symbols"; return 1; }
}

# A CPUID instruction is a trap to the host of a virtual machine.
test_a_start_asks_the_processor_nothing_for_us()
{
	need_elf || return 0
	same "constructors of libgcc" 0 \
	    "$(grep -c __cpu_indicator_init "$T/symbols")"
}

# Each function of the C library is looked up at every start: none for systems
# without getentropy(3), if the library has arc4random(3) itself.
test_no_function_is_looked_up_for_old_systems()
{
	need_elf || return 0
	need_own_bsd || return 0
	nm -D "$SOCKCAT" | grep -q ' arc4random_buf@' ||
	    { skip "no arc4random in the C library"; return 0; }
	same "functions of libbsd's getentropy" "" \
	    "$(nm -D "$SOCKCAT" | grep -E ' (gettimeofday|statvfs)@')"
}

# Each of these pages is copied and relocated at every start. A library that
# is linked statically has some of its own.
test_few_pages_are_relocated()
{
	need_elf || return 0
	size=$(sed -n 's/.* \.data\.rel\.ro  *//p' "$T/sections" |
	    awk '{ print $4 }')
	[ -n "$size" ] || { skip "nothing is relocated"; return 0; }
	size=$((0x$size))
	true_that "$size bytes of tables are few" [ "$size" -lt 49152 ]
}

test_a_closed_port_takes_two_calls_of_a_scan()
{
	over native nc || return 0
	need_strace || return 0
	for ports in 1-20 1-220; do
		run strace -qq -o "$T/trace" "$NC" -z 127.9.8.7 $ports
		few=${all:-} all=$(own)
	done
	# A port here may be open, of somebody else.
	each=$(((all - few + 20) / 200))
	same "calls for each port" 2 "$each"
	all=
}

# --- datagrams --------------------------------------------------------------

# A sender to PORT that finds 15 blocks of 100 bytes in a pipe that keeps them
# apart, as soon as it is there.
send_blocks()	# WRAPPER...
{
	start_pipeline '{
		dd if=/dev/zero oflag=direct bs=100 count=15 2>/dev/null
		touch "$1/full"
		cat "$1/idle"
	} | {
		"$2" "file:$1/full"
		t=$1
		shift 2
		exec "$@" 3>"$t/trace"
	}' "$T" "$TOOLS/waitfor" "$@" "$NC" -u 127.0.0.1 "$PORT"
}

test_datagrams_of_one_size_are_sent_by_one_call()
{
	need_strace || return 0
	hold
	serve_udp recv:1500 "touch:$T/got"
	send_blocks strace -qq -e trace=sendmsg,sendto,write -o /dev/fd/3
	waitfor "file:$T/got" "text:$T/trace:= 1500"
	same "sends" 1 "$(grep -c '^sendmsg.*= 1500$' "$T/trace")"
}

test_a_burst_of_datagrams_is_written_by_one_call()
{
	need_strace || return 0
	hold
	free_port
	launch_udp listener strace -D -qq -e trace=write,writev,pwritev2 \
	    -o "$T/writes" "$NC" -u -l 127.0.0.1 "$PORT"
	send_blocks
	waitfor "size:$T/listener.out:1500" "text:$T/writes:= 1500"
	same "writes" 1 "$(grep -c 'write.*= 1500$' "$T/writes")"
}

test_much_in_datagrams_widens_the_pipes()
{
	need_strace || return 0
	free_port
	launch_udp listener sh -c 'strace -D -qq -e trace=fcntl \
	    -o "$1/received" "$2" -u -l 127.0.0.1 "$3" | cat' sh \
	    "$T" "$NC" "$PORT"
	start_pipeline 'head -c 200000 /dev/zero |
	    strace -qq -e trace=fcntl -o "$1/sent" "$2" -u 127.0.0.1 "$3"' \
	    "$T" "$NC" "$PORT"
	waitfor "text:$T/sent:F_SETPIPE_SZ, 1048576" \
	    "text:$T/received:F_SETPIPE_SZ, 1048576"
}

run_tests "$@"
