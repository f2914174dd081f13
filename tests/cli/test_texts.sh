#!/bin/sh
# --man and --completion: what a program without its package still tells.
. "$(dirname "$0")/lib.sh"

test_the_completions_of_each_shell_are_those_of_the_package()
{
	for pair in bash:sockcat.bash zsh:_sockcat fish:sockcat.fish; do
		run "$NC" --completion "${pair%%:*}" </dev/null
		same "exit status" 0 "$RC"
		same_file "completions for ${pair%%:*}" \
		    "$TOP_SRCDIR/completions/${pair#*:}" "$T/run.out"
	done
}

test_a_shell_completes_from_them_at_once()
{
	command -v bash >/dev/null || { skip "no bash"; return 0; }
	run bash -c 'source <("$1" --completion bash) && complete -p sockcat' \
	    - "$NC" </dev/null
	same "exit status" 0 "$RC"
	holds "what completes sockcat" "$OUT" "complete "
}

test_another_shell_is_refused()
{
	run "$NC" --completion ksh </dev/null
	same "exit status" 1 "$RC"
	same "stderr" "sockcat: --completion must be bash, zsh or fish: ksh" \
	    "$ERR"
}

test_the_manual_is_plain_text_in_a_pipe()
{
	run "$NC" --man </dev/null
	same "exit status" 0 "$RC"
	for word in "sockcat - read and write" --max-frame "EXIT STATUS"; do
		holds "the manual" "$OUT" "$word"
	done
	lacks "the manual" "$OUT" "$(printf '\010')"
}

test_on_a_terminal_the_manual_has_a_pager()
{
	run env MANPAGER="sed -n '/EXIT STATUS/{s/^/paged: /;p;q;}'" \
	    "$TOOLS/ptyrun" on=1 -- "$NC" --man
	same "exit status" 0 "$RC"
	holds "what the pager shows" "$OUT" "paged: EXIT STATUS"
	run env -u MANPAGER PAGER="tr a-z A-Z | head -n 1" \
	    "$TOOLS/ptyrun" on=1 -- "$NC" --man
	holds "what the pager shows" "$OUT" "GENERAL COMMANDS MANUAL"
	run env -u MANPAGER -u PAGER PATH= "$TOOLS/ptyrun" on=1 -- "$NC" --man
	same "exit status without a pager" 0 "$RC"
	holds "the manual" "$OUT" "EXIT STATUS"
}

test_a_full_disk_is_reported()
{
	[ -w /dev/full ] || { skip "no /dev/full"; return 0; }
	run sh -c '"$1" --man >/dev/full' - "$NC"
	same "exit status" 1 "$RC"
	one_line "the failure" "$ERR"
}

run_tests "$@"
