#!/bin/sh
# --help: one screen, categories, single options, and the terminal's width.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_console.sh"

CATEGORIES="connect listen chat transfer exec proxy tls datagram scan timing
service debug personality"

helps()	# WORD...: prints help on standard output, and nothing else
{
	run "$NC" --help "$@" </dev/null
	same "exit status of --help $*" 0 "$RC"
	same "stderr of --help $*" "" "$ERR"
	same "lines of --help $* over 80 columns" "" \
	    "$(printf '%s\n' "$OUT" | awk 'length($0) > 80')"
}

test_help_is_one_screen_that_names_the_other_helps()
{
	helps
	between "lines" 10 23 "$(printf '%s\n' "$OUT" | wc -l)"
	for word in --help all --option --listen --udp --tls $CATEGORIES; do
		holds "help" "$OUT" "$word"
	done
	screen_of_help=$OUT
	run "$NC" -h </dev/null
	same "-h" "$screen_of_help" "$OUT"
	run "$NC" -l host 80 --help </dev/null
	same "--help after others" "$screen_of_help" "$OUT"
}

test_a_category_has_its_options_and_no_others()
{
	for word in $CATEGORIES; do
		helps "$word"
		holds "title of $word" "$(printf '%s\n' "$OUT" | head -n 1)" \
		    "($word):"
	done
	helps tls
	holds "tls" "$OUT" "--tls-cert <file>"
	lacks "tls" "$OUT" "--proxy-type"
}

test_an_option_may_be_in_several_categories()
{
	for word in connect listen datagram; do
		helps "$word"
		holds "$word" "$OUT" "-u, --udp"
	done
}

test_all_options_are_in_all_once()
{
	helps all
	printf '%s\n' "$OUT" | grep -o '^  *-.*' | awk '{ print $1, $2 }' |
	    sort | uniq -d >"$T/twice"
	same "options printed twice" "" "$(cat "$T/twice")"
	same "titles" "$(echo $CATEGORIES)" "$(printf '%s\n' "$OUT" |
	    sed -n 's/^[A-Z].* (\([a-z]*\)):$/\1/p' | paste -sd ' ' -)"
}

test_help_on_an_option_tells_what_it_needs_and_excludes()
{
	helps --keep-open
	holds "needs" "$OUT" "Needs:       -l"
	holds "excludes" "$OUT" "Not with:    --chat"
	holds "categories" "$OUT" "Categories:  listen"
	by_name=$OUT
	helps -k
	same "-k" "$by_name" "$OUT"
	helps --keep-o
	same "an abbreviation" "$by_name" "$OUT"
	helps --framing=line
	holds "values" "$OUT" "netstring"
	helps --tls-client-ca
	holds "both needs" "$OUT" "--inetd or -l, and --tls"
}

test_the_topic_is_the_word_after_help()
{
	run "$NC" example.com 80 --help tls </dev/null
	holds "after operands" "$OUT" "Encryption (tls):"
	run "$NC" -vh tls </dev/null
	holds "in a cluster" "$OUT" "Encryption (tls):"
	run "$NC" --help progress </dev/null
	holds "an option without its dashes" "$OUT" "--progress"
	run "$NC" -hv </dev/null
	same "exit status of -hv" 0 "$RC"
}

test_an_unknown_topic_is_one_line()
{
	refuses "no such category or option: cooking" --help cooking
	for word in all $CATEGORIES; do
		holds "known categories" "$ERR" "$word"
	done
	refuses "do you mean --keep-open?" --help --kep-open
	refuses "no such option: -j" --help -j
	refuses "no such category" --help ""
	refuses "--tls-client-ca or --tls-ciphers?" --help --tls-c
}

test_copied_tools_have_their_own_help()
{
	over nc traditional ncat || return 0
	run "$NC" -h </dev/null
	plain=$OUT$ERR
	run "$NC" -h tls </dev/null
	same "a topic" "$plain" "$OUT$ERR"
	lacks "help" "$plain" "--help CATEGORY"
}

# The reader may be gone before the text is written.
test_a_reader_that_leaves_is_no_error()
{
	for word in all exec --listen; do
		mkfifo "$T/fifo.$word"
		exec 8<>"$T/fifo.$word" 9>"$T/fifo.$word" 8<&-
		"$NC" --help "$word" >&9 2>"$T/err"
		same "exit status of --help $word" 0 "$?"
		same "stderr of --help $word" "" "$(cat "$T/err")"
		exec 9>&-
	done
}

terminal_helps()	# COLSxROWS WORD...
{
	size=$1
	shift
	exec 7</dev/null
	terminal "$size" "'$NC' --help $*; echo end" || return 1
	until_so test -e "$T/status"
	shows_last end
}

test_help_fits_a_terminal_of_80_by_24()
{
	command -v tmux >/dev/null || { skip "no tmux"; return; }
	terminal_helps 80x24
	screen >"$T/screen"
	holds "the first line" "$(head -n 1 "$T/screen")" "usage: sockcat"
	run "$NC" --help </dev/null
	same "the screen" "$(printf '%s\n' "$OUT" | grep .; echo end)" \
	    "$(cat "$T/screen")"
	end_terminal
}

# A line that the terminal has cut is joined again by -J.
test_a_narrow_terminal_gets_short_lines()
{
	command -v tmux >/dev/null || { skip "no tmux"; return; }
	terminal_helps 40x10 all
	mux capture-pane -p -S - | sed 's/ *$//' >"$T/shown"
	mux capture-pane -p -J -S - | sed 's/ *$//' >"$T/joined"
	same "lines that the terminal cut" "" "$(diff "$T/shown" "$T/joined")"
	holds "an option" "$(cat "$T/shown")" "  -k, --keep-open"
	same "its text" "      Accept multiple connections" \
	    "$(grep 'Accept multiple' "$T/shown")"
	end_terminal
}

run_tests "$@"
