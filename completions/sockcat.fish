# fish completion for sockcat, made by gen_completions.
complete -c sockcat -f -n 'not __fish_contains_opt -s U unixsock' -a '(__fish_print_hostnames)'
complete -c sockcat -F -n '__fish_contains_opt -s U unixsock'
complete -c sockcat -s 4 -d 'Use IPv4'
complete -c sockcat -s 6 -d 'Use IPv6'
complete -c sockcat -s U -l unixsock -d 'Use a UNIX domain socket (@name: an abstract one)'
complete -c sockcat -s u -l udp -d 'Use UDP, or Unix datagrams'
complete -c sockcat -l seqpacket -d 'Use sequenced packets'
complete -c sockcat -l vsock -d 'To virtual machines: CID and port'
complete -c sockcat -l mptcp -d 'Use multipath TCP'
complete -c sockcat -l sctp -d 'Use SCTP'
complete -c sockcat -s Z -d 'Use DCCP'
complete -c sockcat -l raw -d 'Use a raw socket of this protocol' -x
complete -c sockcat -s n -l nodns -d 'Numeric addresses only'
complete -c sockcat -s s -l source -d 'Local address, to send from or listen on' -x -a '(__fish_print_hostnames)'
complete -c sockcat -s p -l source-port -d 'Local port, to send from or listen on' -x
complete -c sockcat -s r -d 'Ports in random order'
complete -c sockcat -s x -d 'Connect through a proxy (SOCKS 5, or see -X)' -x
complete -c sockcat -s X -d 'What it speaks: 4, 4a, 5 or connect (HTTP)' -x -a '4 4a 5 connect'
complete -c sockcat -s P -d 'Who asks the proxy; its password is asked for' -x
complete -c sockcat -l proxy -d 'The same, by HTTP (or see --proxy-type)' -x
complete -c sockcat -l proxy-type -d 'What it speaks: http, socks4, socks5' -x -a 'http socks4 socks4a socks5'
complete -c sockcat -l proxy-auth -d 'Who asks the proxy, and the password' -x
complete -c sockcat -l proxy-dns -d 'Who looks up the host: local, remote, both, none' -x -a 'remote local both none'
complete -c sockcat -s l -l listen -d 'Listen for an inbound connection'
complete -c sockcat -s k -l keep-open -d 'Go on listening, for multiple connections'
complete -c sockcat -s z -d 'Only see whether ports are open (scanning)'
complete -c sockcat -s f -d 'Use a file or device in the place of the network' -r -F
complete -c sockcat -l max-inflight -d 'Most ports to ask at once' -x
complete -c sockcat -s N -d 'Tell the peer of EOF on stdin'
complete -c sockcat -l no-shutdown -d 'At the end of the input, do not tell the peer'
complete -c sockcat -s q -d 'Quit so long after EOF on stdin' -x
complete -c sockcat -s w -d 'Limit of connecting, and of silence' -x
complete -c sockcat -l connect-timeout -d 'Limit of connecting' -x
complete -c sockcat -l wait -d 'Limit of connecting' -x
complete -c sockcat -l idle-timeout -d 'Limit of silence' -x
complete -c sockcat -l deadline -d 'Limit of everything' -x
complete -c sockcat -s W -d 'Quit after so many packets have come' -x
complete -c sockcat -s d -d 'Do not read stdin'
complete -c sockcat -l recv-only -d 'Only receive, never send'
complete -c sockcat -l send-only -d 'Only send, and quit at the end of the input'
complete -c sockcat -l retry -d 'Try again so often (a number, or forever)' -x
complete -c sockcat -l retry-delay -d 'Pause before that (1s)' -x
complete -c sockcat -l reconnect -d 'Connect again when the connection has ended'
complete -c sockcat -l wait-for -d 'Wait until the ports are open'
complete -c sockcat -s C -l crlf -d 'Send CRLF for LF'
complete -c sockcat -s i -d 'Pause between lines sent' -x
complete -c sockcat -l delay -d 'Pause before all that is sent or received' -x
complete -c sockcat -s t -l telnet -d 'Answer telnet negotiation'
complete -c sockcat -s o -d 'Hex dump of the traffic, with directions' -r -F
complete -c sockcat -l hex-dump -d 'The same without, as ncat has it' -r -F
complete -c sockcat -l output -d 'Copy of the traffic, as it is' -r -F
complete -c sockcat -l append-output -d 'Append to these files'
complete -c sockcat -s e -l exec -d 'Run a program on the connection' -x
complete -c sockcat -s c -l sh-exec -d 'Run a shell command on the connection' -x
complete -c sockcat -s E -d 'Its standard error goes to the peer too'
complete -c sockcat -l echo -d 'Send back what comes'
complete -c sockcat -l max-conns -d 'Most connections at once' -x
complete -c sockcat -l backlog -d 'Most clients that wait to be accepted' -x
complete -c sockcat -l session-timeout -d 'Limit of one session' -x
complete -c sockcat -l allow -d 'Who may connect' -x
complete -c sockcat -l allowfile -d 'The same from a file' -r -F
complete -c sockcat -l deny -d 'Who may not connect' -x
complete -c sockcat -l denyfile -d 'The same from a file' -r -F
complete -c sockcat -l input -d 'A further input, beside standard input' -r -F
complete -c sockcat -l stdin -d 'Which peer gets it: first, all, last, none' -x -a 'first all last none'
complete -c sockcat -l merge -d 'How output is joined: line, chunk' -x -a 'line chunk'
complete -c sockcat -l tag -d 'Before lines: %a %p %n (peers), %n %f (inputs)' -x
complete -c sockcat -l dgram -d 'A command\'s datagrams: record, line or block' -x -a 'record line block'
complete -c sockcat -l chat -d 'Chat with exactly one peer'
complete -c sockcat -l talk -d 'A chat room for many'
complete -c sockcat -l broker -d 'Give what one peer sends to all others'
complete -c sockcat -l name -d 'One\'s name in a chat' -x
complete -c sockcat -l timestamps -d 'The time of each line of a chat'
complete -c sockcat -l bell -d 'Ring at each line of a chat'
complete -c sockcat -l raw-text -d 'Control characters of the peer go through'
complete -c sockcat -l log -d 'Transcript of a chat' -r -F
complete -c sockcat -l password-file -d 'Ask who comes into the room for this password' -r -F
complete -c sockcat -l framing -d 'Messages: line, len6, u16be, u32be, netstring' -x -a 'none line len6 u16be u32be netstring'
complete -c sockcat -l frame-input -d 'What of the input is one message: line, all' -x -a 'line all'
complete -c sockcat -l frame-output -d 'How a message comes out: line, raw' -x -a 'line raw'
complete -c sockcat -l max-frame -d 'Largest message' -x
complete -c sockcat -s b -d 'Allow broadcast'
complete -c sockcat -s D -d 'Set the socket\'s debug option'
complete -c sockcat -s I -d 'Size of the receive buffer' -x
complete -c sockcat -s O -d 'Size of the send buffer' -x
complete -c sockcat -s M -d 'Outgoing TTL or hop limit' -x
complete -c sockcat -s m -d 'Least incoming TTL or hop limit' -x
complete -c sockcat -s S -d 'TCP MD5 signatures; asks for the secret'
complete -c sockcat -s T -d 'Type of service: a word or a number' -x
complete -c sockcat -s V -d 'Routing table; this system has none' -x
complete -c sockcat -l keepalive -d 'Let the system probe an idle peer'
complete -c sockcat -l sockopt -d 'Set a socket option; "help" lists them' -x
complete -c sockcat -s g -d 'IPv4 hosts to go by: loose source routing' -x
complete -c sockcat -s G -d 'Pointer into them: 4, 8, 12, ...' -x
complete -c sockcat -l oob -d 'Tell of urgent (out-of-band) data'
complete -c sockcat -l send-oob -d 'Send this byte of the input as urgent data' -x
complete -c sockcat -s F -d 'Pass the connected socket to standard output'
complete -c sockcat -l inetd -d 'The peer is on descriptors 0 and 1'
complete -c sockcat -l peer-fd -d 'The peer is on these descriptors' -x
complete -c sockcat -l port-file -d 'Write the port that is listened on there' -r -F
complete -c sockcat -l ready-fd -d 'Write it to this descriptor' -x
complete -c sockcat -l stats -d 'Figures of each session, at its end'
complete -c sockcat -l tcp-info -d 'Write the system\'s TCP figures, so often' -x
complete -c sockcat -l nsock-engine -d 'How to wait: epoll, poll, select' -x -a 'epoll poll select'
complete -c sockcat -l lua-exec -d 'Run a Lua script by lua5.4, lua5.3 or lua' -r -F
complete -c sockcat -l test -d 'Tell when it listens: NCAT TEST: LISTEN'
complete -c sockcat -s v -l verbose -d 'Tell what happens; more with -vv'
complete -c sockcat -s h -l help -d 'This help'
complete -c sockcat -l version -d 'The version'
complete -c sockcat -l explain -d 'Tell how this command line is understood'
complete -c sockcat -l compat -d 'Behave as openbsd, traditional, ncat or native' -x -a 'native openbsd traditional ncat'
