# Runs in the virtual machine of ktls.sh, by busybox: TLS whose records the
# kernel makes, against s_client and s_server of OpenSSL.
#
# Each test prints a line that begins with "ok" or "FAILED".

port=5000
export OPENSSL_CONF=/tmp/openssl.cnf
max12=/tmp/max12.cnf
printf '[req]\n' >$OPENSSL_CONF
printf '%s\n' 'openssl_conf = d' '[d]' 'ssl_conf = s' '[s]' \
    'system_default = x' '[x]' 'MaxProtocol = TLSv1.2' >$max12
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout /tmp/key -out /tmp/cert -days 2 -subj /CN=localhost 2>/dev/null
dd if=/dev/urandom of=/tmp/big bs=1M count=64 2>/dev/null
head -c 3000001 /tmp/big >/tmp/small
head -c 12000001 /tmp/big >/tmp/mid
mkfifo /tmp/silence
sleep 3600 >/tmp/silence &

# Starts sockcat as a server that reads the given file, or a pipe ("-").
serve()
{
	port=$((port + 1))
	input=$1
	shift
	[ "$input" = - ] || exec 3<"$input"
	timeout 60 sockcat -vvv -l --tls --ssl-cert /tmp/cert \
	    --ssl-key /tmp/key "$@" 127.0.0.1 $port <&3 2>/tmp/err >/tmp/up &
	server=$!
	exec 3<&-
	until grep -q Listening /tmp/err; do sleep 0.2; done
}

# Has a command write to a new pipe.
feed()
{
	rm -f /tmp/fifo
	mkfifo /tmp/fifo
	"$@" >/tmp/fifo 2>/dev/null &
}

slowly()
{
	cat /tmp/small
	sleep 6
	cat /tmp/small
}

late()
{
	sleep 4
	cat /tmp/small
	sleep 5
}

call()
{
	timeout 60 sockcat -vvv --tls --tls-insecure 127.0.0.1 $port \
	    2>/tmp/err2
}

s_client()
{
	timeout 60 openssl s_client -quiet -connect 127.0.0.1:$port "$@" \
	    2>/tmp/peer
}

# A client that reads nothing once it is connected, and is killed later.
killed_client()
{
	s_client -tls1_2 </tmp/silence >/dev/null &
	until grep -q cipher /tmp/err; do sleep 0.1; done
	killall -STOP openssl
	sleep "$1"
	killall -9 openssl
}

s_server()
{
	port=$((port + 1))
	timeout 60 openssl s_server -naccept 1 -cert /tmp/cert -key /tmp/key \
	    -tls1_2 -accept $port "$@" </tmp/silence >/tmp/got \
	    2>/tmp/peer &
	server=$!
	sleep 1
}

# Whether the program ended with this status, with these words.
ended()
{
	wait $server
	status=$?
	[ $status = "$1" ] && { [ $# = 1 ] || grep -q "$2" /tmp/err; } &&
	    return
	echo "status $status:"
	tail -4 /tmp/err
	return 1
}

by()
{
	grep -q "now by $1" /tmp/err
}

same()
{
	cmp "$1" "$2"
}

# Seconds since the last call.
seconds()
{
	read -r since rest </proc/uptime
	since=${since%.*}
	echo $((since - before))
	before=$since
}

verdict()
{
	if [ $? = 0 ]; then
		echo "ok $* ($(seconds) s)"
	else
		echo "FAILED: $* ($(seconds) s)"
	fi
	seconds >/dev/null
}

# A failure with this reason, not a limit of time.
left='.*failed: \(Broken pipe\|Connection reset by peer\) (.* lost)'

before=0
seconds >/dev/null

for cipher in AES256-GCM-SHA384 AES128-GCM-SHA256 CHACHA20-POLY1305; do
	serve /tmp/small
	s_client -tls1_2 -cipher ECDHE-ECDSA-$cipher </tmp/silence >/tmp/got
	same /tmp/got /tmp/small && ended 0 && by sendfile
	verdict "server, file, $cipher"
done

serve /tmp/big
s_client -tls1_2 </tmp/silence >/tmp/got
same /tmp/got /tmp/big && ended 0 && by sendfile
verdict "server, file of 64 MiB"

feed cat /tmp/big
serve /tmp/fifo
s_client -tls1_2 </tmp/silence >/tmp/got
same /tmp/got /tmp/big && ended 0 && by splice
verdict "server, pipe of 64 MiB"

for kind in file pipe; do
	s_server -quiet
	if [ $kind = file ]; then
		call </tmp/big
	else
		cat /tmp/big | call
	fi
	status=$?
	cp /tmp/err2 /tmp/err
	wait $server
	[ $status = 0 ] && same /tmp/got /tmp/big &&
	    grep -q 'now by s[pe]' /tmp/err
	verdict "client, $kind of 64 MiB"
done

# The smaller file ends first, and close_notify with it.
OPENSSL_CONF=$max12
serve /tmp/small
call </tmp/mid >/tmp/got && same /tmp/got /tmp/small &&
    ended 0 && same /tmp/up /tmp/mid && by sendfile
verdict "half-close, first of the server"

serve /tmp/mid
call </tmp/small >/tmp/got && same /tmp/got /tmp/mid &&
    ended 0 && same /tmp/up /tmp/small && by sendfile
verdict "half-close, first of the client"
OPENSSL_CONF=/tmp/openssl.cnf

# The last bytes do not wait for close_notify, which this never sends.
serve /tmp/small -q -1
timeout 3 openssl s_client -quiet -tls1_2 -connect 127.0.0.1:$port \
    </tmp/silence >/tmp/got 2>/dev/null
same /tmp/got /tmp/small && ended 1 'without ending TLS'
verdict "the last bytes"

serve /tmp/big
{ echo hello; sleep 2; } | s_client -tls1_2 -no_ign_eof | sleep 4
ended 1 "write to $left" && by sendfile
verdict "peer that ends and leaves, file"

feed cat /tmp/big
serve /tmp/fifo
{ echo hello; sleep 2; } | s_client -tls1_2 -no_ign_eof | sleep 4
ended 1 "write to $left" && by splice
verdict "peer that ends and leaves, pipe"

serve /tmp/big
killed_client 2
ended 1 "$left" && by sendfile
verdict "peer that is killed with bytes unread, file"

feed cat /tmp/big
serve /tmp/fifo
killed_client 2
ended 1 "$left" && by splice
verdict "peer that is killed with bytes unread, pipe"

feed slowly
serve /tmp/fifo
s_client -tls1_2 </tmp/silence >/tmp/got &
sleep 3
killall -9 openssl
ended 1 'closed the connection without ending TLS' && by splice
verdict "peer that is killed with nothing unread"

# All bytes are in the kernel, the peer takes few, and then goes.
echo '4096 65536 65536' >/proc/sys/net/ipv4/tcp_rmem
serve /tmp/small
killed_client 3
ended 1 "$left" && by sendfile &&
    grep -q 'up: .* -> DONE (end of input)' /tmp/err
verdict "peer that never acknowledges, file"

feed cat /tmp/small
serve /tmp/fifo
killed_client 3
ended 1 "$left" && by splice &&
    grep -q 'up: .* -> DONE (end of input)' /tmp/err
verdict "peer that never acknowledges, pipe"
echo '4096 131072 6291456' >/proc/sys/net/ipv4/tcp_rmem

# From a target without TLS to a client.
relay()
{
	timeout 30 sockcat -N -l 127.0.0.1 4999 </tmp/mid \
	    >/dev/null 2>&1 &
	serve /tmp/silence --forward=127.0.0.1:4999
}

relay
s_client -tls1_2 </tmp/silence >/tmp/got
same /tmp/got /tmp/mid && ended 0 && by through
verdict "relay"

relay
killed_client 3
ended 1 && by through
verdict "relay whose client is killed"

feed late
serve /tmp/fifo
{ echo one; sleep 1; echo K; sleep 4; echo K; sleep 1; echo two; sleep 2; } |
    timeout 60 openssl s_client -tls1_3 -connect 127.0.0.1:$port \
    >/tmp/got 2>/tmp/peer
grep -q KEYUPDATE /tmp/peer && [ "$(cat /tmp/up)" = "one
two" ] && ended 0 && ! by splice &&
    [ "$(wc -c </tmp/got)" -gt 3000001 ]
verdict "TLS 1.3 with KeyUpdate"

rmmod tls
serve /tmp/mid
s_client -tls1_2 </tmp/silence >/tmp/got
same /tmp/got /tmp/mid && ended 0 && ! by sendfile
verdict "no kTLS in the kernel"
echo "all tests have run"
