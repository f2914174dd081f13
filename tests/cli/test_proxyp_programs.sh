#!/bin/sh
# The PROXY protocol with haproxy, nginx and curl, both ways.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_tls.sh"

TELL='echo $SOCKCAT_REMOTE_ADDR $SOCKCAT_REMOTE_PORT; cat'

# Starts haproxy with the sections of standard input.
haproxy_with()
{
	{
		echo "defaults"
		echo " timeout connect 20s"
		echo " timeout client 20s"
		echo " timeout server 20s"
		cat
	} >"$T/haproxy.cfg"
	start haproxy haproxy -db -q -f "$T/haproxy.cfg"
	true_that "haproxy listens" waitfor -p "$(pid_of haproxy)" "tcp:$1"
}

# A server of HTTP that answers with the client's address and port.
haproxy_tells()	# PORT OPTION...
{
	port=$1
	shift
	haproxy_with "$port" <<-END
	frontend tells
	 mode http
	 bind 127.0.0.1:$port accept-proxy $*
	 http-request return status 200 content-type text/plain lf-string "%[src] %[src_port] %[dst] %[dst_port]"
	END
}

nginx_tells()	# PORT
{
	mkdir -p "$T/nginx"
	cat >"$T/nginx.conf" <<-END
	daemon off;
	pid $T/nginx/pid;
	error_log $T/nginx/error.log;
	events {
	}
	http {
		access_log off;
		client_body_temp_path $T/nginx/body;
		proxy_temp_path $T/nginx/proxy;
		fastcgi_temp_path $T/nginx/fastcgi;
		uwsgi_temp_path $T/nginx/uwsgi;
		scgi_temp_path $T/nginx/scgi;
		server {
			listen 127.0.0.1:$1 proxy_protocol;
			location / {
				return 200 "\$proxy_protocol_addr \$proxy_protocol_port \$proxy_protocol_server_addr \$proxy_protocol_server_port";
			}
		}
	}
	END
	start nginx nginx -e "$T/nginx/error.log" -p "$T/nginx" -c \
	    "$T/nginx.conf"
	true_that "nginx listens" waitfor -p "$(pid_of nginx)" "tcp:$1"
}

# Asks the server on PORT from a port of ours; sets WANTED to what it answers.
ask()	# OPTION...
{
	from=$(new_port)
	WANTED="127.0.0.1 $from 127.0.0.1 $PORT"
	printf 'GET / HTTP/1.0\r\n\r\n' >"$T/request"
	run "$NC" -p "$from" "$@" 127.0.0.1 "$PORT" <"$T/request"
}

test_haproxy_takes_our_headers()
{
	need_program haproxy || return 0
	free_port
	haproxy_tells "$PORT"
	for option in --send-proxy --send-proxy=2; do
		ask "$option"
		holds "the answer to $option" "$OUT" "$WANTED"
	done
}

test_haproxy_takes_our_header_before_tls()
{
	need_program haproxy || return 0
	need_tls ca server || return 0
	cat "$CERTS/server.pem" "$CERTS/server.key" >"$T/both.pem"
	free_port
	haproxy_tells "$PORT" ssl crt "$T/both.pem"
	for option in --send-proxy --send-proxy=2; do
		ask "$option" --tls --tls-ca "$CERTS/ca.pem"
		holds "the answer to $option" "$OUT" "$WANTED"
	done
}

test_nginx_takes_our_headers()
{
	need_program nginx || return 0
	free_port
	nginx_tells "$PORT"
	for option in --send-proxy --send-proxy=2; do
		ask "$option"
		holds "the answer to $option" "$OUT" "$WANTED"
	done
}

test_we_take_the_headers_of_haproxy()
{
	need_program haproxy || return 0
	listener --accept-proxy -k -c "$TELL"
	server=$PORT
	for how in send-proxy send-proxy-v2 \
	    "send-proxy-v2 proxy-v2-options crc32c,unique-id"; do
		free_port
		haproxy_with "$PORT" <<-END
		listen relay
		 mode tcp
		 bind 127.0.0.1:$PORT
		 unique-id-format %pid-%rt
		 server one 127.0.0.1:$server $how
		END
		from=$(new_port)
		echo hello >"$T/in"
		run "$NC" -N -p "$from" 127.0.0.1 "$PORT" <"$T/in"
		same "the answer by $how" "127.0.0.1 $from
hello" "$OUT"
		stop haproxy
	done
	same "what the listener said" "" "$(cat "$T/listener.err")"
}

# Prints the line that loads nginx's module of streams, if it needs one.
nginx_stream()
{
	case $(nginx -V 2>&1) in
	*--with-stream\ *)	return 0 ;;
	esac
	module=$(nginx -V 2>&1 | sed -n 's/.*--modules-path=\([^ ]*\).*/\1/p')
	[ -e "$module/ngx_stream_module.so" ] || return 1
	echo "load_module $module/ngx_stream_module.so;"
}

test_we_take_the_header_of_nginx()
{
	need_program nginx || return 0
	nginx_stream >"$T/nginx.conf" ||
	    { skip "nginx has no module for streams"; return 0; }
	# Not every nginx passes on a half-close, so the command ends by itself.
	listener --accept-proxy -k -c \
	    'read word; echo $word $SOCKCAT_REMOTE_ADDR $SOCKCAT_REMOTE_PORT'
	server=$PORT
	free_port
	mkdir -p "$T/nginx"
	cat >>"$T/nginx.conf" <<-END
	daemon off;
	pid $T/nginx/pid;
	error_log $T/nginx/error.log;
	events {
	}
	stream {
		server {
			listen 127.0.0.1:$PORT;
			proxy_pass 127.0.0.1:$server;
			proxy_protocol on;
		}
	}
	END
	start nginx nginx -e "$T/nginx/error.log" -p "$T/nginx" -c \
	    "$T/nginx.conf"
	true_that "nginx listens" waitfor -p "$(pid_of nginx)" "tcp:$PORT"
	from=$(new_port)
	echo hello >"$T/in"
	run "$NC" -p "$from" 127.0.0.1 "$PORT" <"$T/in"
	same "the answer" "hello 127.0.0.1 $from" "$OUT"
	same "what the listener said" "" "$(cat "$T/listener.err")"
}

test_we_take_the_header_of_haproxy_before_tls()
{
	need_program haproxy || return 0
	need_tls ca server || return 0
	listener --accept-proxy -k --tls --tls-cert "$CERTS/server.pem" \
	    --tls-key "$CERTS/server.key" -c "$TELL"
	server=$PORT
	free_port
	haproxy_with "$PORT" <<-END
	listen relay
	 mode tcp
	 bind 127.0.0.1:$PORT
	 server one 127.0.0.1:$server send-proxy-v2 ssl verify required ca-file $CERTS/ca.pem
	END
	from=$(new_port)
	echo hello >"$T/in"
	run "$NC" -N -p "$from" 127.0.0.1 "$PORT" <"$T/in"
	holds "the answer" "$OUT" "127.0.0.1 $from"
}

# A check that sends nothing else is no failure of the server.
test_a_health_check_of_haproxy_is_a_client()
{
	need_program haproxy || return 0
	listener -n -v --accept-proxy -k --echo
	server=$PORT
	free_port
	haproxy_with "$PORT" <<-END
	listen relay
	 mode tcp
	 bind 127.0.0.1:$PORT
	 server one 127.0.0.1:$server send-proxy-v2 check inter 100ms
	END
	true_that "the check came" waitfor \
	    "text:$T/listener.err:Connection received on 127.0.0.1"
	lacks "no complaint" "$(cat "$T/listener.err")" "PROXY header"
}

test_a_client_reaches_haproxy_through_two_forwarders()
{
	need_program haproxy || return 0
	free_port
	haproxy_tells "$PORT"
	server=$PORT
	free_port
	launch second "$NC" --accept-proxy --send-proxy=2 -k -l 127.0.0.1 \
	    "$PORT" --forward "127.0.0.1:$server"
	second=$PORT
	free_port
	launch first "$NC" --send-proxy -k -l 127.0.0.1 "$PORT" --forward \
	    "127.0.0.1:$second"
	ask
	holds "the answer" "$OUT" "$WANTED"
}

test_a_forwarder_announces_its_client_before_tls()
{
	need_program haproxy || return 0
	need_tls ca server || return 0
	cat "$CERTS/server.pem" "$CERTS/server.key" >"$T/both.pem"
	free_port
	haproxy_tells "$PORT" ssl crt "$T/both.pem"
	server=$PORT
	free_port
	launch middle "$NC" --send-proxy=2 -k -l 127.0.0.1 "$PORT" --tls-ca \
	    "$CERTS/ca.pem" --forward "tls:127.0.0.1:$server"
	ask
	holds "the answer" "$OUT" "$WANTED"
}

test_we_take_the_header_of_curl()
{
	need_program curl || return 0
	curl --help all 2>/dev/null | grep -q -e --haproxy-protocol ||
	    { skip "curl sends no header"; return 0; }
	from=$(new_port)
	listener -n -v --accept-proxy -k -c \
	    'printf "HTTP/1.0 200 OK\r\n\r\n$SOCKCAT_REMOTE_PORT"'
	run_gives 0 curl -s --haproxy-protocol --local-port "$from" \
	    "http://127.0.0.1:$PORT/"
	same "the answer" "$from" "$OUT"
}

run_tests "$@"
