# bash completion for sockcat, also under the name ncat: made by
# gen_completions from completions/bash.in.
# shellcheck shell=bash disable=SC2207

# Offers words, but none that compgen would expand.
_sockcat_offer()	# WORDS
{
	COMPREPLY=($(compgen -W "$(printf '%s\n' "$1" |
	    grep -E '^[[:alnum:]][[:alnum:]_.:-]*$')" -- "$cur"))
}

# The hosts of the system's list, of ssh's known_hosts and of its config.
_sockcat_hosts()
{
	sed 's/#.*//' /etc/hosts 2>/dev/null |
	    awk '{ for (i = 2; i <= NF; i++) print $i }'
	cat ~/.ssh/known_hosts /etc/ssh/ssh_known_hosts 2>/dev/null | awk '
		/^[#|]/ { next }
		{
			n = split($1 ~ /^@/ ? $2 : $1, host, ",")
			for (i = 1; i <= n; i++) {
				sub(/^\[/, "", host[i])
				sub(/\]:[0-9]+$/, "", host[i])
				print host[i]
			}
		}'
	awk -F '[ \t=]+' '{ sub(/^[ \t]+/, "") } tolower($1) == "host" {
		for (i = 2; i <= NF; i++)
			print $i
	}' ~/.ssh/config 2>/dev/null
}

_sockcat_services()
{
	{ getent services || cat /etc/services; } 2>/dev/null |
	    awk '/^[^#]/ { print $1 }'
}

_sockcat_value()	# KIND
{
	case $1 in
	words)
		COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
	file)
		compopt -o filenames 2>/dev/null
		IFS=$'\n'
		COMPREPLY=($(compgen -f -- "$cur")) ;;
	program)
		compopt -o filenames 2>/dev/null
		IFS=$'\n'
		COMPREPLY=($(compgen -c -- "$cur")) ;;
	host)
		_sockcat_offer "$(_sockcat_hosts)" ;;
	port)
		_sockcat_offer "$(_sockcat_services)" ;;
	interface)
		_sockcat_offer "$(ls /sys/class/net 2>/dev/null)" ;;
	protocol)
		_sockcat_offer "$(getent protocols 2>/dev/null |
		    awk '{ print $1 }')" ;;
	sockopt)
		compopt -o nospace 2>/dev/null
		COMPREPLY=($(compgen -S = -W 'SO_BINDTODEVICE SO_BROADCAST SO_BUSY_POLL SO_DEBUG SO_DONTROUTE SO_KEEPALIVE SO_LINGER SO_MARK SO_MAX_PACING_RATE SO_OOBINLINE SO_PRIORITY SO_RCVBUF SO_RCVBUFFORCE SO_REUSEADDR SO_REUSEPORT SO_SNDBUF SO_SNDBUFFORCE IP_BIND_ADDRESS_NO_PORT IP_FREEBIND IP_MINTTL IP_MTU_DISCOVER IP_MULTICAST_LOOP IP_MULTICAST_TTL IP_TOS IP_TRANSPARENT IP_TTL IPV6_FREEBIND IPV6_MINHOPCOUNT IPV6_MTU_DISCOVER IPV6_MULTICAST_HOPS IPV6_MULTICAST_LOOP IPV6_TCLASS IPV6_TRANSPARENT IPV6_UNICAST_HOPS IPV6_V6ONLY TCP_CONGESTION TCP_CORK TCP_DEFER_ACCEPT TCP_FASTOPEN TCP_KEEPCNT TCP_KEEPIDLE TCP_KEEPINTVL TCP_LINGER2 TCP_MAXSEG TCP_NODELAY TCP_NOTSENT_LOWAT TCP_SYNCNT TCP_THIN_LINEAR_TIMEOUTS TCP_USER_TIMEOUT TCP_WINDOW_CLAMP DCCP_SOCKOPT_SERVICE' -- "$cur")
		    $(compgen -W help -- "$cur")) ;;
	topic)
		COMPREPLY=($(compgen -W 'all connect listen chat transfer exec proxy tls datagram scan timing service debug personality' -- "$cur")) ;;
	esac
}

# Hosts and ports, or a path, after the options and their values.
_sockcat_operand()	# TABLE
{
	local i n=0 word far=host near=port

	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		[[ $word == -[!-]* && $word == *l* || $word == --listen ]] &&
		    [[ $near == port ]] && far=port
		[[ $word == -[!-]* && $word == *U* ||
		    $word == --unixsock ]] && far=file near=file
		if [[ $word == '=' ]]; then
			((i++))
		elif [[ $word == -* ]]; then
			"_sockcat_value_of_$1" "$word"
			[[ -n $kind && $kind != topic &&
			    ${COMP_WORDS[i+1]} != '=' ]] && ((i++))
		else
			((n++))
		fi
	done
	((n > 0)) && far=$near
	_sockcat_value "$far"
}

_sockcat_complete()	# TABLE
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
	local IFS=$' \t\n' kind='' words='' not=' ' word equals=''

	COMPREPLY=()
	# Bash cuts --option=word in three.
	if [[ $cur == '=' ]]; then
		cur='' equals='='
	elif [[ $prev == '=' ]]; then
		prev=${COMP_WORDS[COMP_CWORD-2]} equals='='
	fi
	"_sockcat_value_of_$1" "$prev" "$equals"
	if [[ -n $kind && ($kind != topic || $cur != -*) ]]; then
		_sockcat_value "$kind"
	elif [[ $cur == -* ]]; then
		for word in "${COMP_WORDS[@]}"; do
			"_sockcat_excluded_of_$1" "$word"
		done
		for word in $(compgen -W "$("_sockcat_options_of_$1")" \
		    -- "$cur"); do
			[[ $not == *" $word "* ]] || COMPREPLY+=("$word")
		done
	else
		_sockcat_operand "$1"
	fi
}

# The kind of an option's value, and the words if they are few.
_sockcat_value_of_native()	# OPTION [=]
{
	kind='' words=''
	[[ $1 == -[!-]?* ]] && set -- "-${1: -1}"
	case $1${2:-} in
	-T)
		kind=words words='Minimize-Delay Maximize-Throughput Maximize-Reliability Minimize-Cost Normal-Service af11 af12 af13 af21 af22 af23 af31 af32 af33 af41 af42 af43 cs0 cs1 cs2 cs3 cs4 cs5 cs6 cs7 critical ef inetcontrol lowcost lowdelay netcontrol reliability throughput va' ;;
	--stdin|\
	--stdin=)
		kind=words words='first all last none' ;;
	--merge|\
	--merge=)
		kind=words words='line chunk' ;;
	--framing|\
	--framing=)
		kind=words words='none line len6 u16be u32be netstring' ;;
	--frame-input|\
	--frame-input=)
		kind=words words='line all' ;;
	--frame-output|\
	--frame-output=)
		kind=words words='line raw' ;;
	--progress=)
		kind=words words='force' ;;
	--sum=)
		kind=words words='sha256 sha1 md5 crc32c blake2b' ;;
	--dgram|\
	--dgram=)
		kind=words words='record line block' ;;
	-X)
		kind=words words='4 4a 5 connect' ;;
	--proxy-type|\
	--proxy-type=)
		kind=words words='http socks4 socks4a socks5' ;;
	--proxy-dns|\
	--proxy-dns=)
		kind=words words='remote local both none' ;;
	--send-proxy=)
		kind=words words='1 2' ;;
	--tls-min|\
	--tls-min=)
		kind=words words='1.2 1.3' ;;
	--listen-tls-min|\
	--listen-tls-min=)
		kind=words words='1.2 1.3' ;;
	--mcast-loop|\
	--mcast-loop=)
		kind=words words='off on' ;;
	--sandbox|\
	--sandbox=)
		kind=words words='off auto require' ;;
	--stats=)
		kind=words words='json' ;;
	--completion|\
	--completion=)
		kind=words words='bash zsh fish' ;;
	--nsock-engine|\
	--nsock-engine=)
		kind=words words='epoll poll select' ;;
	--compat|\
	--compat=)
		kind=words words='native openbsd traditional ncat' ;;
	-G|\
	--retry|\
	--retry=|\
	--retry-delay|\
	--retry-delay=|\
	--keepalive=|\
	-I|\
	-O|\
	-M|\
	-m|\
	-V|\
	--max-conns|\
	--max-conns=|\
	--max-conns-per-host|\
	--max-conns-per-host=|\
	--workers|\
	--workers=|\
	--backlog|\
	--backlog=|\
	--tag|\
	--tag=|\
	--name|\
	--name=|\
	--expect|\
	--expect=|\
	--max-frame|\
	--max-frame=|\
	--rate-limit|\
	--rate-limit=|\
	--size|\
	--size=|\
	--send-oob|\
	--send-oob=|\
	--max-amplification|\
	--max-amplification=|\
	-P|\
	--proxy-auth|\
	--proxy-auth=|\
	--serve-proxy=|\
	--tls-pin|\
	--tls-pin=|\
	--tls-alpn|\
	--tls-alpn=|\
	--tls-ciphers|\
	--tls-ciphers=|\
	--listen-tls-pin|\
	--listen-tls-pin=|\
	--listen-tls-alpn|\
	--listen-tls-alpn=|\
	--listen-tls-ciphers|\
	--listen-tls-ciphers=|\
	--ssl-ciphers|\
	--ssl-ciphers=|\
	--ssl-alpn|\
	--ssl-alpn=|\
	-W|\
	--join|\
	--join=|\
	--mcast-ttl|\
	--mcast-ttl=|\
	--max-inflight|\
	--max-inflight=|\
	-w|\
	--connect-timeout|\
	--connect-timeout=|\
	--wait|\
	--wait=|\
	--idle-timeout|\
	--idle-timeout=|\
	--session-timeout|\
	--session-timeout=|\
	--deadline|\
	--deadline=|\
	-q|\
	-i|\
	--peer-fd|\
	--peer-fd=|\
	--ready-fd|\
	--ready-fd=|\
	--user|\
	--user=|\
	--delay|\
	--delay=|\
	--drop|\
	--drop=|\
	--duplicate|\
	--duplicate=|\
	--reorder|\
	--reorder=|\
	--reset-after|\
	--reset-after=|\
	--stall-after|\
	--stall-after=|\
	--slow-close|\
	--slow-close=|\
	--fault-seed|\
	--fault-seed=)
		kind='any' ;;
	-f|\
	--allowfile|\
	--allowfile=|\
	--denyfile|\
	--denyfile=|\
	--log|\
	--log=|\
	--password-file|\
	--password-file=|\
	--input|\
	--input=|\
	-o|\
	--hex-dump|\
	--hex-dump=|\
	--output|\
	--output=|\
	--lua-exec|\
	--lua-exec=|\
	--proxy-auth-file|\
	--proxy-auth-file=|\
	--tls-cert|\
	--tls-cert=|\
	--tls-key|\
	--tls-key=|\
	--tls-ca|\
	--tls-ca=|\
	--tls-crl|\
	--tls-crl=|\
	--tls-client-ca|\
	--tls-client-ca=|\
	--tls-keylog|\
	--tls-keylog=|\
	--listen-tls-cert|\
	--listen-tls-cert=|\
	--listen-tls-key|\
	--listen-tls-key=|\
	--listen-tls-client-ca|\
	--listen-tls-client-ca=|\
	--listen-tls-crl|\
	--listen-tls-crl=|\
	--ssl-cert|\
	--ssl-cert=|\
	--ssl-key|\
	--ssl-key=|\
	--ssl-trustfile|\
	--ssl-trustfile=|\
	--port-file|\
	--port-file=|\
	--tcp-info|\
	--tcp-info=)
		kind='file' ;;
	-e|\
	--exec|\
	--exec=|\
	-c|\
	--sh-exec|\
	--sh-exec=)
		kind='program' ;;
	-s|\
	--source|\
	--source=|\
	-g|\
	--allow|\
	--allow=|\
	--deny|\
	--deny=|\
	--forward|\
	--forward=|\
	--forward-source|\
	--forward-source=|\
	-x|\
	--proxy|\
	--proxy=|\
	--allow-target|\
	--allow-target=|\
	--deny-target|\
	--deny-target=|\
	--tls-name|\
	--tls-name=|\
	--ssl-servername|\
	--ssl-servername=)
		kind='host' ;;
	-p|\
	--source-port|\
	--source-port=)
		kind='port' ;;
	--mcast-if|\
	--mcast-if=)
		kind='interface' ;;
	--raw|\
	--raw=)
		kind='protocol' ;;
	--sockopt|\
	--sockopt=)
		kind='sockopt' ;;
	-h|\
	--help)
		kind='topic' ;;
	esac
}

_sockcat_value_of_ncat()
{
	kind='' words=''
	[[ $1 == -[!-]?* ]] && set -- "-${1: -1}"
	case $1${2:-} in
	--proxy-type|\
	--proxy-type=)
		kind=words words='http socks4 socks5' ;;
	--proxy-dns|\
	--proxy-dns=)
		kind=words words='remote local both none' ;;
	--nsock-engine|\
	--nsock-engine=)
		kind=words words='epoll poll select' ;;
	--compat|\
	--compat=)
		kind=words words='native openbsd traditional ncat' ;;
	-G|\
	-m|\
	--max-conns|\
	--max-conns=|\
	-d|\
	--delay|\
	--delay=|\
	-i|\
	--idle-timeout|\
	--idle-timeout=|\
	-w|\
	--wait|\
	--wait=|\
	--proxy-auth|\
	--proxy-auth=|\
	--ssl-ciphers|\
	--ssl-ciphers=|\
	--ssl-alpn|\
	--ssl-alpn=)
		kind='any' ;;
	--lua-exec|\
	--lua-exec=|\
	-o|\
	--output|\
	--output=|\
	-x|\
	--hex-dump|\
	--hex-dump=|\
	--allowfile|\
	--allowfile=|\
	--denyfile|\
	--denyfile=|\
	--ssl-cert|\
	--ssl-cert=|\
	--ssl-key|\
	--ssl-key=|\
	--ssl-trustfile|\
	--ssl-trustfile=)
		kind='file' ;;
	-c|\
	--sh-exec|\
	--sh-exec=|\
	-e|\
	--exec|\
	--exec=)
		kind='program' ;;
	-g|\
	-s|\
	--source|\
	--source=|\
	--allow|\
	--allow=|\
	--deny|\
	--deny=|\
	--proxy|\
	--proxy=|\
	--ssl-servername|\
	--ssl-servername=)
		kind='host' ;;
	-p|\
	--source-port|\
	--source-port=)
		kind='port' ;;
	-h|\
	--help)
		kind='topic' ;;
	esac
}

# The options that an option excludes are not offered.
_sockcat_excluded_of_native()	# OPTION
{
	case $1 in
	-4)
		not+=' -6 --vsock --inetd --peer-fd ' ;;
	-6)
		not+=' -4 --vsock -g --inetd --peer-fd ' ;;
	-U|--unixsock)
		not+=' --vsock --mptcp --sctp -Z --raw -f -g -S --workers --oob --send-oob -x --proxy --join --mcast-if --mcast-ttl --mcast-loop --inetd --peer-fd --tcp-info ' ;;
	-u|--udp)
		not+=' --seqpacket --mptcp --sctp -Z --raw -f -S --max-conns-per-host --workers --backlog -t --telnet --oob --send-oob -x --proxy --accept-proxy --send-proxy --serve-proxy --inetd --peer-fd --tcp-info --reset-after ' ;;
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
	-s|--source)
		not+=' -f --inetd --peer-fd ' ;;
	-p|--source-port)
		not+=' -f --inetd --peer-fd ' ;;
	-g)
		not+=' -6 -U --unixsock --vsock -l --listen ' ;;
	--retry)
		not+=' -f --inetd --peer-fd ' ;;
	--reconnect)
		not+=' -f --wait-for -l --listen --chat -z -F --inetd --peer-fd ' ;;
	--wait-for)
		not+=' -f --reconnect -l --listen --echo --chat --input --edit --timestamps --rate-limit --progress --sum -e --exec -c --sh-exec --lua-exec -F --inetd --peer-fd --user --drop --duplicate --reorder --reset-after --stall-after --slow-close ' ;;
	-S)
		not+=' -U --unixsock -u --udp --vsock --mptcp --sctp -Z --raw ' ;;
	-l|--listen)
		not+=' -f -g --reconnect --wait-for -x --proxy --tls-name --tls-insecure --ssl-servername -z --connect-timeout --wait -F --inetd --peer-fd ' ;;
	-k|--keep-open)
		not+=' --chat --edit ' ;;
	--max-conns-per-host)
		not+=' -u --udp ' ;;
	--workers)
		not+=' -U --unixsock -u --udp --vsock -o --hex-dump --output ' ;;
	--backlog)
		not+=' -u --udp ' ;;
	--echo)
		not+=' --raw -f --wait-for --forward --chat --talk --broker --input --edit -t --telnet --timestamps --sum --oob --send-oob -e --exec -c --sh-exec --lua-exec --serve-proxy -z -F ' ;;
	--forward)
		not+=' --echo --stdin --merge --tag --chat --talk --broker -N --no-shutdown -d --recv-only --send-only --input --edit -t --telnet --frame-input --frame-output --timestamps --sum --oob --send-oob -e --exec -c --sh-exec --lua-exec --serve-proxy -F ' ;;
	--forward-all)
		not+=' -x --proxy ' ;;
	--stdin)
		not+=' --forward --talk --broker --serve-proxy --reset-after ' ;;
	--merge)
		not+=' --forward --talk --broker --serve-proxy --reset-after ' ;;
	--tag)
		not+=' --forward --talk --broker --serve-proxy --reset-after ' ;;
	--chat)
		not+=' --raw -f --reconnect --wait-for -k --keep-open --echo --forward --talk --broker --input --edit --progress --sum --oob --send-oob -e --exec -c --sh-exec --lua-exec --serve-proxy -z -F ' ;;
	--expect)
		not+=' --tls-pin --tls-insecure ' ;;
	--talk)
		not+=' --raw --echo --forward --stdin --merge --tag --chat --broker --input --edit -C --crlf --framing --frame-input --frame-output --rate-limit --progress --sum --oob --send-oob -e --exec -c --sh-exec --lua-exec --serve-proxy -i --delay --drop --duplicate --reorder --reset-after --stall-after --slow-close ' ;;
	--broker)
		not+=' --raw --echo --forward --stdin --merge --tag --chat --talk --input --edit --framing --timestamps --rate-limit --progress --sum --oob --send-oob -e --exec -c --sh-exec --lua-exec --serve-proxy -i --delay --drop --duplicate --reorder --reset-after --stall-after --slow-close ' ;;
	-N)
		not+=' --forward --no-shutdown --serve-proxy ' ;;
	--no-shutdown)
		not+=' --forward -N --serve-proxy ' ;;
	-d)
		not+=' --forward --edit --serve-proxy ' ;;
	--recv-only)
		not+=' --forward --edit --serve-proxy ' ;;
	--send-only)
		not+=' --forward --edit --timestamps --serve-proxy ' ;;
	--input)
		not+=' --wait-for --echo --forward --chat --talk --broker --edit -e --exec -c --sh-exec --lua-exec --serve-proxy -z -F ' ;;
	--edit)
		not+=' --wait-for -k --keep-open --echo --forward --chat --talk --broker -d --recv-only --send-only --input --progress -e --exec -c --sh-exec --lua-exec --serve-proxy -z -F ' ;;
	-C|--crlf)
		not+=' --talk --serve-proxy -F ' ;;
	-t|--telnet)
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
	--timestamps)
		not+=' --wait-for --echo --forward --broker --send-only -e --exec -c --sh-exec --lua-exec --serve-proxy -z -F ' ;;
	--rate-limit)
		not+=' --wait-for --talk --broker -z -F ' ;;
	--progress)
		not+=' --wait-for --chat --talk --broker --edit -z -F ' ;;
	--sum)
		not+=' --wait-for --echo --forward --chat --talk --broker -e --exec -c --sh-exec --lua-exec --serve-proxy -z -F ' ;;
	--oob)
		not+=' -U --unixsock -u --udp --vsock --mptcp --sctp -Z --raw --echo --forward --chat --talk --broker -e --exec -c --sh-exec --lua-exec --serve-proxy --tls --ssl -z ' ;;
	--send-oob)
		not+=' -U --unixsock -u --udp --vsock --mptcp --sctp -Z --raw --echo --forward --chat --talk --broker -e --exec -c --sh-exec --lua-exec --serve-proxy --tls --ssl -z ' ;;
	-e|--exec)
		not+=' --raw -f --wait-for --echo --forward --chat --talk --broker --input --edit --timestamps --sum --oob --send-oob -c --sh-exec --lua-exec --serve-proxy -z -F ' ;;
	-c|--sh-exec)
		not+=' --raw -f --wait-for --echo --forward --chat --talk --broker --input --edit --timestamps --sum --oob --send-oob -e --exec --lua-exec --serve-proxy -z -F ' ;;
	--dgram)
		not+=' --framing --drop --duplicate --reorder ' ;;
	--lua-exec)
		not+=' --raw -f --wait-for --echo --forward --chat --talk --broker --input --edit --timestamps --sum --oob --send-oob -e --exec -c --sh-exec --serve-proxy -z -F ' ;;
	-x)
		not+=' -U --unixsock -u --udp -Z -f -l --listen --forward-all --serve-proxy --inetd --peer-fd ' ;;
	--proxy)
		not+=' -U --unixsock -u --udp -Z -f -l --listen --forward-all --serve-proxy --inetd --peer-fd ' ;;
	--accept-proxy)
		not+=' -u --udp --seqpacket -Z --raw ' ;;
	--send-proxy)
		not+=' -u --udp --seqpacket -Z --raw -f -z --inetd --peer-fd ' ;;
	--serve-proxy)
		not+=' -u --udp --seqpacket --vsock --mptcp --sctp -Z --raw --echo --forward --stdin --merge --tag --chat --talk --broker -N --no-shutdown -d --recv-only --send-only --input --edit -C --crlf -t --telnet --framing --timestamps --sum --oob --send-oob -e --exec -c --sh-exec --lua-exec -x --proxy -F ' ;;
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
		not+=' --raw -f --reconnect -l --listen --echo --chat --input --edit -o --hex-dump --output --timestamps --rate-limit --progress --sum --oob --send-oob -e --exec -c --sh-exec --lua-exec --send-proxy --tls --ssl -F --inetd --peer-fd --user --stats --tcp-info --drop --duplicate --reorder --reset-after --stall-after --slow-close ' ;;
	--connect-timeout)
		not+=' -f -l --listen --inetd --peer-fd ' ;;
	--wait)
		not+=' -f -l --listen --inetd --peer-fd ' ;;
	--session-timeout)
		not+=' -F ' ;;
	-i)
		not+=' --talk --broker --delay --drop --duplicate --reorder ' ;;
	-F)
		not+=' -f --reconnect --wait-for -l --listen --echo --forward --chat --input --edit -C --crlf -t --telnet --framing -o --hex-dump --output --timestamps --rate-limit --progress --sum -e --exec -c --sh-exec --lua-exec --serve-proxy --tls --ssl -z --session-timeout --inetd --peer-fd --stats --tcp-info --drop --duplicate --reorder --reset-after --stall-after --slow-close ' ;;
	--inetd)
		not+=' -4 -6 -U --unixsock -u --udp --vsock --mptcp --sctp -Z --raw -f -s --source -p --source-port --retry --reconnect --wait-for -l --listen -x --proxy --send-proxy --tls-name --tls-insecure --ssl-servername --mcast-if --mcast-ttl --mcast-loop -z --connect-timeout --wait -F --peer-fd ' ;;
	--peer-fd)
		not+=' -4 -6 -U --unixsock -u --udp --vsock --mptcp --sctp -Z --raw -f -s --source -p --source-port --retry --reconnect --wait-for -l --listen -x --proxy --send-proxy --tls --ssl --mcast-if --mcast-ttl --mcast-loop -z --connect-timeout --wait -F --inetd ' ;;
	--user)
		not+=' --wait-for -z ' ;;
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
}

_sockcat_excluded_of_ncat()
{
	:
}

_sockcat_options_of_native()
{
	echo '
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
--max-conns-per-host
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
--edit
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
--timestamps
--rate-limit
--progress
--size
--sum
--oob
--send-oob
-e
--exec
-c
--sh-exec
-E
--dgram
--max-amplification
--lua-exec
-x
--proxy
-X
-P
--proxy-type
--proxy-auth
--proxy-auth-file
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
--sandbox
--user
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
--version
--man
--completion
-h
--help
--test
--nsock-engine
--compat'
}

_sockcat_options_of_ncat()
{
	echo '
-4
-6
-U
--unixsock
--vsock
-C
--crlf
-c
--sh-exec
-e
--exec
--lua-exec
-g
-G
-m
--max-conns
-h
--help
-d
--delay
-o
--output
-x
--hex-dump
-i
--idle-timeout
-p
--source-port
-s
--source
-l
--listen
-k
--keep-open
-n
--nodns
-t
--telnet
-u
--udp
--sctp
-v
--verbose
-w
--wait
-z
--append-output
--send-only
--recv-only
--no-shutdown
--allow
--allowfile
--deny
--denyfile
--broker
--chat
--talk
--proxy
--proxy-type
--proxy-auth
--proxy-dns
--nsock-engine
--test
--ssl
--ssl-cert
--ssl-key
--ssl-verify
--ssl-trustfile
--ssl-ciphers
--ssl-servername
--ssl-alpn
--version
--explain
--compat'
}

_sockcat()
{
	_sockcat_complete native
}

_sockcat_ncat()
{
	_sockcat_complete ncat
}

complete -F _sockcat sockcat
