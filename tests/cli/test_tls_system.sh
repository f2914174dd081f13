#!/bin/sh
# The authorities of the system: a directory and a file.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_tls.sh"

# A directory of hashed names, $T/dir, with the certificate NAME.
hashed_dir()	# NAME
{
	mkdir -p "$T/dir"
	cp "$CERTS/$1.pem" "$T/dir/$1.pem"
	openssl rehash "$T/dir" >/dev/null 2>&1 || {
		ln -s "$1.pem" "$T/dir/$(openssl x509 -in "$CERTS/$1.pem" \
		    -noout -hash).0"
	}
}

# Calls a server that shows the certificate NAME, with these authorities.
call_with()	# NAME DIR FILE
{
	tls_serve "cert:$1" accept hello send:hi notify recv-end
	SSL_CERT_DIR=$2 SSL_CERT_FILE=$3 run "$NC" --tls 127.0.0.1 "$PORT" \
	    </dev/null
}

test_the_system_s_directory_is_trusted()
{
	need_tls server && need_tls_peer || return 0
	hashed_dir ca
	call_with server "$T/dir" "$T/none"
	same "exit status, with <$ERR>" 0 "$RC"
	same "stdout" hi "$OUT"
	peer_done
}

test_the_system_s_file_is_trusted()
{
	need_tls server && need_tls_peer || return 0
	mkdir -p "$T/empty"
	call_with server "$T/empty" "$CERTS/ca.pem"
	same "exit status, with <$ERR>" 0 "$RC"
	same "stdout" hi "$OUT"
	peer_done
	call_with server "$T/none" "$CERTS/ca.pem"
	same "exit status without a directory, with <$ERR>" 0 "$RC"
	peer_done
}

test_the_file_counts_beside_the_directory()
{
	need_tls server ca2 && need_tls_peer || return 0
	hashed_dir ca2
	call_with server "$T/dir" "$CERTS/ca.pem"
	same "exit status, with <$ERR>" 0 "$RC"
	same "stdout" hi "$OUT"
	peer_done
}

test_a_certificate_of_another_authority_is_refused()
{
	need_tls server strange self && need_tls_peer || return 0
	hashed_dir ca
	for cert in strange self; do
		call_with "$cert" "$T/dir" "$CERTS/ca.pem"
		same "exit status of $cert" 1 "$RC"
		same "stdout of $cert" "" "$OUT"
		holds "stderr of $cert" "$ERR" "certificate verify failed"
		finish peer
	done
}

run_tests "$@"
