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

# Hosts that ssh knows; a word that a shell would expand is none.
mkdir "$work/.ssh"
cat >"$work/.ssh/known_hosts" <<END
known.example.org,192.0.2.7 ssh-ed25519 AAAA
[ported.example.org]:2222 ssh-ed25519 AAAA
@cert-authority marked.example.org ssh-ed25519 AAAA
k\$(touch$IFS$work/expanded) ssh-ed25519 AAAA
END
printf '%s\n' 'Host alias.example.org *.pattern.example.org' \
    >"$work/.ssh/config"

# nc is sockcat, netcat is not; the files stand as they are installed.
mkdir "$work/bin" "$work/made"
ln -s "$SOCKCAT" "$work/bin/sockcat"
ln -s sockcat "$work/bin/nc"
ln -s sockcat "$work/bin/ncat"
ln -s /bin/cat "$work/bin/netcat"
PATH=$work/bin:$PATH
cp "$TOP_SRCDIR"/completions/*.fish "$work/made"
cp "$TOP_SRCDIR/completions/sockcat.bash" "$work/made/sockcat"
for name in nc netcat ncat; do
	cp "$TOP_SRCDIR/completions/nc.bash" "$work/made/$name"
done
cp "$TOP_SRCDIR/completions/nc.fish" "$work/made/netcat.fish"

# The command's name, and then its words.
ask_bash_of()
{
	command -v bash >/dev/null 2>&1 || return 0
	bash --norc -c '
		. "$0/$1" || { echo "left alone"; exit; }
		set -- "$@"
		COMP_WORDS=("$@")
		COMP_CWORD=$(($# - 1))
		function=$(complete -p "$1")
		function=${function#*-F }
		"${function%% *}"
		printf "%s\n" "${COMPREPLY[@]}"' "$work/made" "$@" 2>&1
}

ask_bash()
{
	ask_bash_of sockcat "$@"
}

ask_fish_of()
{
	command -v fish >/dev/null 2>&1 || return 0
	fish --no-config -c "
		source $work/made/$1.fish
		complete -C '$2'" 2>&1
}

ask_fish()
{
	ask_fish_of sockcat "$1"
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
offers "bash completes the category of a help" bash '^transfer$' \
    "$(ask_bash --help tr)"
offers "bash completes the option of a help" bash '^--tls-pin$' \
    "$(ask_bash --help --tls-p)"
offers "bash completes a host that ssh has seen" bash '^known.example.org$' \
    "$(ask_bash -v know)"
offers "bash completes a host that ssh has seen at a port" bash \
    '^ported.example.org$' "$(ask_bash --source = ported)"
offers "bash completes a host of ssh's config" bash '^alias.example.org$' \
    "$(ask_bash ali)"
offers "bash offers no patterns of ssh's config" bash '^none$' \
    "$(ask_bash '' | grep pattern || echo none)"
offers "bash expands no word of a file" bash '^none$' \
    "$(ask_bash k >/dev/null; ls "$work/expanded" 2>/dev/null || echo none)"
offers "bash completes the name of a socket option" bash '^TCP_NODELAY=$' \
    "$(ask_bash --sockopt = TCP_NOD)"
offers "bash completes a type of service" bash '^lowdelay$' \
    "$(ask_bash -T lowd)"
offers "bash completes a value after a cluster of letters" bash '^connect$' \
    "$(ask_bash -vX conn)"
offers "bash completes a form of --stats only after its =" bash '^json$' \
    "$(ask_bash --stats = j)"
offers "bash completes the path of a Unix socket" bash '^doc$' \
    "$(cd "$TOP_SRCDIR" && TOP_SRCDIR=. && ask_bash -lU doc)"
offers "bash completes a program" bash '^basename$' "$(ask_bash -e basenam)"
if [ -d /sys/class/net/lo ]; then
	offers "bash completes an interface" bash '^lo$' \
	    "$(ask_bash --mcast-if = lo)"
fi
if getent services http >/dev/null 2>&1; then
	offers "bash completes a service after a host" bash '^http$' \
	    "$(ask_bash -w 5 example.org htt)"
	offers "bash completes a service of a listener" bash '^http$' \
	    "$(ask_bash -lv htt)"
	offers "fish completes a service of a listener" fish '^http' \
	    "$(ask_fish 'sockcat -l htt')"
fi
offers "bash completes nc if it is sockcat" bash '^--no-shutdown$' \
    "$(ask_bash_of nc --no-sh)"
offers "bash leaves the completion of another netcat alone" bash \
    '^left alone$' "$(ask_bash_of netcat --no-sh)"
offers "bash completes ncat with the options of ncat" bash '^--ssl-trustfile$' \
    "$(ask_bash_of ncat --ssl-tr)"
offers "bash completes ncat with no others" bash '^none$' \
    "$(ask_bash_of ncat --tls | grep . || echo none)"
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
offers "fish completes the category of a help" fish '^transfer' \
    "$(ask_fish 'sockcat --help tr')"
offers "fish completes a host that ssh has seen" fish '^known.example.org' \
    "$(ask_fish 'sockcat -v know')"
offers "fish completes the name of a socket option" fish 'TCP_NODELAY=' \
    "$(ask_fish 'sockcat --sockopt=TCP_NOD')"
offers "fish completes nc if it is sockcat" fish '^--no-shutdown' \
    "$(ask_fish_of nc 'nc --no-sh')"
offers "fish leaves the completion of another netcat alone" fish '^none$' \
    "$(ask_fish_of netcat 'netcat --no-sh' | grep -e --no-sh || echo none)"
offers "fish completes ncat with the options of ncat" fish '^--ssl-trustfile' \
    "$(ask_fish_of ncat 'ncat --ssl-tr')"
offers "zsh completes a long option" zsh 'no-shutdown' \
    "$(ask_zsh 'sockcat --no-sh' no-shutdown)"
offers "zsh completes the name of a personality" zsh 'openbsd' \
    "$(ask_zsh 'sockcat --compat=o' openbsd)"
offers "zsh completes a way to frame messages" zsh 'netstring' \
    "$(ask_zsh 'sockcat --framing=n' netstring)"
offers "zsh completes the name of a file" zsh 'completions/' \
    "$(cd "$TOP_SRCDIR" && ask_zsh 'sockcat --log=compl' completions/)"
offers "zsh completes the path of a Unix socket" zsh 'completions/' \
    "$(cd "$TOP_SRCDIR" && ask_zsh 'sockcat -U compl' completions/)"
offers "zsh completes that path after letters in one word" zsh \
    'completions/' \
    "$(cd "$TOP_SRCDIR" && ask_zsh 'sockcat -lkU compl' completions/)"
offers "zsh completes the category of a help" zsh 'transfer' \
    "$(ask_zsh 'sockcat --help tran' transfer)"
offers "zsh completes a host that ssh has seen" zsh 'known.example' \
    "$(ask_zsh 'sockcat -v known.ex' known.example.org)"
offers "zsh completes a host of ssh's config" zsh 'alias.example' \
    "$(ask_zsh 'sockcat alias.ex' alias.example.org)"
offers "zsh completes the name of a socket option" zsh 'TCP_NODELAY' \
    "$(ask_zsh 'sockcat --sockopt=TCP_NOD' TCP_NODELAY=)"
offers "zsh completes nc if it is sockcat" zsh 'no-shutdown' \
    "$(ask_zsh 'nc --no-sh' no-shutdown)"
offers "zsh completes ncat with the options of ncat" zsh 'ssl-trustfile' \
    "$(ask_zsh 'ncat --ssl-tr' ssl-trustfile)"

end
