# bash completion for sockcat, made by gen_completions.
# shellcheck shell=bash disable=SC2207
_sockcat()
{
	local cur=${COMP_WORDS[COMP_CWORD]}
	local prev=${COMP_WORDS[COMP_CWORD-1]}
	local line=" ${COMP_WORDS[*]} "
	local IFS=$' \n'

	COMPREPLY=()
	# Bash cuts --option=word in three.
	if [[ $cur == '=' ]]; then
		cur=
	elif [[ $prev == '=' ]]; then
		prev=${COMP_WORDS[COMP_CWORD-2]}
	fi
	case $prev in
	-X)
		COMPREPLY=($(compgen -W '4 4a 5 connect' -- "$cur"))
		return ;;
	--proxy-type)
		COMPREPLY=($(compgen -W 'http socks4 socks4a socks5' -- "$cur"))
		return ;;
	--proxy-dns)
		COMPREPLY=($(compgen -W 'remote local both none' -- "$cur"))
		return ;;
	--stdin)
		COMPREPLY=($(compgen -W 'first all last none' -- "$cur"))
		return ;;
	--merge)
		COMPREPLY=($(compgen -W 'line chunk' -- "$cur"))
		return ;;
	--dgram)
		COMPREPLY=($(compgen -W 'record line block' -- "$cur"))
		return ;;
	--framing)
		COMPREPLY=($(compgen -W 'none line len6 u16be u32be netstring' -- "$cur"))
		return ;;
	--frame-input)
		COMPREPLY=($(compgen -W 'line all' -- "$cur"))
		return ;;
	--frame-output)
		COMPREPLY=($(compgen -W 'line raw' -- "$cur"))
		return ;;
	--nsock-engine)
		COMPREPLY=($(compgen -W 'epoll poll select' -- "$cur"))
		return ;;
	--compat)
		COMPREPLY=($(compgen -W 'native openbsd traditional ncat' -- "$cur"))
		return ;;
	-f|\
	-o|\
	--hex-dump|\
	--output|\
	--allowfile|\
	--denyfile|\
	--input|\
	--log|\
	--password-file|\
	--port-file|\
	--lua-exec)
		compopt -o filenames 2>/dev/null
		IFS=$'\n'
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	-s|--source)
		COMPREPLY=($(compgen -A hostname -- "$cur"))
		return ;;
	--raw|\
	-p|\
	--source-port|\
	-x|\
	-P|\
	--proxy|\
	--proxy-auth|\
	--max-inflight|\
	-q|\
	-w|\
	--connect-timeout|\
	--wait|\
	--idle-timeout|\
	--deadline|\
	-W|\
	--retry|\
	--retry-delay|\
	-i|\
	--delay|\
	-e|\
	--exec|\
	-c|\
	--sh-exec|\
	--max-conns|\
	--backlog|\
	--session-timeout|\
	--allow|\
	--deny|\
	--tag|\
	--name|\
	--max-frame|\
	-I|\
	-O|\
	-M|\
	-m|\
	-T|\
	-V|\
	--sockopt|\
	-g|\
	-G|\
	--send-oob|\
	--peer-fd|\
	--ready-fd|\
	--tcp-info)
		return ;;
	esac
	if [[ $cur == -* ]]; then
		COMPREPLY=($(compgen -W '
-4
-6
-U
--unixsock
-u
--udp
--seqpacket
--vsock
--mptcp
--sctp
-Z
--raw
-n
--nodns
-s
--source
-p
--source-port
-r
-x
-X
-P
--proxy
--proxy-type
--proxy-auth
--proxy-dns
-l
--listen
-k
--keep-open
-z
-f
--max-inflight
-N
--no-shutdown
-q
-w
--connect-timeout
--wait
--idle-timeout
--deadline
-W
-d
--recv-only
--send-only
--retry
--retry-delay
--reconnect
--wait-for
-C
--crlf
-i
--delay
-t
--telnet
-o
--hex-dump
--output
--append-output
-e
--exec
-c
--sh-exec
-E
--echo
--max-conns
--backlog
--session-timeout
--allow
--allowfile
--deny
--denyfile
--input
--stdin
--merge
--tag
--dgram
--chat
--talk
--broker
--name
--timestamps
--bell
--raw-text
--log
--password-file
--framing
--frame-input
--frame-output
--max-frame
-b
-D
-I
-O
-M
-m
-S
-T
-V
--keepalive
--sockopt
-g
-G
--oob
--send-oob
-F
--inetd
--peer-fd
--port-file
--ready-fd
--stats
--tcp-info
--nsock-engine
--lua-exec
--test
-v
--verbose
-h
--help
--version
--explain
--compat' -- "$cur"))
	elif [[ $line == *' -U '* || $line == *' --unixsock '* ]]; then
		compopt -o filenames
		IFS=$'\n'
		COMPREPLY=($(compgen -f -- "$cur"))
	else
		COMPREPLY=($(compgen -A hostname -- "$cur"))
	fi
}
complete -F _sockcat sockcat
