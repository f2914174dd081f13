# fish completion for ncat if it is sockcat: made by gen_completions from
# completions/fish-ncat.in.

if not string match -q 'sockcat*' (basename (realpath (command -s ncat)))
    for file in $__fish_data_dir/completions/ncat.fish
        test -r $file; and source $file
    end
    return
end
source (status dirname)/sockcat.fish
complete -c ncat -f -n 'not __sockcat_takes_path' -a '(__sockcat_operands)'
complete -c ncat -F -n __sockcat_takes_path
complete -c ncat -s 4 -d 'Use IPv4 only'
complete -c ncat -s 6 -d 'Use IPv6 only'
complete -c ncat -s U -l unixsock -d 'Use Unix sockets only'
complete -c ncat -l vsock -d 'Use vsock sockets only'
complete -c ncat -s C -l crlf -d 'Send CR LF for LF'
complete -c ncat -s c -l sh-exec -d 'Run a command by /bin/sh' -x -a '(__fish_complete_subcommand)'
complete -c ncat -s e -l exec -d 'Run a command' -x -a '(__fish_complete_subcommand)'
complete -c ncat -l lua-exec -d 'Run a Lua script' -r -F
complete -c ncat -s g -d 'Loose source routing hops' -x -a '(__fish_print_hostnames)'
complete -c ncat -s G -d 'Loose source routing pointer (4, 8, 12, ...)' -x
complete -c ncat -s m -l max-conns -d 'Most connections at once' -x
complete -c ncat -s h -l help -d 'Print this help'
complete -c ncat -s d -l delay -d 'Pause before all that is sent or received' -x
complete -c ncat -s o -l output -d 'Copy the traffic to a file' -r -F
complete -c ncat -s x -l hex-dump -d 'Dump the traffic as hex to a file' -r -F
complete -c ncat -s i -l idle-timeout -d 'Limit of silence' -x
complete -c ncat -s p -l source-port -d 'Local port to use' -x -a '(__sockcat_services)'
complete -c ncat -s s -l source -d 'Local address to use (not with -l)' -x -a '(__fish_print_hostnames)'
complete -c ncat -s l -l listen -d 'Listen for connections'
complete -c ncat -s k -l keep-open -d 'Accept many connections when listening'
complete -c ncat -s n -l nodns -d 'Resolve no host names'
complete -c ncat -s t -l telnet -d 'Answer Telnet negotiation'
complete -c ncat -s u -l udp -d 'Use UDP'
complete -c ncat -l sctp -d 'Use SCTP'
complete -c ncat -s v -l verbose -d 'Tell more (can be used several times)'
complete -c ncat -s w -l wait -d 'Limit of connecting' -x
complete -c ncat -s z -d 'Only see whether the port is open'
complete -c ncat -l append-output -d 'Append to output files'
complete -c ncat -l send-only -d 'Only send, and quit at the end of the input'
complete -c ncat -l recv-only -d 'Only receive, never send'
complete -c ncat -l no-shutdown -d 'At the end of the input, do not tell the peer'
complete -c ncat -l allow -d 'Who may connect' -x -a '(__fish_print_hostnames)'
complete -c ncat -l allowfile -d 'Who may connect, from a file' -r -F
complete -c ncat -l deny -d 'Who may not connect' -x -a '(__fish_print_hostnames)'
complete -c ncat -l denyfile -d 'Who may not connect, from a file' -r -F
complete -c ncat -l broker -d 'Give what one client sends to all others'
complete -c ncat -l chat -d 'A simple chat server'
complete -c ncat -l talk -d 'The same'
complete -c ncat -l proxy -d 'Connect through a proxy' -x -a '(__fish_print_hostnames)'
complete -c ncat -l proxy-type -d 'Its kind ("http", "socks4", "socks5")' -x -a 'http socks4 socks5'
complete -c ncat -l proxy-auth -d 'User and password for the proxy' -x
complete -c ncat -l proxy-dns -d 'Who resolves the destination\'s name' -x -a 'remote local both none'
complete -c ncat -l nsock-engine -d 'How to wait: epoll, poll, select' -x -a 'epoll poll select'
complete -c ncat -l test -d 'Tell when it listens (for tests)'
complete -c ncat -l ssl -d 'Use TLS'
complete -c ncat -l ssl-cert -d 'TLS certificate file (PEM) for listening' -r -F
complete -c ncat -l ssl-key -d 'TLS private key file (PEM) for listening' -r -F
complete -c ncat -l ssl-verify -d 'Verify the peer\'s certificate'
complete -c ncat -l ssl-trustfile -d 'Trusted certificates (PEM)' -r -F
complete -c ncat -l ssl-ciphers -d 'TLS ciphers' -x
complete -c ncat -l ssl-servername -d 'Server name to ask for (SNI)' -x -a '(__fish_print_hostnames)'
complete -c ncat -l ssl-alpn -d 'ALPN protocols' -x
complete -c ncat -l version -d 'Print the version'
complete -c ncat -l explain -d 'Tell how this command line is understood'
complete -c ncat -l compat -d 'Behave as openbsd, traditional, ncat or native' -x -a 'native openbsd traditional ncat'
