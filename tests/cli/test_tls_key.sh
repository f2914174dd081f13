#!/bin/sh
# Files of keys and certificates, before anything is bound.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_tls.sh"

# The subject listens with these options, and fails with this reason.
listens_not()	# TEXT OPTION...
{
	text=$1
	shift
	rm -f "$T/port"
	refuses "$text" -l --port-file="$T/port" --tls "$@" 0
	true_that "nothing was bound" test ! -e "$T/port"
}

test_a_key_that_others_can_read_is_named()
{
	need_tls server || return 0
	cp "$CERTS/server.key" "$T/key"
	for mode in 604 640; do
		chmod $mode "$T/key"
		run "$NC" --tls \
		    --tls-cert "$CERTS/server.pem" --tls-key "$T/key" \
		    127.0.0.1 "$(closed_port)" </dev/null
		holds "stderr of $mode" "$ERR" \
		    "other users can read the key file $T/key"
	done
	chmod 600 "$T/key"
	run "$NC" --tls \
	    --tls-cert "$CERTS/server.pem" --tls-key "$T/key" 127.0.0.1 \
	    "$(closed_port)" </dev/null
	lacks "stderr of 600" "$ERR" "other users"
}

test_a_key_must_fit_its_certificate()
{
	need_tls server other || return 0
	listens_not "does not belong to the certificate" --tls-cert "$CERTS/server.pem" \
	    --tls-key "$CERTS/other.key"
}

test_a_missing_file_is_named()
{
	need_tls server || return 0
	listens_not "$T/none" --tls-cert "$T/none"
	listens_not "$T/none" --tls-cert "$CERTS/server.pem" \
	    --tls-key "$T/none"
	listens_not "$T/none" --tls-client-ca "$T/none"
}

test_a_file_without_a_key_is_named()
{
	need_tls server || return 0
	listens_not "$CERTS/server.pem" --tls-cert "$CERTS/server.pem"
	: >"$T/empty"
	listens_not "$T/empty" --tls-cert "$T/empty"
}

test_a_key_with_a_passphrase_is_refused()
{
	need_tls server || return 0
	openssl pkey -in "$CERTS/server.key" -aes128 -passout pass:secret \
	    -out "$T/locked" 2>/dev/null || { fail "openssl pkey"; return 0; }
	chmod 600 "$T/locked"
	listens_not "passphrase" --tls-cert "$CERTS/server.pem" \
	    --tls-key "$T/locked"
}

run_tests "$@"
