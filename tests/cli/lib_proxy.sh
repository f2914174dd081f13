# Proxies for tests: tools/proxy, and how each subject is told to use one.
# shellcheck shell=sh

# No proxy gets as far as this port.
NOWHERE=47001
PEER_SCRIPT="accept send:welcome until:question send:answer fin recv-eof"

# Start a proxy; PROXY is where it is, for the subject's options.
proxy()	# KIND WORD...
{
	rm -f "$T/proxy.port"
	start proxy "$TOOLS/proxy" "$T/proxy.port" "$@"
	waitfor "file:$T/proxy.port"
	PROXY=127.0.0.1:$(cat "$T/proxy.port")
	KIND=$1
}

# Run the subject through that proxy, by the options that it has for it.
through()	# ARG...
{
	case $SUBJECT:$KIND in
	*ncat:*)	set -- "$NC" --proxy "$PROXY" --proxy-type "$KIND" "$@" ;;
	*:socks4)	set -- "$NC" -X 4 -x "$PROXY" "$@" ;;
	*:socks5)	set -- "$NC" -x "$PROXY" "$@" ;;
	*:http)		set -- "$NC" -X connect -x "$PROXY" "$@" ;;
	esac
	run "$@"
}

# What the proxy was told; the port of the target is P there.
proxy_heard()
{
	sed "s/ $PORT\$/ P/" "$T/proxy.out"
}
