# fish completion for sockcat: made by gen_completions from completions/fish.in.

function __sockcat_services
    getent services 2>/dev/null | string replace -r '\s.*' ''
end

function __sockcat_protocols
    getent protocols 2>/dev/null | string replace -r '\s.*' ''
end

function __sockcat_sockopts
    string join \n SO_BINDTODEVICE SO_BROADCAST SO_BUSY_POLL SO_DEBUG SO_DONTROUTE SO_KEEPALIVE SO_LINGER SO_MARK SO_MAX_PACING_RATE SO_OOBINLINE SO_PRIORITY SO_RCVBUF SO_RCVBUFFORCE SO_REUSEADDR SO_REUSEPORT SO_SNDBUF SO_SNDBUFFORCE IP_BIND_ADDRESS_NO_PORT IP_FREEBIND IP_MINTTL IP_MTU_DISCOVER IP_MULTICAST_LOOP IP_MULTICAST_TTL IP_TOS IP_TRANSPARENT IP_TTL IPV6_FREEBIND IPV6_MINHOPCOUNT IPV6_MTU_DISCOVER IPV6_MULTICAST_HOPS IPV6_MULTICAST_LOOP IPV6_TCLASS IPV6_TRANSPARENT IPV6_UNICAST_HOPS IPV6_V6ONLY TCP_CONGESTION TCP_CORK TCP_DEFER_ACCEPT TCP_FASTOPEN TCP_KEEPCNT TCP_KEEPIDLE TCP_KEEPINTVL TCP_LINGER2 TCP_MAXSEG TCP_NODELAY TCP_NOTSENT_LOWAT TCP_SYNCNT TCP_THIN_LINEAR_TIMEOUTS TCP_USER_TIMEOUT TCP_WINDOW_CLAMP DCCP_SOCKOPT_SERVICE | string replace -r '$' '='
    echo help
end

# A host first; a listener has a port alone.
function __sockcat_operands
    set -l words (commandline -opc)[2..-1]
    if string match -qr -- '^(-[^-]*l.*|--listen)$' $words
        __sockcat_services
        return
    end
    __fish_print_hostnames
    string match -qrv -- '^-' $words; and __sockcat_services
end

function __sockcat_takes_path
    string match -qr -- '^(-[^-]*U.*|--unixsock)$' (commandline -opc)
end

complete -c sockcat -f -n 'not __sockcat_takes_path; and not __fish_prev_arg_in -h --help' -a '(__sockcat_operands)'
complete -c sockcat -F -n __sockcat_takes_path
complete -c sockcat -f -n '__fish_prev_arg_in -h --help' -a 'all connect listen chat transfer exec proxy tls datagram scan timing service debug personality'
complete -c sockcat -s 4 -n 'not __fish_seen_argument -s 6 -l vsock -l inetd -l peer-fd' -d 'Use IPv4 only'
complete -c sockcat -s 6 -n 'not __fish_seen_argument -s 4 -l vsock -s g -l inetd -l peer-fd' -d 'Use IPv6 only'
complete -c sockcat -s U -l unixsock -n 'not __fish_seen_argument -l vsock -l mptcp -l sctp -s Z -l raw -s f -s g -s S -l workers -l oob -l send-oob -s x -l proxy -l join -l mcast-if -l mcast-ttl -l mcast-loop -l inetd -l peer-fd -l tcp-info' -d 'Use a UNIX domain socket (@name: abstract)'
complete -c sockcat -s u -l udp -n 'not __fish_seen_argument -l seqpacket -l mptcp -l sctp -s Z -l raw -s f -s S -l max-conns-per-host -l workers -l backlog -s t -l telnet -l oob -l send-oob -s x -l proxy -l accept-proxy -l send-proxy -l serve-proxy -l inetd -l peer-fd -l tcp-info -l reset-after' -d 'Use UDP; with -U, datagrams'
complete -c sockcat -l seqpacket -n 'not __fish_seen_argument -s u -l udp -l mptcp -l sctp -s Z -l raw -l accept-proxy -l send-proxy -l serve-proxy -l tls -l ssl' -d 'Use sequenced packets, with -U or --vsock'
complete -c sockcat -l vsock -n 'not __fish_seen_argument -s 4 -s 6 -s U -l unixsock -l mptcp -l sctp -s Z -l raw -s g -s S -l workers -l oob -l send-oob -l serve-proxy -l join -l mcast-if -l mcast-ttl -l mcast-loop -l inetd -l peer-fd' -d 'Use vsock; the operands are a CID and a port'
complete -c sockcat -l mptcp -n 'not __fish_seen_argument -s U -l unixsock -s u -l udp -l seqpacket -l vsock -l sctp -s Z -l raw -s S -l oob -l send-oob -l serve-proxy -l inetd -l peer-fd' -d 'Use multipath TCP'
complete -c sockcat -l sctp -n 'not __fish_seen_argument -s U -l unixsock -s u -l udp -l seqpacket -l vsock -l mptcp -s Z -l raw -s S -l oob -l send-oob -l serve-proxy -l inetd -l peer-fd' -d 'Use SCTP'
complete -c sockcat -s Z -n 'not __fish_seen_argument -s U -l unixsock -s u -l udp -l seqpacket -l vsock -l mptcp -l sctp -l raw -s S -l oob -l send-oob -s x -l proxy -l accept-proxy -l send-proxy -l serve-proxy -l tls -l ssl -l inetd -l peer-fd' -d 'Use DCCP'
complete -c sockcat -l raw -n 'not __fish_seen_argument -s U -l unixsock -s u -l udp -l seqpacket -l vsock -l mptcp -l sctp -s Z -s S -l echo -l chat -l talk -l broker -l oob -l send-oob -s e -l exec -s c -l sh-exec -l lua-exec -l accept-proxy -l send-proxy -l serve-proxy -l tls -l ssl -s z -l inetd -l peer-fd' -d 'Use a raw socket of this IP protocol' -x -a '(__sockcat_protocols)'
complete -c sockcat -s f -n 'not __fish_seen_argument -s U -l unixsock -s u -l udp -s s -l source -s p -l source-port -l retry -l reconnect -l wait-for -s l -l listen -l echo -l chat -s e -l exec -s c -l sh-exec -l lua-exec -s x -l proxy -l send-proxy -l tls -l ssl -s z -l connect-timeout -l wait -s F -l inetd -l peer-fd -l reset-after' -d 'Use a file or device instead of the network' -r -F
complete -c sockcat -s n -l nodns -d 'Do not look up names; use numeric addresses'
complete -c sockcat -s s -l source -n 'not __fish_seen_argument -s f -l inetd -l peer-fd' -d 'Connect from or listen on this local address' -x -a '(__fish_print_hostnames)'
complete -c sockcat -s p -l source-port -n 'not __fish_seen_argument -s f -l inetd -l peer-fd' -d 'Connect from or listen on this local port' -x -a '(__sockcat_services)'
complete -c sockcat -s g -n 'not __fish_seen_argument -s 6 -s U -l unixsock -l vsock -s l -l listen' -d 'Route through these hosts (IPv4 source route)' -x -a '(__fish_print_hostnames)'
complete -c sockcat -s G -d 'Set the pointer into the route: 4, 8, 12, ...' -x
complete -c sockcat -l retry -n 'not __fish_seen_argument -s f -l inetd -l peer-fd' -d 'Retry this many times, or "forever"' -x
complete -c sockcat -l retry-delay -d 'Pause this long before each retry (default: 1s)' -x
complete -c sockcat -l reconnect -n 'not __fish_seen_argument -s f -l wait-for -s l -l listen -l chat -s z -s F -l inetd -l peer-fd' -d 'Connect again when a connection ends'
complete -c sockcat -l wait-for -n 'not __fish_seen_argument -s f -l reconnect -s l -l listen -l echo -l chat -l input -l edit -l timestamps -l rate-limit -l progress -l sum -s e -l exec -s c -l sh-exec -l lua-exec -s F -l inetd -l peer-fd -l user -l drop -l duplicate -l reorder -l reset-after -l stall-after -l slow-close' -d 'Wait until the ports accept connections'
complete -c sockcat -l keepalive -d 'Probe a silent peer of TCP after this time (60s)'
complete -c sockcat -s I -d 'Set the size of the receive buffer, in bytes' -x
complete -c sockcat -s O -d 'Set the size of the send buffer, in bytes' -x
complete -c sockcat -s M -d 'Set the TTL or hop limit of sent packets' -x
complete -c sockcat -s m -d 'Drop received packets with a lower TTL' -x
complete -c sockcat -s T -d 'Set the type of service: a keyword or a number' -x -a 'Minimize-Delay Maximize-Throughput Maximize-Reliability Minimize-Cost Normal-Service af11 af12 af13 af21 af22 af23 af31 af32 af33 af41 af42 af43 cs0 cs1 cs2 cs3 cs4 cs5 cs6 cs7 critical ef inetcontrol lowcost lowdelay netcontrol reliability throughput va'
complete -c sockcat -s S -n 'not __fish_seen_argument -s U -l unixsock -s u -l udp -l vsock -l mptcp -l sctp -s Z -l raw' -d 'Sign TCP segments with MD5 (asks for the secret)'
complete -c sockcat -s V -d 'Use a routing table (not on this system)' -x
complete -c sockcat -l sockopt -d 'Set a socket option; --sockopt=help lists them' -x -a '(__sockcat_sockopts)'
complete -c sockcat -s l -l listen -n 'not __fish_seen_argument -s f -s g -l reconnect -l wait-for -s x -l proxy -l tls-name -l tls-insecure -l ssl-servername -s z -l connect-timeout -l wait -s F -l inetd -l peer-fd' -d 'Listen for an inbound connection'
complete -c sockcat -s k -l keep-open -n 'not __fish_seen_argument -l chat -l edit' -d 'Accept multiple connections'
complete -c sockcat -l max-conns -d 'Serve at most this many clients at once' -x
complete -c sockcat -l max-conns-per-host -n 'not __fish_seen_argument -s u -l udp' -d 'Serve at most this many clients of one host at once' -x
complete -c sockcat -l workers -n 'not __fish_seen_argument -s U -l unixsock -s u -l udp -l vsock -s o -l hex-dump -l output' -d 'Use this many processes to serve clients' -x
complete -c sockcat -l backlog -n 'not __fish_seen_argument -s u -l udp' -d 'Let this many clients wait to be accepted' -x
complete -c sockcat -l allow -d 'Accept only these hosts' -x -a '(__fish_print_hostnames)'
complete -c sockcat -l deny -d 'Refuse these hosts' -x -a '(__fish_print_hostnames)'
complete -c sockcat -l allowfile -d 'Accept only the hosts listed in this file' -r -F
complete -c sockcat -l denyfile -d 'Refuse the hosts listed in this file' -r -F
complete -c sockcat -l echo -n 'not __fish_seen_argument -l raw -s f -l wait-for -l forward -l chat -l talk -l broker -l input -l edit -s t -l telnet -l timestamps -l sum -l oob -l send-oob -s e -l exec -s c -l sh-exec -l lua-exec -l serve-proxy -s z -s F' -d 'Send received data back'
complete -c sockcat -l forward -n 'not __fish_seen_argument -l echo -l stdin -l merge -l tag -l chat -l talk -l broker -s N -l no-shutdown -s d -l recv-only -l send-only -l input -l edit -s t -l telnet -l frame-input -l frame-output -l timestamps -l sum -l oob -l send-oob -s e -l exec -s c -l sh-exec -l lua-exec -l serve-proxy -s F' -d 'Connect each client to host:port, unix:path, ...' -x -a '(__fish_print_hostnames)'
complete -c sockcat -l forward-all -n 'not __fish_seen_argument -s x -l proxy' -d 'Send to all targets; the first one answers'
complete -c sockcat -l forward-source -d 'Connect to targets from this local address' -x -a '(__fish_print_hostnames)'
complete -c sockcat -l stdin -n 'not __fish_seen_argument -l forward -l talk -l broker -l serve-proxy -l reset-after' -d 'Send stdin to peers: first, all, last, none' -x -a 'first all last none'
complete -c sockcat -l merge -n 'not __fish_seen_argument -l forward -l talk -l broker -l serve-proxy -l reset-after' -d 'Merge the peers\' data by: line, chunk' -x -a 'line chunk'
complete -c sockcat -l tag -n 'not __fish_seen_argument -l forward -l talk -l broker -l serve-proxy -l reset-after' -d 'Mark each line: %a %p %n (peer), %n %f (input)' -x
complete -c sockcat -l chat -n 'not __fish_seen_argument -l raw -s f -l reconnect -l wait-for -s k -l keep-open -l echo -l forward -l talk -l broker -l input -l edit -l progress -l sum -l oob -l send-oob -s e -l exec -s c -l sh-exec -l lua-exec -l serve-proxy -s z -s F' -d 'Chat with exactly one peer'
complete -c sockcat -l name -d 'Use this name in the chat' -x
complete -c sockcat -l bell -d 'Ring the bell at each line from the peer'
complete -c sockcat -l raw-text -d 'Do not filter the peer\'s control characters'
complete -c sockcat -l log -d 'Append a transcript of the chat to this file' -r -F
complete -c sockcat -l expect -n 'not __fish_seen_argument -l tls-pin -l tls-insecure' -d 'Chat only with this known peer' -x
complete -c sockcat -l talk -n 'not __fish_seen_argument -l raw -l echo -l forward -l stdin -l merge -l tag -l chat -l broker -l input -l edit -s C -l crlf -l framing -l frame-input -l frame-output -l rate-limit -l progress -l sum -l oob -l send-oob -s e -l exec -s c -l sh-exec -l lua-exec -l serve-proxy -s i -l delay -l drop -l duplicate -l reorder -l reset-after -l stall-after -l slow-close' -d 'Run a chat room for many clients'
complete -c sockcat -l password-file -d 'Ask clients for the password in this file' -r -F
complete -c sockcat -l broker -n 'not __fish_seen_argument -l raw -l echo -l forward -l stdin -l merge -l tag -l chat -l talk -l input -l edit -l framing -l timestamps -l rate-limit -l progress -l sum -l oob -l send-oob -s e -l exec -s c -l sh-exec -l lua-exec -l serve-proxy -s i -l delay -l drop -l duplicate -l reorder -l reset-after -l stall-after -l slow-close' -d 'Send the data of each client to all others'
complete -c sockcat -s N -n 'not __fish_seen_argument -l forward -l no-shutdown -l serve-proxy' -d 'Shut down the sending side after EOF on stdin'
complete -c sockcat -l no-shutdown -n 'not __fish_seen_argument -l forward -s N -l serve-proxy' -d 'Do not shut down the sending side after EOF'
complete -c sockcat -s d -n 'not __fish_seen_argument -l forward -l edit -l serve-proxy' -d 'Do not read stdin'
complete -c sockcat -l recv-only -n 'not __fish_seen_argument -l forward -l edit -l serve-proxy' -d 'Only receive data'
complete -c sockcat -l send-only -n 'not __fish_seen_argument -l forward -l edit -l timestamps -l serve-proxy' -d 'Only send data, and quit at the end of the input'
complete -c sockcat -l input -n 'not __fish_seen_argument -l wait-for -l echo -l forward -l chat -l talk -l broker -l edit -s e -l exec -s c -l sh-exec -l lua-exec -l serve-proxy -s z -s F' -d 'Read this file or FIFO in addition to stdin' -r -F
complete -c sockcat -l edit -n 'not __fish_seen_argument -l wait-for -s k -l keep-open -l echo -l forward -l chat -l talk -l broker -s d -l recv-only -l send-only -l input -l progress -s e -l exec -s c -l sh-exec -l lua-exec -l serve-proxy -s z -s F' -d 'Edit typed lines; escape received control codes'
complete -c sockcat -s C -l crlf -n 'not __fish_seen_argument -l talk -l serve-proxy -s F' -d 'Send CRLF line endings'
complete -c sockcat -s t -l telnet -n 'not __fish_seen_argument -s u -l udp -l echo -l forward -l serve-proxy -s F' -d 'Answer telnet negotiation'
complete -c sockcat -l framing -n 'not __fish_seen_argument -l talk -l broker -l dgram -l serve-proxy -s F' -d 'Frame messages: line len6 u16be u32be netstring' -x -a 'none line len6 u16be u32be netstring'
complete -c sockcat -l frame-input -n 'not __fish_seen_argument -l forward -l talk' -d 'Make a message of each line, or of all input' -x -a 'line all'
complete -c sockcat -l frame-output -n 'not __fish_seen_argument -l forward -l talk' -d 'Write each message as a line, or raw' -x -a 'line raw'
complete -c sockcat -l max-frame -d 'Limit the size of a message (default: 16M)' -x
complete -c sockcat -s o -n 'not __fish_seen_argument -l workers -s z -s F' -d 'Write a hex dump of the traffic to a file' -r -F
complete -c sockcat -l hex-dump -n 'not __fish_seen_argument -l workers -s z -s F' -d 'Write a hex dump in Ncat\'s format' -r -F
complete -c sockcat -l output -n 'not __fish_seen_argument -l workers -s z -s F' -d 'Write the traffic itself to a file' -r -F
complete -c sockcat -l append-output -d 'Append to dump and output files'
complete -c sockcat -l timestamps -n 'not __fish_seen_argument -l wait-for -l echo -l forward -l broker -l send-only -s e -l exec -s c -l sh-exec -l lua-exec -l serve-proxy -s z -s F' -d 'Write the time before each received line'
complete -c sockcat -l rate-limit -n 'not __fish_seen_argument -l wait-for -l talk -l broker -s z -s F' -d 'Limit the bytes per second in each direction' -x
complete -c sockcat -l progress -n 'not __fish_seen_argument -l wait-for -l chat -l talk -l broker -l edit -s z -s F' -d 'Show progress (force: even without a terminal)' -f -a 'force'
complete -c sockcat -l size -d 'Expect this many bytes' -x
complete -c sockcat -l sum -n 'not __fish_seen_argument -l wait-for -l echo -l forward -l chat -l talk -l broker -s e -l exec -s c -l sh-exec -l lua-exec -l serve-proxy -s z -s F' -d 'Print digests of the data (default: sha256)' -f -a 'sha256 sha1 md5 crc32c blake2b'
complete -c sockcat -l oob -n 'not __fish_seen_argument -s U -l unixsock -s u -l udp -l vsock -l mptcp -l sctp -s Z -l raw -l echo -l forward -l chat -l talk -l broker -s e -l exec -s c -l sh-exec -l lua-exec -l serve-proxy -l tls -l ssl -s z' -d 'Report urgent (out-of-band) data'
complete -c sockcat -l send-oob -n 'not __fish_seen_argument -s U -l unixsock -s u -l udp -l vsock -l mptcp -l sctp -s Z -l raw -l echo -l forward -l chat -l talk -l broker -s e -l exec -s c -l sh-exec -l lua-exec -l serve-proxy -l tls -l ssl -s z' -d 'Send this character of the input as urgent data' -x
complete -c sockcat -s e -l exec -n 'not __fish_seen_argument -l raw -s f -l wait-for -l echo -l forward -l chat -l talk -l broker -l input -l edit -l timestamps -l sum -l oob -l send-oob -s c -l sh-exec -l lua-exec -l serve-proxy -s z -s F' -d 'Run a program on the connection' -x -a '(__fish_complete_subcommand)'
complete -c sockcat -s c -l sh-exec -n 'not __fish_seen_argument -l raw -s f -l wait-for -l echo -l forward -l chat -l talk -l broker -l input -l edit -l timestamps -l sum -l oob -l send-oob -s e -l exec -l lua-exec -l serve-proxy -s z -s F' -d 'Run a shell command on the connection' -x -a '(__fish_complete_subcommand)'
complete -c sockcat -s E -d 'Send the command\'s standard error as well'
complete -c sockcat -l dgram -n 'not __fish_seen_argument -l framing -l drop -l duplicate -l reorder' -d 'Pass datagrams as: record, line, block' -x -a 'record line block'
complete -c sockcat -l max-amplification -d 'Answer UDP peers at most so many times their bytes at first' -x
complete -c sockcat -l lua-exec -n 'not __fish_seen_argument -l raw -s f -l wait-for -l echo -l forward -l chat -l talk -l broker -l input -l edit -l timestamps -l sum -l oob -l send-oob -s e -l exec -s c -l sh-exec -l serve-proxy -s z -s F' -d 'Run a Lua script (with lua5.4, lua5.3 or lua)' -r -F
complete -c sockcat -s x -n 'not __fish_seen_argument -s U -l unixsock -s u -l udp -s Z -s f -s l -l listen -l forward-all -l serve-proxy -l inetd -l peer-fd' -d 'Connect through a proxy (default: SOCKS 5)' -x -a '(__fish_print_hostnames)'
complete -c sockcat -l proxy -n 'not __fish_seen_argument -s U -l unixsock -s u -l udp -s Z -s f -s l -l listen -l forward-all -l serve-proxy -l inetd -l peer-fd' -d 'Connect through a proxy (default: HTTP)' -x -a '(__fish_print_hostnames)'
complete -c sockcat -s X -d 'Use this proxy protocol: 4, 4a, 5, connect' -x -a '4 4a 5 connect'
complete -c sockcat -s P -d 'Set the proxy user (asks for the password)' -x
complete -c sockcat -l proxy-type -d 'Use this proxy protocol: http, socks4, socks5' -x -a 'http socks4 socks4a socks5'
complete -c sockcat -l proxy-auth -d 'Set the user name and password of the proxy' -x
complete -c sockcat -l proxy-auth-file -d 'Read the user name and password from this file' -r -F
complete -c sockcat -l proxy-dns -d 'Look up the host: local, remote, both, none' -x -a 'remote local both none'
complete -c sockcat -l accept-proxy -n 'not __fish_seen_argument -s u -l udp -l seqpacket -s Z -l raw' -d 'Expect a PROXY protocol header from clients'
complete -c sockcat -l send-proxy -n 'not __fish_seen_argument -s u -l udp -l seqpacket -s Z -l raw -s f -s z -l inetd -l peer-fd' -d 'Send a PROXY protocol header (version 1 or 2)' -f -a '1 2'
complete -c sockcat -l serve-proxy -n 'not __fish_seen_argument -s u -l udp -l seqpacket -l vsock -l mptcp -l sctp -s Z -l raw -l echo -l forward -l stdin -l merge -l tag -l chat -l talk -l broker -s N -l no-shutdown -s d -l recv-only -l send-only -l input -l edit -s C -l crlf -s t -l telnet -l framing -l timestamps -l sum -l oob -l send-oob -s e -l exec -s c -l sh-exec -l lua-exec -s x -l proxy -s F' -d 'Run a proxy server: http, socks4, socks5'
complete -c sockcat -l allow-target -d 'Allow only these targets: host[:port],...' -x -a '(__fish_print_hostnames)'
complete -c sockcat -l deny-target -d 'Deny these targets' -x -a '(__fish_print_hostnames)'
complete -c sockcat -l tls -n 'not __fish_seen_argument -l seqpacket -s Z -l raw -s f -l oob -l send-oob -s b -l join -s z -s F -l peer-fd' -d 'Use TLS; with -u, DTLS'
complete -c sockcat -l tls-cert -d 'Use this certificate chain and key (PEM)' -r -F
complete -c sockcat -l tls-key -d 'Use this private key (PEM)' -r -F
complete -c sockcat -l tls-ca -n 'not __fish_seen_argument -l tls-insecure' -d 'Trust these authorities, not the system\'s' -r -F
complete -c sockcat -l tls-crl -n 'not __fish_seen_argument -l tls-insecure' -d 'Refuse the certificates revoked by this list' -r -F
complete -c sockcat -l tls-client-ca -d 'Require client certificates of these authorities' -r -F
complete -c sockcat -l tls-name -n 'not __fish_seen_argument -s l -l listen -l inetd' -d 'Verify and send this name (default: the host)' -x -a '(__fish_print_hostnames)'
complete -c sockcat -l tls-pin -n 'not __fish_seen_argument -l expect -l tls-insecure' -d 'Require a peer certificate with this fingerprint' -x
complete -c sockcat -l tls-insecure -n 'not __fish_seen_argument -s l -l listen -l expect -l tls-ca -l tls-crl -l tls-pin -l ssl-trustfile -l ssl-verify -l inetd' -d 'Do not verify the server'
complete -c sockcat -l tls-alpn -d 'Offer application protocols: h2,http/1.1' -x
complete -c sockcat -l tls-ciphers -d 'Use these ciphers (TLS 1.2) and suites (TLS 1.3)' -x
complete -c sockcat -l tls-min -d 'Set the lowest version: 1.2 (default) or 1.3' -x -a '1.2 1.3'
complete -c sockcat -l tls-keylog -d 'Append session keys to this file (SSLKEYLOGFILE)' -r -F
complete -c sockcat -l listen-tls-cert -d 'As --tls-cert, for the listener' -r -F
complete -c sockcat -l listen-tls-key -d 'As --tls-key, for the listener' -r -F
complete -c sockcat -l listen-tls-client-ca -d 'As --tls-client-ca, for the listener' -r -F
complete -c sockcat -l listen-tls-crl -d 'As --tls-crl, for the listener' -r -F
complete -c sockcat -l listen-tls-pin -d 'As --tls-pin, for the listener' -x
complete -c sockcat -l listen-tls-alpn -d 'As --tls-alpn, for the listener' -x
complete -c sockcat -l listen-tls-ciphers -d 'As --tls-ciphers, for the listener' -x
complete -c sockcat -l listen-tls-min -d 'As --tls-min, for the listener' -x -a '1.2 1.3'
complete -c sockcat -l ssl -n 'not __fish_seen_argument -l seqpacket -s Z -l raw -s f -l oob -l send-oob -s b -l join -s z -s F -l peer-fd' -d 'Same as --tls'
complete -c sockcat -l ssl-cert -d 'Same as --tls-cert' -r -F
complete -c sockcat -l ssl-key -d 'Same as --tls-key' -r -F
complete -c sockcat -l ssl-trustfile -n 'not __fish_seen_argument -l tls-insecure' -d 'Same as --tls-ca' -r -F
complete -c sockcat -l ssl-ciphers -d 'Same as --tls-ciphers' -x
complete -c sockcat -l ssl-servername -n 'not __fish_seen_argument -s l -l listen -l inetd' -d 'Same as --tls-name' -x -a '(__fish_print_hostnames)'
complete -c sockcat -l ssl-alpn -d 'Same as --tls-alpn' -x
complete -c sockcat -l ssl-verify -n 'not __fish_seen_argument -l tls-insecure' -d 'Verify the server (the default)'
complete -c sockcat -s b -n 'not __fish_seen_argument -l tls -l ssl' -d 'Allow broadcast'
complete -c sockcat -s W -d 'Quit after receiving this many packets' -x
complete -c sockcat -l join -n 'not __fish_seen_argument -s U -l unixsock -l vsock -l tls -l ssl' -d 'Join a multicast group, from any or one source' -x
complete -c sockcat -l mcast-if -n 'not __fish_seen_argument -s U -l unixsock -l vsock -l inetd -l peer-fd' -d 'Send multicast and join groups on this interface' -x -a '(__fish_print_interfaces)'
complete -c sockcat -l mcast-ttl -n 'not __fish_seen_argument -s U -l unixsock -l vsock -l inetd -l peer-fd' -d 'Set the multicast TTL or hop limit (default: 1)' -x
complete -c sockcat -l mcast-loop -n 'not __fish_seen_argument -s U -l unixsock -l vsock -l inetd -l peer-fd' -d 'Deliver own multicast to this host (default: on)' -x -a 'off on'
complete -c sockcat -s z -n 'not __fish_seen_argument -l raw -s f -l reconnect -s l -l listen -l echo -l chat -l input -l edit -s o -l hex-dump -l output -l timestamps -l rate-limit -l progress -l sum -l oob -l send-oob -s e -l exec -s c -l sh-exec -l lua-exec -l send-proxy -l tls -l ssl -s F -l inetd -l peer-fd -l user -l stats -l tcp-info -l drop -l duplicate -l reorder -l reset-after -l stall-after -l slow-close' -d 'Only check whether ports are open (scanning)'
complete -c sockcat -l max-inflight -d 'Probe at most this many ports at once' -x
complete -c sockcat -s r -d 'Try the ports in random order'
complete -c sockcat -s w -d 'Limit the time for connecting and for silence' -x
complete -c sockcat -l connect-timeout -n 'not __fish_seen_argument -s f -s l -l listen -l inetd -l peer-fd' -d 'Limit the time for connecting' -x
complete -c sockcat -l wait -n 'not __fish_seen_argument -s f -s l -l listen -l inetd -l peer-fd' -d 'Same as --connect-timeout' -x
complete -c sockcat -l idle-timeout -d 'Quit after this time without data' -x
complete -c sockcat -l session-timeout -n 'not __fish_seen_argument -s F' -d 'End each session after this time' -x
complete -c sockcat -l deadline -d 'Quit this long after the start, whatever happens' -x
complete -c sockcat -s q -d 'Quit at most this long after EOF on stdin' -x
complete -c sockcat -s i -n 'not __fish_seen_argument -l talk -l broker -l delay -l drop -l duplicate -l reorder' -d 'Pause this long after each line sent' -x
complete -c sockcat -s F -n 'not __fish_seen_argument -s f -l reconnect -l wait-for -s l -l listen -l echo -l forward -l chat -l input -l edit -s C -l crlf -s t -l telnet -l framing -s o -l hex-dump -l output -l timestamps -l rate-limit -l progress -l sum -s e -l exec -s c -l sh-exec -l lua-exec -l serve-proxy -l tls -l ssl -s z -l session-timeout -l inetd -l peer-fd -l stats -l tcp-info -l drop -l duplicate -l reorder -l reset-after -l stall-after -l slow-close' -d 'Pass the connected socket to standard output'
complete -c sockcat -l inetd -n 'not __fish_seen_argument -s 4 -s 6 -s U -l unixsock -s u -l udp -l vsock -l mptcp -l sctp -s Z -l raw -s f -s s -l source -s p -l source-port -l retry -l reconnect -l wait-for -s l -l listen -s x -l proxy -l send-proxy -l tls-name -l tls-insecure -l ssl-servername -l mcast-if -l mcast-ttl -l mcast-loop -s z -l connect-timeout -l wait -s F -l peer-fd' -d 'Serve the peer on descriptors 0 and 1'
complete -c sockcat -l peer-fd -n 'not __fish_seen_argument -s 4 -s 6 -s U -l unixsock -s u -l udp -l vsock -l mptcp -l sctp -s Z -l raw -s f -s s -l source -s p -l source-port -l retry -l reconnect -l wait-for -s l -l listen -s x -l proxy -l send-proxy -l tls -l ssl -l mcast-if -l mcast-ttl -l mcast-loop -s z -l connect-timeout -l wait -s F -l inetd' -d 'Use these descriptors as the connection' -x
complete -c sockcat -l port-file -d 'Write the listening port to this file' -r -F
complete -c sockcat -l ready-fd -d 'Write the listening port to this descriptor' -x
complete -c sockcat -l sandbox -d 'Confine this process: auto (default), off, require' -x -a 'off auto require'
complete -c sockcat -l user -n 'not __fish_seen_argument -l wait-for -s z' -d 'Run as this user once the sockets are open' -x
complete -c sockcat -s v -l verbose -d 'Report events; -vv reports more'
complete -c sockcat -l explain -d 'Explain this command line, and do nothing else'
complete -c sockcat -l stats -n 'not __fish_seen_argument -s z -s F' -d 'Print metrics at the end of each session' -f -a 'json'
complete -c sockcat -l tcp-info -n 'not __fish_seen_argument -s U -l unixsock -s u -l udp -s z -s F' -d 'Record TCP metrics (default: every 100ms)' -r -F
complete -c sockcat -l delay -n 'not __fish_seen_argument -l talk -l broker -s i' -d 'Simulate latency: delay all data' -x
complete -c sockcat -l drop -n 'not __fish_seen_argument -l wait-for -l talk -l broker -l dgram -s z -s i -s F' -d 'Drop this percentage of datagrams' -x
complete -c sockcat -l duplicate -n 'not __fish_seen_argument -l wait-for -l talk -l broker -l dgram -s z -s i -s F' -d 'Send this percentage of datagrams twice' -x
complete -c sockcat -l reorder -n 'not __fish_seen_argument -l wait-for -l talk -l broker -l dgram -s z -s i -s F' -d 'Reorder this percentage of datagrams' -x
complete -c sockcat -l reset-after -n 'not __fish_seen_argument -s u -l udp -s f -l wait-for -l stdin -l merge -l tag -l talk -l broker -s z -s F' -d 'Reset the connection after this amount or time' -x
complete -c sockcat -l stall-after -n 'not __fish_seen_argument -l wait-for -l talk -l broker -s z -s F' -d 'Stop transferring after this amount or time' -x
complete -c sockcat -l slow-close -n 'not __fish_seen_argument -l wait-for -l talk -l broker -s z -s F' -d 'Delay the end of the data' -x
complete -c sockcat -l fault-seed -d 'Repeat the random faults of this seed' -x
complete -c sockcat -s D -d 'Set the socket\'s debug option'
complete -c sockcat -l version -d 'Show the version and the features built in'
complete -c sockcat -l man -d 'Show the manual'
complete -c sockcat -l completion -d 'Print the completions for bash, zsh or fish' -x -a 'bash zsh fish'
complete -c sockcat -s h -l help -d 'Show this help'
complete -c sockcat -l test -d 'Report listening as "NCAT TEST: LISTEN"'
complete -c sockcat -l nsock-engine -d 'Wait for events with: epoll, poll, select' -x -a 'epoll poll select'
complete -c sockcat -l compat -d 'Behave as openbsd, traditional, ncat or native' -x -a 'native openbsd traditional ncat'
