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
	--stdin)
		COMPREPLY=($(compgen -W 'first all last none' -- "$cur"))
		return ;;
	--merge)
		COMPREPLY=($(compgen -W 'line chunk' -- "$cur"))
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
	--dgram)
		COMPREPLY=($(compgen -W 'record line block' -- "$cur"))
		return ;;
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
	--mcast-loop)
		COMPREPLY=($(compgen -W 'off on' -- "$cur"))
		return ;;
	--nsock-engine)
		COMPREPLY=($(compgen -W 'epoll poll select' -- "$cur"))
		return ;;
	--compat)
		COMPREPLY=($(compgen -W 'native openbsd traditional ncat' -- "$cur"))
		return ;;
	-f|\
	--allowfile|\
	--denyfile|\
	--log|\
	--password-file|\
	--input|\
	-o|\
	--hex-dump|\
	--output|\
	--lua-exec|\
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
	--ssl-cert|\
	--ssl-key|\
	--ssl-trustfile|\
	--port-file)
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
	-g|\
	-G|\
	--retry|\
	--retry-delay|\
	-I|\
	-O|\
	-M|\
	-m|\
	-T|\
	-V|\
	--sockopt|\
	--max-conns|\
	--workers|\
	--backlog|\
	--allow|\
	--deny|\
	--forward|\
	--forward-source|\
	--tag|\
	--name|\
	--expect|\
	--max-frame|\
	--rate-limit|\
	--send-oob|\
	-e|\
	--exec|\
	-c|\
	--sh-exec|\
	-x|\
	--proxy|\
	-P|\
	--proxy-auth|\
	--allow-target|\
	--deny-target|\
	--tls-name|\
	--tls-pin|\
	--tls-alpn|\
	--tls-ciphers|\
	--listen-tls-pin|\
	--listen-tls-alpn|\
	--listen-tls-ciphers|\
	--ssl-ciphers|\
	--ssl-servername|\
	--ssl-alpn|\
	-W|\
	--join|\
	--mcast-if|\
	--mcast-ttl|\
	--max-inflight|\
	-w|\
	--connect-timeout|\
	--wait|\
	--idle-timeout|\
	--session-timeout|\
	--deadline|\
	-q|\
	-i|\
	--peer-fd|\
	--ready-fd|\
	--tcp-info|\
	--delay|\
	--drop|\
	--duplicate|\
	--reorder|\
	--reset-after|\
	--stall-after|\
	--slow-close|\
	--fault-seed)
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
			not+=' --vsock --mptcp --sctp -Z --raw -f -g -S --workers --oob --send-oob -x --proxy --join --mcast-if --mcast-ttl --mcast-loop --inetd --peer-fd --tcp-info ' ;;
		-u|\
	--udp)
			not+=' --seqpacket --mptcp --sctp -Z --raw -f -S --workers --backlog -t --telnet --oob --send-oob -x --proxy --accept-proxy --send-proxy --serve-proxy --inetd --peer-fd --tcp-info --reset-after ' ;;
		--seqpacket)
			not+=' -u --udp --mptcp --sctp -Z --raw --accept-proxy --send-proxy --serve-proxy --tls --ssl ' ;;
		--vsock)
			not+=' -4 -6 -U --unixsock --mptcp --sctp -Z --raw -g -S --workers --oob --send-oob --serve-proxy --join --mcast-if --mcast-ttl --mcast-loop --inetd --peer-fd ' ;;
		--mptcp)
			not+=' -U --unixsock -u --udp --seqpacket --vsock --sctp -Z --raw -S --oob --send-oob --serve-proxy --inetd --peer-fd ' ;;
		--sctp)
			not+=' -U --unixsock -u --udp --seqpacket --vsock --mptcp -Z --raw -S --oob --send-oob --serve-proxy --inetd --peer-fd ' ;;
		-Z)
			not+=' -U --unixsock -u --udp --seqpacket --vsock --mptcp --sctp --raw -S --oob --send-oob -x --proxy --accept-proxy --send-proxy --serve-proxy --tls --ssl --inetd --peer-fd ' ;;
		--raw)
			not+=' -U --unixsock -u --udp --seqpacket --vsock --mptcp --sctp -Z -S --echo --chat --talk --broker --oob --send-oob -e --exec -c --sh-exec --lua-exec --accept-proxy --send-proxy --serve-proxy --tls --ssl -z --inetd --peer-fd ' ;;
		-f)
			not+=' -U --unixsock -u --udp -s --source -p --source-port --retry --reconnect --wait-for -l --listen --echo --chat -e --exec -c --sh-exec --lua-exec -x --proxy --send-proxy --tls --ssl -z --connect-timeout --wait -F --inetd --peer-fd --reset-after ' ;;
		-s|\
	--source)
			not+=' -f --inetd --peer-fd ' ;;
		-p|\
	--source-port)
			not+=' -f --inetd --peer-fd ' ;;
		-g)
			not+=' -6 -U --unixsock --vsock -l --listen ' ;;
		--retry)
			not+=' -f --inetd --peer-fd ' ;;
		--reconnect)
			not+=' -f --wait-for -l --listen --chat -z -F --inetd --peer-fd ' ;;
		--wait-for)
			not+=' -f --reconnect -l --listen --echo --chat --input --rate-limit -e --exec -c --sh-exec --lua-exec -F --inetd --peer-fd --drop --duplicate --reorder --reset-after --stall-after --slow-close ' ;;
		-S)
			not+=' -U --unixsock -u --udp --vsock --mptcp --sctp -Z --raw ' ;;
		-l|\
	--listen)
			not+=' -f -g --reconnect --wait-for -x --proxy --tls-name --tls-insecure --ssl-servername -z --connect-timeout --wait -F --inetd --peer-fd ' ;;
		-k|\
	--keep-open)
			not+=' --chat ' ;;
		--workers)
			not+=' -U --unixsock -u --udp --vsock -o --hex-dump --output ' ;;
		--backlog)
			not+=' -u --udp ' ;;
		--echo)
			not+=' --raw -f --wait-for --forward --chat --talk --broker --input -t --telnet --oob --send-oob -e --exec -c --sh-exec --lua-exec --serve-proxy -z -F ' ;;
		--forward)
			not+=' --echo --stdin --merge --tag --chat --talk --broker -N --no-shutdown -d --recv-only --send-only --input -t --telnet --frame-input --frame-output --oob --send-oob -e --exec -c --sh-exec --lua-exec --serve-proxy -F ' ;;
		--forward-all)
			not+=' -x --proxy ' ;;
		--stdin)
			not+=' --forward --talk --broker --serve-proxy --reset-after ' ;;
		--merge)
			not+=' --forward --talk --broker --serve-proxy --reset-after ' ;;
		--tag)
			not+=' --forward --talk --broker --serve-proxy --reset-after ' ;;
		--chat)
			not+=' --raw -f --reconnect --wait-for -k --keep-open --echo --forward --talk --broker --input --oob --send-oob -e --exec -c --sh-exec --lua-exec --serve-proxy -z -F ' ;;
		--expect)
			not+=' --tls-pin --tls-insecure ' ;;
		--talk)
			not+=' --raw --echo --forward --stdin --merge --tag --chat --broker --input -C --crlf --framing --frame-input --frame-output --rate-limit --oob --send-oob -e --exec -c --sh-exec --lua-exec --serve-proxy -i --delay --drop --duplicate --reorder --reset-after --stall-after --slow-close ' ;;
		--broker)
			not+=' --raw --echo --forward --stdin --merge --tag --chat --talk --input --framing --rate-limit --oob --send-oob -e --exec -c --sh-exec --lua-exec --serve-proxy -i --delay --drop --duplicate --reorder --reset-after --stall-after --slow-close ' ;;
		-N)
			not+=' --forward --no-shutdown --serve-proxy ' ;;
		--no-shutdown)
			not+=' --forward -N --serve-proxy ' ;;
		-d)
			not+=' --forward --serve-proxy ' ;;
		--recv-only)
			not+=' --forward --serve-proxy ' ;;
		--send-only)
			not+=' --forward --serve-proxy ' ;;
		--input)
			not+=' --wait-for --echo --forward --chat --talk --broker -e --exec -c --sh-exec --lua-exec --serve-proxy -z -F ' ;;
		-C|\
	--crlf)
			not+=' --talk --serve-proxy -F ' ;;
		-t|\
	--telnet)
			not+=' -u --udp --echo --forward --serve-proxy -F ' ;;
		--framing)
			not+=' --talk --broker --dgram --serve-proxy -F ' ;;
		--frame-input)
			not+=' --forward --talk ' ;;
		--frame-output)
			not+=' --forward --talk ' ;;
		-o)
			not+=' --workers -z -F ' ;;
		--hex-dump)
			not+=' --workers -z -F ' ;;
		--output)
			not+=' --workers -z -F ' ;;
		--rate-limit)
			not+=' --wait-for --talk --broker -z -F ' ;;
		--oob)
			not+=' -U --unixsock -u --udp --vsock --mptcp --sctp -Z --raw --echo --forward --chat --talk --broker -e --exec -c --sh-exec --lua-exec --serve-proxy --tls --ssl -z ' ;;
		--send-oob)
			not+=' -U --unixsock -u --udp --vsock --mptcp --sctp -Z --raw --echo --forward --chat --talk --broker -e --exec -c --sh-exec --lua-exec --serve-proxy --tls --ssl -z ' ;;
		-e|\
	--exec)
			not+=' --raw -f --wait-for --echo --forward --chat --talk --broker --input --oob --send-oob -c --sh-exec --lua-exec --serve-proxy -z -F ' ;;
		-c|\
	--sh-exec)
			not+=' --raw -f --wait-for --echo --forward --chat --talk --broker --input --oob --send-oob -e --exec --lua-exec --serve-proxy -z -F ' ;;
		--dgram)
			not+=' --framing --drop --duplicate --reorder ' ;;
		--lua-exec)
			not+=' --raw -f --wait-for --echo --forward --chat --talk --broker --input --oob --send-oob -e --exec -c --sh-exec --serve-proxy -z -F ' ;;
		-x)
			not+=' -U --unixsock -u --udp -Z -f -l --listen --forward-all --serve-proxy --inetd --peer-fd ' ;;
		--proxy)
			not+=' -U --unixsock -u --udp -Z -f -l --listen --forward-all --serve-proxy --inetd --peer-fd ' ;;
		--accept-proxy)
			not+=' -u --udp --seqpacket -Z --raw ' ;;
		--send-proxy)
			not+=' -u --udp --seqpacket -Z --raw -f -z --inetd --peer-fd ' ;;
		--serve-proxy)
			not+=' -u --udp --seqpacket --vsock --mptcp --sctp -Z --raw --echo --forward --stdin --merge --tag --chat --talk --broker -N --no-shutdown -d --recv-only --send-only --input -C --crlf -t --telnet --framing --oob --send-oob -e --exec -c --sh-exec --lua-exec -x --proxy -F ' ;;
		--tls)
			not+=' --seqpacket -Z --raw -f --oob --send-oob -b --join -z -F --peer-fd ' ;;
		--tls-ca)
			not+=' --tls-insecure ' ;;
		--tls-crl)
			not+=' --tls-insecure ' ;;
		--tls-name)
			not+=' -l --listen --inetd ' ;;
		--tls-pin)
			not+=' --expect --tls-insecure ' ;;
		--tls-insecure)
			not+=' -l --listen --expect --tls-ca --tls-crl --tls-pin --ssl-trustfile --ssl-verify --inetd ' ;;
		--ssl)
			not+=' --seqpacket -Z --raw -f --oob --send-oob -b --join -z -F --peer-fd ' ;;
		--ssl-trustfile)
			not+=' --tls-insecure ' ;;
		--ssl-servername)
			not+=' -l --listen --inetd ' ;;
		--ssl-verify)
			not+=' --tls-insecure ' ;;
		-b)
			not+=' --tls --ssl ' ;;
		--join)
			not+=' -U --unixsock --vsock --tls --ssl ' ;;
		--mcast-if)
			not+=' -U --unixsock --vsock --inetd --peer-fd ' ;;
		--mcast-ttl)
			not+=' -U --unixsock --vsock --inetd --peer-fd ' ;;
		--mcast-loop)
			not+=' -U --unixsock --vsock --inetd --peer-fd ' ;;
		-z)
			not+=' --raw -f --reconnect -l --listen --echo --chat --input -o --hex-dump --output --rate-limit --oob --send-oob -e --exec -c --sh-exec --lua-exec --send-proxy --tls --ssl -F --inetd --peer-fd --stats --tcp-info --drop --duplicate --reorder --reset-after --stall-after --slow-close ' ;;
		--connect-timeout)
			not+=' -f -l --listen --inetd --peer-fd ' ;;
		--wait)
			not+=' -f -l --listen --inetd --peer-fd ' ;;
		--session-timeout)
			not+=' -F ' ;;
		-i)
			not+=' --talk --broker --delay --drop --duplicate --reorder ' ;;
		-F)
			not+=' -f --reconnect --wait-for -l --listen --echo --forward --chat --input -C --crlf -t --telnet --framing -o --hex-dump --output --rate-limit -e --exec -c --sh-exec --lua-exec --serve-proxy --tls --ssl -z --session-timeout --inetd --peer-fd --stats --tcp-info --drop --duplicate --reorder --reset-after --stall-after --slow-close ' ;;
		--inetd)
			not+=' -4 -6 -U --unixsock -u --udp --vsock --mptcp --sctp -Z --raw -f -s --source -p --source-port --retry --reconnect --wait-for -l --listen -x --proxy --send-proxy --tls-name --tls-insecure --ssl-servername --mcast-if --mcast-ttl --mcast-loop -z --connect-timeout --wait -F --peer-fd ' ;;
		--peer-fd)
			not+=' -4 -6 -U --unixsock -u --udp --vsock --mptcp --sctp -Z --raw -f -s --source -p --source-port --retry --reconnect --wait-for -l --listen -x --proxy --send-proxy --tls --ssl --mcast-if --mcast-ttl --mcast-loop -z --connect-timeout --wait -F --inetd ' ;;
		--stats)
			not+=' -z -F ' ;;
		--tcp-info)
			not+=' -U --unixsock -u --udp -z -F ' ;;
		--delay)
			not+=' --talk --broker -i ' ;;
		--drop)
			not+=' --wait-for --talk --broker --dgram -z -i -F ' ;;
		--duplicate)
			not+=' --wait-for --talk --broker --dgram -z -i -F ' ;;
		--reorder)
			not+=' --wait-for --talk --broker --dgram -z -i -F ' ;;
		--reset-after)
			not+=' -u --udp -f --wait-for --stdin --merge --tag --talk --broker -z -F ' ;;
		--stall-after)
			not+=' --wait-for --talk --broker -z -F ' ;;
		--slow-close)
			not+=' --wait-for --talk --broker -z -F ' ;;
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
-f
-n
--nodns
-s
--source
-p
--source-port
-g
-G
--retry
--retry-delay
--reconnect
--wait-for
--keepalive
-I
-O
-M
-m
-T
-S
-V
--sockopt
-l
--listen
-k
--keep-open
--max-conns
--workers
--backlog
--allow
--deny
--allowfile
--denyfile
--echo
--forward
--forward-all
--forward-source
--stdin
--merge
--tag
--chat
--name
--timestamps
--bell
--raw-text
--log
--expect
--talk
--password-file
--broker
-N
--no-shutdown
-d
--recv-only
--send-only
--input
-C
--crlf
-t
--telnet
--framing
--frame-input
--frame-output
--max-frame
-o
--hex-dump
--output
--append-output
--rate-limit
--oob
--send-oob
-e
--exec
-c
--sh-exec
-E
--dgram
--lua-exec
-x
--proxy
-X
-P
--proxy-type
--proxy-auth
--proxy-dns
--accept-proxy
--send-proxy
--serve-proxy
--allow-target
--deny-target
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
--ssl
--ssl-cert
--ssl-key
--ssl-trustfile
--ssl-ciphers
--ssl-servername
--ssl-alpn
--ssl-verify
-b
-W
--join
--mcast-if
--mcast-ttl
--mcast-loop
-z
--max-inflight
-r
-w
--connect-timeout
--wait
--idle-timeout
--session-timeout
--deadline
-q
-i
-F
--inetd
--peer-fd
--port-file
--ready-fd
-v
--verbose
--explain
--stats
--tcp-info
--delay
--drop
--duplicate
--reorder
--reset-after
--stall-after
--slow-close
--fault-seed
-D
--test
--nsock-engine
--compat
--version
-h
--help' -- "$cur"); do
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
