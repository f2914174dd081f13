#!/bin/sh
# Which netcat it is: the name it is called by, --compat, $SOCKCAT_COMPAT.
. "$(dirname "$0")/lib.sh"

# A word that only this personality says when it is called without a port.
speaks_as()	# PERSONALITY COMMAND...
{
	who=$1
	shift
	PORT=$(closed_port)
	run "$@" -n 127.0.0.1 "$PORT" </dev/null
	case $who in
	native)		holds "stderr of $*" "$ERR" "127.0.0.1 port P"
			same "exit status of $*" 1 "$RC" ;;
	openbsd)	same "stderr of $*" "" "$ERR"
			same "exit status of $*" 1 "$RC" ;;
	traditional)	same "stderr of $*" "(UNKNOWN) [127.0.0.1] P (?) :\
 Connection refused" "$ERR" ;;
	ncat)		same "stderr of $*" "Ncat: Connection refused." "$ERR" ;;
	esac
}

called()	# NAME
{
	[ -e "$T/$1" ] || ln -s "$SOCKCAT" "$T/$1"
	echo "$T/$1"
}

test_the_name_it_is_called_by_decides()
{
	speaks_as native "$(called sockcat)"
	speaks_as openbsd "$(called nc)"
	speaks_as openbsd "$(called netcat)"
	speaks_as openbsd "$(called nc.openbsd)"
	speaks_as traditional "$(called nc.traditional)"
	speaks_as traditional "$(called netcat-traditional)"
	speaks_as ncat "$(called ncat)"
}

test_compat_decides_over_the_name()
{
	speaks_as openbsd "$NC" --compat=openbsd
	speaks_as traditional "$NC" --compat=traditional
	speaks_as ncat "$NC" --compat=ncat
	speaks_as traditional "$(called nc)" --compat=traditional
}

# One name after the other, each a symbolic link to the next.
chain()	# NAME...: prints the path of the first
{
	room=$(mktemp -d "$T/chain.XXXXXX")
	first=$1 from=
	for name; do
		[ -z "$from" ] || ln -s "$name" "$room/$from"
		from=$name
	done
	ln -s "$SOCKCAT" "$room/$from"
	echo "$room/$first"
}

test_the_name_that_says_which_netcat_counts_along_the_links()
{
	speaks_as traditional "$(chain nc nc.traditional)"
	speaks_as openbsd "$(chain nc nc.openbsd)"
	speaks_as ncat "$(chain netcat nc ncat)"
	speaks_as openbsd "$(chain nc netcat)"
	speaks_as traditional "$(chain nc.traditional nc.openbsd)"
	speaks_as ncat "$(chain my-netcat ncat)"
	speaks_as native "$(chain sockcat nc)"
	speaks_as native "$(chain my-sockcat)"
}

test_the_links_of_alternatives_lead_through_other_directories()
{
	mkdir -p "$T/usr/bin" "$T/etc/alternatives" "$T/bin" "$T/opt/sockcat"
	ln -s "$T/etc/alternatives/nc" "$T/usr/bin/nc"
	ln -s ../../bin/nc.traditional "$T/etc/alternatives/nc"
	ln -s ../opt/sockcat/nc "$T/bin/nc.traditional"
	ln -s "$SOCKCAT" "$T/opt/sockcat/nc"
	speaks_as traditional "$T/usr/bin/nc"
	speaks_as traditional env PATH="$T/usr/bin:$PATH" nc
	cd "$T/usr" || return
	speaks_as traditional bin/nc
	cd - >/dev/null || return
}

# Here a program of that name in PATH is somebody else's.
test_a_name_that_was_made_up_counts_by_itself()
{
	mkdir "$T/bin"
	ln -s /bin/true "$T/bin/nc.traditional"
	ln -s nc.traditional "$T/bin/nc"
	speaks_as openbsd env PATH="$T/bin:$PATH" \
	    bash -c 'exec -a nc "$@"' - "$SOCKCAT"
	speaks_as ncat bash -c 'exec -a /no/such/ncat "$@"' - "$SOCKCAT"
}

test_the_environment_decides_over_the_name()
{
	speaks_as ncat env SOCKCAT_COMPAT=ncat "$NC"
	speaks_as openbsd env SOCKCAT_COMPAT=openbsd "$NC"
	speaks_as ncat env SOCKCAT_COMPAT=ncat "$(called nc)"
	speaks_as native env SOCKCAT_COMPAT=native "$(called ncat)"
	speaks_as openbsd env SOCKCAT_COMPAT= "$(called nc)"
	speaks_as traditional env SOCKCAT_COMPAT=ncat "$NC" \
	    --compat=traditional
}

test_a_personality_that_is_not_there_is_an_error()
{
	run_gives 1 "$NC" --compat=nosuch 127.0.0.1 1 </dev/null
	holds "stderr" "$ERR" nosuch
	one_line "stderr" "$ERR"
	run_gives 1 env SOCKCAT_COMPAT=nosuch "$NC" 127.0.0.1 1 </dev/null
	holds "stderr" "$ERR" nosuch
}

test_messages_carry_the_name_it_is_called_by()
{
	run "$(called nc)" 127.0.0.1 nosuch </dev/null
	same "stderr" "nc: port number invalid: nosuch" "$ERR"
	run "$(called netcat)" 127.0.0.1 nosuch </dev/null
	same "stderr" "netcat: port number invalid: nosuch" "$ERR"
	run "$(called nc.openbsd)" 127.0.0.1 nosuch </dev/null
	same "stderr" "nc.openbsd: port number invalid: nosuch" "$ERR"
}

test_a_path_or_a_dash_before_the_name_is_no_part_of_it()
{
	mkdir "$T/ncat.d"
	ln -s "$SOCKCAT" "$T/ncat.d/nc"
	speaks_as openbsd "$T/ncat.d/nc"
}

# The same letters mean what they mean in each tool.
test_d_is_a_flag_for_nc_and_takes_a_time_for_ncat()
{
	PORT=$(closed_port)
	run "$(called nc)" -d 127.0.0.1 "$PORT" </dev/null
	same "nc's exit status" 1 "$RC"
	same "nc's stderr" "" "$ERR"
	run "$(called ncat)" -d x 127.0.0.1 "$PORT" </dev/null
	same "ncat's exit status" 2 "$RC"
}

test_l_of_traditional_needs_p_for_the_port()
{
	over traditional real-traditional || return 0
	free_port
	launch listener "$NC" -l -p "$PORT" </dev/null
	client send:hi fin recv-eof
	finish listener
	same "stdout" hi "$OUT"
	same "exit status" 0 "$RC"
}

test_a_traditional_listener_closes_after_its_client_is_in()
{
	over traditional real-traditional || return 0
	free_port
	hold
	launch listener "$NC" -l -p "$PORT" <"$T/idle"
	start peer "$TOOLS/peer" "connect:$PORT" "await:$T/over" fin recv-end
	waitfor "linked:$PORT" "asleep:$(pid_of listener)"
	run "$TOOLS/peer" "connect:$PORT"
	holds "a second client" "$ERR" "Connection refused"
	touch "$T/over"
	peer_done
}

test_ncat_listens_on_both_families()
{
	over ncat real-ncat || return 0
	need_ipv6 || return 0
	for family in connect connect6; do
		free_port
		launch listener "$NC" -l "$PORT" </dev/null
		start peer "$TOOLS/peer" "$family:$PORT" send:hi fin recv-eof
		peer_done
		finish listener
		same "stdout" hi "$OUT"
		same "exit status" 0 "$RC"
	done
}

test_ncat_takes_no_service_names()
{
	over ncat real-ncat || return 0
	run_gives 2 "$NC" 127.0.0.1 discard </dev/null
}

test_explain_opens_no_socket()
{
	serve quiet-ms:1
	run_gives 0 "$NC" --explain 127.0.0.1 "$PORT" </dev/null
	holds "stdout" "$OUT" 127.0.0.1
	same "stderr" "" "$ERR"
	peer_done
}

run_tests "$@"
