#!/bin/sh
# Shells complete sockcat's options: the real shells are asked.

. "${TOP_SRCDIR:-$(dirname "$0")/../..}/tests/lib/tests.sh"
HOME=$work
export HOME

# offers SENTENCE SHELL WORD OUTPUT: the word is in the output.
offers()
{
	if ! command -v "$2" >/dev/null 2>&1; then
		skip "$1: there is no $2"
	elif printf '%s\n' "$4" | grep -q -e "$3"; then
		ok "$1"
	else
		bad "$1" "$4"
	fi
}

ask_bash()
{
	command -v bash >/dev/null 2>&1 || return 0
	# shellcheck disable=SC2016
	bash --norc -c '
		. "$TOP_SRCDIR/completions/sockcat.bash"
		COMP_WORDS=(sockcat "$@")
		COMP_CWORD=$#
		_sockcat
		printf "%s\n" "${COMPREPLY[@]}"' - "$@" 2>&1
}

ask_fish()
{
	command -v fish >/dev/null 2>&1 || return 0
	fish --no-config -c "
		source $TOP_SRCDIR/completions/sockcat.fish
		complete -C '$1'" 2>&1
}

# zsh completes on a terminal only: one is made by zpty. The read waits for
# the word, and timeout ends one that never comes.
ask_zsh()
{
	command -v zsh >/dev/null 2>&1 || return 0
	cat >"$work/ask.zsh" <<-'END'
	zmodload zsh/zpty
	zpty shell 'TERM=dumb zsh -f -i'
	zpty -w shell "PS1= ; unsetopt zle_bracketed_paste 2>/dev/null"
	zpty -w shell "fpath=($TOP_SRCDIR/completions \$fpath)"
	zpty -w shell "autoload -Uz compinit && compinit -u -D"
	zpty -w shell 'print rea""dy'
	zpty -r shell seen '*ready*' || exit 1
	zpty -w -n shell "$1"$'\t'
	zpty -r shell seen "*$2*" || exit 1
	print -r -- $seen
	zpty -d shell
	END
	timeout 20 zsh -f "$work/ask.zsh" "$1" "$2" 2>&1
}

offers "bash completes a long option" bash '^--no-shutdown$' \
    "$(ask_bash --no-sh)"
offers "bash completes the name of a personality" bash '^openbsd$' \
    "$(ask_bash --compat = o)"
offers "bash completes a way to frame messages" bash '^netstring$' \
    "$(ask_bash --framing = n)"
offers "bash completes a proxy's protocol behind a letter" bash '^connect$' \
    "$(ask_bash -X c)"
offers "bash completes the name of a file" bash '^completions' \
    "$(cd "$TOP_SRCDIR" && TOP_SRCDIR=. && ask_bash --log = compl)"
offers "bash completes a version of TLS" bash '^1.3$' \
    "$(ask_bash --tls-min = 1)"
offers "bash completes the name of a certificate's file" bash '^completions' \
    "$(cd "$TOP_SRCDIR" && TOP_SRCDIR=. && ask_bash --tls-ca compl)"
offers "bash offers an option beside others that go with it" bash \
    '^--explain$' "$(ask_bash -z --ex)"
offers "bash leaves out what those that were given exclude" bash \
    '^none$' "$(ask_bash -z --ech | grep . || echo none)"
offers "fish completes a long option" fish '^--no-shutdown' \
    "$(ask_fish 'sockcat --no-sh')"
offers "fish leaves out what those that were given exclude" fish \
    '^none$' "$(ask_fish 'sockcat -z --ech' | grep -e --echo || echo none)"
offers "fish completes the name of a personality" fish '=openbsd' \
    "$(ask_fish 'sockcat --compat=o')"
offers "fish completes a way to frame messages" fish '=netstring' \
    "$(ask_fish 'sockcat --framing=n')"
offers "fish completes the name of a file" fish '=.*completions/' \
    "$(cd "$TOP_SRCDIR" && TOP_SRCDIR=. && ask_fish 'sockcat --log=compl')"
offers "zsh completes a long option" zsh 'no-shutdown' \
    "$(ask_zsh 'sockcat --no-sh' no-shutdown)"
offers "zsh completes the name of a personality" zsh 'openbsd' \
    "$(ask_zsh 'sockcat --compat=o' openbsd)"
offers "zsh completes a way to frame messages" zsh 'netstring' \
    "$(ask_zsh 'sockcat --framing=n' netstring)"
offers "zsh completes the name of a file" zsh 'completions/' \
    "$(cd "$TOP_SRCDIR" && ask_zsh 'sockcat --log=compl' completions/)"

end
