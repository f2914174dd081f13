#!/bin/sh
# sockcat called as ncat against that tool: tests/compat.
# timeout: 600
. "$(dirname "$0")/compat.inc"
# The original takes a tenth of a second to start.
JOBS=6

# A CA, and certificates of it: NAME COMMON-NAME EXTENSION.
certificates()
{
	mkdir "$ROOM/certs" && cd "$ROOM/certs" || return
	while read -r name subject extension; do
		openssl ecparam -name prime256v1 -genkey -noout -out "$name.key"
		openssl req -new -key "$name.key" -subj "$subject" -out req
		echo "$extension" >ext
		if [ "$name" = ca ] || [ "$name" = other ]; then
			set -- -signkey "$name.key"
		else
			set -- -CA ca.pem -CAkey ca.key -CAcreateserial
		fi
		openssl x509 -req -in req -days 30 -extfile ext "$@" \
		    -out "$name.pem"
	done <<-EOF
		ca /CN=CA/O=Authority basicConstraints=critical,CA:true
		other /CN=Other basicConstraints=critical,CA:true
		plain /O=Example/CN=localhost basicConstraints=CA:false
		names /CN=x.test subjectAltName=DNS:localhost,DNS:*.a.test,IP:127.0.0.1
		wild /CN=*.a.test basicConstraints=CA:false
		client /CN=localhost extendedKeyUsage=clientAuth
	EOF
	cat plain.pem ca.pem >chain.pem
}

# "with CERTIFICATE LINE": a server of OpenSSL at $P, which turns each line that
# it gets round, while the line for sh runs. $OPTIONS: more options of it.
# "tidy" takes from messages what is different each time.
programs()
{
	cat >"$ROOM/certs/with" <<-'EOF'
		#!/bin/sh
		at=$ROOM/certs/$1
		openssl s_server -accept "127.0.0.1:$P" -cert "$at.pem" \
		    -key "$at.key" -rev $OPTIONS >/dev/null 2>&1 &
		server=$!
		waitfor "${WAIT:-tcp}:$P"
		sh -c "$2"
		status=$?
		kill "$server"
		exit "$status"
	EOF
	cat >"$ROOM/certs/tidy" <<-'EOF'
		#!/bin/sh
		exec sed '/Version/d; s/in [0-9.]* sec/in N sec/'
	EOF
	chmod 755 "$ROOM/certs/with" "$ROOM/certs/tidy"
}

prepare()
{
	command -v openssl >/dev/null || return
	( certificates && programs ) >"$ROOM/log" 2>&1
	PATH=$ROOM/certs:$PATH
}
PREPARE=prepare
compare ncat ncat ncat.tab "$@"
