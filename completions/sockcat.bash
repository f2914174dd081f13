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
	--tls-min)
		COMPREPLY=($(compgen -W '1.2 1.3' -- "$cur"))
		return ;;
	--listen-tls-min)
		COMPREPLY=($(compgen -W '1.2 1.3' -- "$cur"))
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
	--mcast-loop)
		COMPREPLY=($(compgen -W 'off on' -- "$cur"))
		return ;;
	--nsock-engine)
		COMPREPLY=($(compgen -W 'epoll poll select' -- "$cur"))
		return ;;
	--compat)
		COMPREPLY=($(compgen -W 'native openbsd traditional ncat' -- "$cur"))
		return ;;
	--tls-cert|\
	--tls-key|\
	--tls-ca|\
	--tls-crl|\
	--tls-client-ca|\
	--tls-keylog|\
	--listen-tls-cert|\
	--listen-tls-key|\
	--listen-tls-client-ca|\
	--listen-tls-crl|\
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
	--lua-exec|\
	--ssl-cert|\
	--ssl-key|\
	--ssl-trustfile)
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
	--tls-name|\
	--tls-pin|\
	--tls-alpn|\
	--tls-ciphers|\
	--listen-tls-pin|\
	--listen-tls-alpn|\
	--listen-tls-ciphers|\
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
	--rate-limit|\
	--drop|\
	--duplicate|\
	--reorder|\
	--reset-after|\
	--stall-after|\
	--slow-close|\
	--fault-seed|\
	-e|\
	--exec|\
	-c|\
	--sh-exec|\
	--forward|\
	--forward-source|\
	--allow-target|\
	--deny-target|\
	--max-conns|\
	--workers|\
	--backlog|\
	--session-timeout|\
	--allow|\
	--deny|\
	--tag|\
	--name|\
	--expect|\
	--max-frame|\
	-I|\
	-O|\
	-M|\
	-m|\
	--join|\
	--mcast-ttl|\
	--mcast-if|\
	-T|\
	-V|\
	--sockopt|\
	-g|\
	-G|\
	--send-oob|\
	--peer-fd|\
	--ready-fd|\
	--tcp-info|\
	--size|\
	--ssl-ciphers|\
	--ssl-servername|\
	--ssl-alpn)
		return ;;
	esac
	if [[ $cur == -* ]]; then
		local word not=' '
		for word in "${COMP_WORDS[@]}"; do
		case $word in
		-4)
			not+=' -6 --vsock --inetd --peer-fd ' ;;
		-6)
			not+=' -4 --vsock -g --inetd --peer-fd ' ;;
		-U|\
	--unixsock)
			not+=' --vsock --mptcp --sctp -Z --raw -x --proxy -f --workers --join --mcast-ttl --mcast-loop --mcast-if -S -g --oob --send-oob --inetd --peer-fd --tcp-info ' ;;
		-u|\
	--udp)
			not+=' --seqpacket --mptcp --sctp -Z --raw -x --proxy --accept-proxy --send-proxy -f --reset-after -t --telnet --serve-proxy --workers --backlog -S --oob --send-oob --inetd --peer-fd --tcp-info ' ;;
		--seqpacket)
			not+=' -u --udp --mptcp --sctp -Z --raw --accept-proxy --send-proxy --tls --serve-proxy --ssl ' ;;
		--vsock)
			not+=' -4 -6 -U --unixsock --mptcp --sctp -Z --raw --serve-proxy --workers --join --mcast-ttl --mcast-loop --mcast-if -S -g --oob --send-oob --inetd --peer-fd ' ;;
		--mptcp)
			not+=' -U --unixsock -u --udp --seqpacket --vsock --sctp -Z --raw --serve-proxy -S --oob --send-oob --inetd --peer-fd ' ;;
		--sctp)
			not+=' -U --unixsock -u --udp --seqpacket --vsock --mptcp -Z --raw --serve-proxy -S --oob --send-oob --inetd --peer-fd ' ;;
		-Z)
			not+=' -U --unixsock -u --udp --seqpacket --vsock --mptcp --sctp --raw -x --proxy --accept-proxy --send-proxy --tls --serve-proxy -S --oob --send-oob --inetd --peer-fd --ssl ' ;;
		--raw)
			not+=' -U --unixsock -u --udp --seqpacket --vsock --mptcp --sctp -Z --accept-proxy --send-proxy --tls -z -e --exec -c --sh-exec --echo --serve-proxy --chat --talk --broker -S --oob --send-oob --inetd --peer-fd --lua-exec --ssl ' ;;
		-s|\
	--source)
			not+=' -f --inetd --peer-fd ' ;;
		-p|\
	--source-port)
			not+=' -f --inetd --peer-fd ' ;;
		-x)
			not+=' -U --unixsock -u --udp -Z -l --listen -f --forward-all --serve-proxy --inetd --peer-fd ' ;;
		--proxy)
			not+=' -U --unixsock -u --udp -Z -l --listen -f --forward-all --serve-proxy --inetd --peer-fd ' ;;
		--accept-proxy)
			not+=' -u --udp --seqpacket -Z --raw ' ;;
		--send-proxy)
			not+=' -u --udp --seqpacket -Z --raw -z -f --inetd --peer-fd ' ;;
		--tls)
			not+=' --seqpacket -Z --raw -z -f -b --join --oob --send-oob -F --peer-fd ' ;;
		--tls-ca)
			not+=' --tls-insecure ' ;;
		--tls-crl)
			not+=' --tls-insecure ' ;;
		--tls-name)
			not+=' -l --listen --inetd ' ;;
		--tls-pin)
			not+=' --tls-insecure --expect ' ;;
		--tls-insecure)
			not+=' --tls-ca --tls-crl --tls-pin -l --listen --expect --inetd --ssl-verify --ssl-trustfile ' ;;
		-l|\
	--listen)
			not+=' -x --proxy --tls-name --tls-insecure -z -f --connect-timeout --wait --reconnect --wait-for -g -F --inetd --peer-fd --ssl-servername ' ;;
		-k|\
	--keep-open)
			not+=' --chat ' ;;
		-z)
			not+=' --raw --send-proxy --tls -l --listen -f --reconnect --rate-limit --drop --duplicate --reorder --reset-after --stall-after --slow-close -o --hex-dump --output -e --exec -c --sh-exec --echo --input --chat --oob --send-oob -F --inetd --peer-fd --stats --tcp-info --progress --lua-exec --ssl ' ;;
		-f)
			not+=' -U --unixsock -u --udp -s --source -p --source-port -x --proxy --send-proxy --tls -l --listen -z --connect-timeout --wait --retry --reconnect --wait-for --reset-after -e --exec -c --sh-exec --echo --chat -F --inetd --peer-fd --lua-exec --ssl ' ;;
		-N)
			not+=' --no-shutdown --forward --serve-proxy ' ;;
		--no-shutdown)
			not+=' -N --forward --serve-proxy ' ;;
		--connect-timeout)
			not+=' -l --listen -f --inetd --peer-fd ' ;;
		--wait)
			not+=' -l --listen -f --inetd --peer-fd ' ;;
		-d)
			not+=' --forward --serve-proxy ' ;;
		--recv-only)
			not+=' --forward --serve-proxy ' ;;
		--send-only)
			not+=' --forward --serve-proxy ' ;;
		--retry)
			not+=' -f --inetd --peer-fd ' ;;
		--reconnect)
			not+=' -l --listen -z -f --wait-for --chat -F --inetd --peer-fd ' ;;
		--wait-for)
			not+=' -l --listen -f --reconnect --rate-limit --drop --duplicate --reorder --reset-after --stall-after --slow-close -e --exec -c --sh-exec --echo --input --chat -F --inetd --peer-fd --progress --lua-exec ' ;;
		-C|\
	--crlf)
			not+=' --serve-proxy --talk -F ' ;;
		-i)
			not+=' --delay --drop --duplicate --reorder --talk --broker ' ;;
		--delay)
			not+=' -i --talk --broker ' ;;
		--rate-limit)
			not+=' -z --wait-for --talk --broker -F ' ;;
		--drop)
			not+=' -z --wait-for -i --dgram --talk --broker --framing -F ' ;;
		--duplicate)
			not+=' -z --wait-for -i --dgram --talk --broker --framing -F ' ;;
		--reorder)
			not+=' -z --wait-for -i --dgram --talk --broker --framing -F ' ;;
		--reset-after)
			not+=' -u --udp -z -f --wait-for --stdin --merge --tag --talk --broker -F ' ;;
		--stall-after)
			not+=' -z --wait-for --talk --broker -F ' ;;
		--slow-close)
			not+=' -z --wait-for --talk --broker -F ' ;;
		-t|\
	--telnet)
			not+=' -u --udp --echo --forward --serve-proxy -F ' ;;
		-o)
			not+=' -z --workers -F ' ;;
		--hex-dump)
			not+=' -z --workers -F ' ;;
		--output)
			not+=' -z --workers -F ' ;;
		-e|\
	--exec)
			not+=' --raw -z -f --wait-for -c --sh-exec --echo --forward --serve-proxy --input --chat --talk --broker --oob --send-oob -F --lua-exec ' ;;
		-c|\
	--sh-exec)
			not+=' --raw -z -f --wait-for -e --exec --echo --forward --serve-proxy --input --chat --talk --broker --oob --send-oob -F --lua-exec ' ;;
		--echo)
			not+=' --raw -z -f --wait-for -t --telnet -e --exec -c --sh-exec --forward --serve-proxy --input --chat --talk --broker --oob --send-oob -F --lua-exec ' ;;
		--forward)
			not+=' -N --no-shutdown -d --recv-only --send-only -t --telnet -e --exec -c --sh-exec --echo --serve-proxy --input --stdin --merge --tag --chat --talk --broker --frame-input --frame-output --oob --send-oob -F --lua-exec ' ;;
		--forward-all)
			not+=' -x --proxy ' ;;
		--serve-proxy)
			not+=' -u --udp --seqpacket --vsock --mptcp --sctp -Z --raw -x --proxy -N --no-shutdown -d --recv-only --send-only -C --crlf -t --telnet -e --exec -c --sh-exec --echo --forward --input --stdin --merge --tag --chat --talk --broker --framing --oob --send-oob -F --lua-exec ' ;;
		--workers)
			not+=' -U --unixsock -u --udp --vsock -o --hex-dump --output ' ;;
		--backlog)
			not+=' -u --udp ' ;;
		--session-timeout)
			not+=' -F ' ;;
		--input)
			not+=' -z --wait-for -e --exec -c --sh-exec --echo --forward --serve-proxy --chat --talk --broker -F --lua-exec ' ;;
		--stdin)
			not+=' --reset-after --forward --serve-proxy --talk --broker ' ;;
		--merge)
			not+=' --reset-after --forward --serve-proxy --talk --broker ' ;;
		--tag)
			not+=' --reset-after --forward --serve-proxy --talk --broker ' ;;
		--dgram)
			not+=' --drop --duplicate --reorder --framing ' ;;
		--chat)
			not+=' --raw -k --keep-open -z -f --reconnect --wait-for -e --exec -c --sh-exec --echo --forward --serve-proxy --input --talk --broker --oob --send-oob -F --progress --lua-exec ' ;;
		--talk)
			not+=' --raw -C --crlf -i --delay --rate-limit --drop --duplicate --reorder --reset-after --stall-after --slow-close -e --exec -c --sh-exec --echo --forward --serve-proxy --input --stdin --merge --tag --chat --broker --framing --frame-input --frame-output --oob --send-oob --progress --lua-exec ' ;;
		--broker)
			not+=' --raw -i --delay --rate-limit --drop --duplicate --reorder --reset-after --stall-after --slow-close -e --exec -c --sh-exec --echo --forward --serve-proxy --input --stdin --merge --tag --chat --talk --framing --oob --send-oob --progress --lua-exec ' ;;
		--expect)
			not+=' --tls-pin --tls-insecure ' ;;
		--framing)
			not+=' --drop --duplicate --reorder --serve-proxy --dgram --talk --broker -F ' ;;
		--frame-input)
			not+=' --forward --talk ' ;;
		--frame-output)
			not+=' --forward --talk ' ;;
		-b)
			not+=' --tls --ssl ' ;;
		--join)
			not+=' -U --unixsock --vsock --tls --ssl ' ;;
		--mcast-ttl)
			not+=' -U --unixsock --vsock --inetd --peer-fd ' ;;
		--mcast-loop)
			not+=' -U --unixsock --vsock --inetd --peer-fd ' ;;
		--mcast-if)
			not+=' -U --unixsock --vsock --inetd --peer-fd ' ;;
		-S)
			not+=' -U --unixsock -u --udp --vsock --mptcp --sctp -Z --raw ' ;;
		-g)
			not+=' -6 -U --unixsock --vsock -l --listen ' ;;
		--oob)
			not+=' -U --unixsock -u --udp --vsock --mptcp --sctp -Z --raw --tls -z -e --exec -c --sh-exec --echo --forward --serve-proxy --chat --talk --broker --lua-exec --ssl ' ;;
		--send-oob)
			not+=' -U --unixsock -u --udp --vsock --mptcp --sctp -Z --raw --tls -z -e --exec -c --sh-exec --echo --forward --serve-proxy --chat --talk --broker --lua-exec --ssl ' ;;
		-F)
			not+=' --tls -l --listen -z -f --reconnect --wait-for -C --crlf --rate-limit --drop --duplicate --reorder --reset-after --stall-after --slow-close -t --telnet -o --hex-dump --output -e --exec -c --sh-exec --echo --forward --serve-proxy --session-timeout --input --chat --framing --inetd --peer-fd --stats --tcp-info --progress --lua-exec --ssl ' ;;
		--inetd)
			not+=' -4 -6 -U --unixsock -u --udp --vsock --mptcp --sctp -Z --raw -s --source -p --source-port -x --proxy --send-proxy --tls-name --tls-insecure -l --listen -z -f --connect-timeout --wait --retry --reconnect --wait-for --mcast-ttl --mcast-loop --mcast-if -F --peer-fd --ssl-servername ' ;;
		--peer-fd)
			not+=' -4 -6 -U --unixsock -u --udp --vsock --mptcp --sctp -Z --raw -s --source -p --source-port -x --proxy --send-proxy --tls -l --listen -z -f --connect-timeout --wait --retry --reconnect --wait-for --mcast-ttl --mcast-loop --mcast-if -F --inetd --ssl ' ;;
		--stats)
			not+=' -z -F ' ;;
		--tcp-info)
			not+=' -U --unixsock -u --udp -z -F ' ;;
		--progress)
			not+=' -z --wait-for --chat --talk --broker -F ' ;;
		--lua-exec)
			not+=' --raw -z -f --wait-for -e --exec -c --sh-exec --echo --forward --serve-proxy --input --chat --talk --broker --oob --send-oob -F ' ;;
		--ssl)
			not+=' --seqpacket -Z --raw -z -f -b --join --oob --send-oob -F --peer-fd ' ;;
		--ssl-verify)
			not+=' --tls-insecure ' ;;
		--ssl-trustfile)
			not+=' --tls-insecure ' ;;
		--ssl-servername)
			not+=' -l --listen --inetd ' ;;
		esac
		done
		for word in $(compgen -W '
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
--accept-proxy
--send-proxy
--tls
--tls-cert
--tls-key
--tls-ca
--tls-crl
--tls-client-ca
--tls-name
--tls-pin
--tls-insecure
--tls-alpn
--tls-ciphers
--tls-min
--tls-keylog
--listen-tls-cert
--listen-tls-key
--listen-tls-client-ca
--listen-tls-crl
--listen-tls-pin
--listen-tls-alpn
--listen-tls-ciphers
--listen-tls-min
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
--rate-limit
--drop
--duplicate
--reorder
--reset-after
--stall-after
--slow-close
--fault-seed
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
--forward
--forward-all
--forward-source
--serve-proxy
--allow-target
--deny-target
--max-conns
--workers
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
--expect
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
--join
--mcast-ttl
--mcast-loop
--mcast-if
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
--progress
--size
--nsock-engine
--lua-exec
--test
--ssl
--ssl-cert
--ssl-key
--ssl-verify
--ssl-trustfile
--ssl-ciphers
--ssl-servername
--ssl-alpn
-v
--verbose
-h
--help
--version
--explain
--compat' -- "$cur"); do
			[[ $not == *" $word "* ]] || COMPREPLY+=("$word")
		done
	elif [[ $line == *' -U '* || $line == *' --unixsock '* ]]; then
		compopt -o filenames
		IFS=$'\n'
		COMPREPLY=($(compgen -f -- "$cur"))
	else
		COMPREPLY=($(compgen -A hostname -- "$cur"))
	fi
}
complete -F _sockcat sockcat
