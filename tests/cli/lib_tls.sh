# TLS for tests: keys and certificates, and peers of other programs. To be
# sourced after lib.sh.
#
#	over native || return 0
#	need_tls ca server || return 0
#	need_tls_peer || return 0
#	tls_serve cert:server accept hello send:welcome notify recv-end
#	run "$NC" --tls --tls-ca "$CERTS/ca.pem" 127.0.0.1 "$PORT"
#	peer_done
#
# Certificates are made on first use, once for each test file, in $CERTS:
# NAME.pem (the certificate), NAME.key (mode 0600). All keys are ECDSA P-256.
#	ca ca2			two CAs
#	server			of ca, for $TLS_NAME, localhost, 127.0.0.1, ::1
#	named			of ca, for $TLS_NAME alone
#	other			of ca, for other.test alone
#	expired early		as server; valid until 2021, valid from 2090
#	revoked			as server, and in the list $CERTS/ca.crl
#	strange			as server, of ca2
#	self			as server, signed by itself
#	chain			as server, of a CA between; the file has both
#	client client2		certificates of clients, of ca
#	stranger		certificate of a client, of ca2
# shellcheck shell=sh

TLS_NAME=sockcat.test
CERTS=$work/tls
TLS_PEER=$TOP_SRCDIR/tests/tools/tlspeer.py
TLS_DIR=$CERTS
export TLS_DIR

# --- what is needed -----------------------------------------------------------

# Skips the test without TLS in this build or without openssl; makes the
# certificates with these names.
need_tls()	# [NAME...]
{
	"$BIN/sockcat" --version 2>/dev/null | grep '^TLS:' >"$work/tls.has"
	if [ ! -s "$work/tls.has" ] || grep -q 'not' "$work/tls.has"; then
		skip "no TLS in this build"
		return 1
	fi
	tls_make "$@"
}

# The same for tests that need certificates, but no TLS of our own.
tls_make()	# [NAME...]
{
	command -v openssl >/dev/null || { skip "no openssl"; return 1; }
	[ -d "$CERTS" ] || tls_begin || return 1
	for tls_name do
		[ -s "$CERTS/$tls_name.pem" ] || "tls_make_$tls_name" \
		    >"$CERTS/log" 2>&1 || {
			fail "openssl made no $tls_name: $(cat "$CERTS/log")"
			BAD=yes
			return 1
		}
	done
}

# The scripted peer.
need_tls_peer()
{
	[ -z "${PYTHON:-}" ] || return 0
	for tls_python in /usr/bin/python3 python3; do
		"$tls_python" -c 'import ssl, sys
sys.exit(not ssl.HAS_TLSv1_3)' >/dev/null 2>&1 || continue
		PYTHON=$tls_python
		return 0
	done
	skip "no Python with TLS 1.3"
	return 1
}

need_program()	# PROGRAM...
{
	for program do
		command -v "$program" >/dev/null ||
		    { skip "no $program"; return 1; }
	done
}

# --- certificates ---------------------------------------------------------------

tls_begin()
{
	mkdir "$CERTS" || return 1
	cat >"$CERTS/ca.cnf" <<-EOT
		[req]
		distinguished_name = req_name
		prompt = no
		[req_name]
		[any]
		commonName = optional
		organizationName = optional
		[v3_ca]
		basicConstraints = critical,CA:TRUE
		keyUsage = critical,keyCertSign,cRLSign
		subjectKeyIdentifier = hash
		[v3_leaf]
		basicConstraints = CA:FALSE
		authorityKeyIdentifier = keyid
		subjectAltName = \$ENV::TLS_SAN
		[v3_self]
		subjectAltName = \$ENV::TLS_SAN
		[v3_plain]
		basicConstraints = CA:FALSE
		authorityKeyIdentifier = keyid
	EOT
	for tls_ca in ca ca2 middle; do
		cat >>"$CERTS/ca.cnf" <<-EOT
			[$tls_ca]
			database = $CERTS/$tls_ca.txt
			new_certs_dir = $CERTS
			certificate = $CERTS/$tls_ca.pem
			private_key = $CERTS/$tls_ca.key
			rand_serial = yes
			default_md = sha256
			policy = any
			unique_subject = no
			default_crl_days = 3650
		EOT
		: >"$CERTS/$tls_ca.txt"
	done
}

tls_key()	# NAME
{
	( umask 077
	  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 \
	      -out "$CERTS/$1.key" )
}

# A certificate that is signed by its own key.
tls_make_by_itself()	# NAME COMMON-NAME SAN EXTENSIONS
{
	tls_key "$1" && TLS_SAN=$3 openssl req -x509 -new -days 3650 \
	    -config "$CERTS/ca.cnf" -key "$CERTS/$1.key" -subj "/CN=$2" \
	    -extensions "$4" -out "$CERTS/$1.pem"
}

# A certificate of a CA; dates are YYYYMMDD.
tls_make_of()	# CA NAME COMMON-NAME SAN [EXTENSIONS [FROM [UNTIL]]]
{
	tls_key "$2" || return 1
	TLS_SAN=${4:-DNS:unused}
	export TLS_SAN
	openssl req -new -config "$CERTS/ca.cnf" -key "$CERTS/$2.key" \
	    -subj "/CN=$3" -out "$CERTS/$2.csr" &&
	openssl ca -batch -notext -config "$CERTS/ca.cnf" -name "$1" \
	    -in "$CERTS/$2.csr" -out "$CERTS/$2.new" -extensions \
	    "${5:-v3_leaf}" -startdate "${6:-20200101}000000Z" \
	    -enddate "${7:-20991231}000000Z" &&
	mv "$CERTS/$2.new" "$CERTS/$2.pem"
}

TLS_ALL=DNS:$TLS_NAME,DNS:localhost,IP:127.0.0.1,IP:::1

tls_make_ca()
{
	tls_make_by_itself ca "Test CA" DNS:unused v3_ca
}
tls_make_ca2()
{
	tls_make_by_itself ca2 "Other CA" DNS:unused v3_ca
}
tls_make_self()
{
	tls_make_by_itself self "$TLS_NAME" "$TLS_ALL" v3_self
}
tls_make_server()
{
	tls_make ca && tls_make_of ca server "$TLS_NAME" "$TLS_ALL"
}
tls_make_named()
{
	tls_make ca && tls_make_of ca named "$TLS_NAME" "DNS:$TLS_NAME"
}
tls_make_other()
{
	tls_make ca && tls_make_of ca other other.test DNS:other.test
}
tls_make_expired()
{
	tls_make ca && tls_make_of ca expired "$TLS_NAME" "$TLS_ALL" v3_leaf \
	    20200101 20210101
}
tls_make_early()
{
	tls_make ca && tls_make_of ca early "$TLS_NAME" "$TLS_ALL" v3_leaf \
	    20900101 20991231
}
tls_make_strange()
{
	tls_make ca2 && tls_make_of ca2 strange "$TLS_NAME" "$TLS_ALL"
}
tls_make_revoked()
{
	tls_make ca && tls_make_of ca revoked "$TLS_NAME" "$TLS_ALL" &&
	openssl ca -config "$CERTS/ca.cnf" -name ca \
	    -revoke "$CERTS/revoked.pem" && tls_crl ca
}
tls_make_middle()
{
	tls_make ca && tls_make_of ca middle "Middle CA" '' v3_ca
}
tls_make_chain()
{
	tls_make middle && tls_make_of middle chain "$TLS_NAME" "$TLS_ALL" &&
	cat "$CERTS/middle.pem" >>"$CERTS/chain.pem"
}
tls_make_client()
{
	tls_make ca && tls_make_of ca client "Client One" '' v3_plain
}
tls_make_client2()
{
	tls_make ca && tls_make_of ca client2 "Client Two" '' v3_plain
}
tls_make_stranger()
{
	tls_make ca2 && tls_make_of ca2 stranger "Stranger" '' v3_plain
}

# Writes the list of what the CA has revoked, $CERTS/CA.crl.
tls_crl()	# CA
{
	TLS_SAN=DNS:unused openssl ca -config "$CERTS/ca.cnf" -name "$1" \
	    -gencrl -out "$CERTS/$1.crl"
}

# Prints a fingerprint as 64 hexadecimal digits in upper case; colons: as
# openssl prints fingerprints.
tls_pin()	# NAME [colons]
{
	openssl x509 -in "$CERTS/$1.pem" -noout -fingerprint -sha256 |
	    sed 's/.*=//' | case ${2:-} in
	colons)	cat ;;
	*)	tr -d : ;;
	esac
}

# --- peers ------------------------------------------------------------------------

# Starts a scripted TLS server; sets PORT. `peer_done` waits for its end.
tls_serve()	# WORD...
{
	rm -f "$T/port"
	start peer "$PYTHON" "$TLS_PEER" "listen:$T/port" "$@"
	waitfor "file:$T/port"
	PORT=$(cat "$T/port")
}

# Starts a scripted TLS client of PORT; `guest_done NAME` waits for its end.
tls_guest()	# NAME WORD...
{
	guest=$1
	shift
	start "$guest" "$PYTHON" "$TLS_PEER" "connect:$PORT" "$@"
}

# Talks to PORT with a scripted client and waits for its end.
tls_client()	# WORD...
{
	tls_guest peer "$@"
	peer_done
}

# Starts openssl s_server on a free port under the name "peer", with the
# certificate NAME; it ends after one client. Its input is $T/idle if held.
openssl_server()	# NAME OPTION...
{
	free_port
	openssl_cert=$1
	shift
	launch peer openssl s_server -accept "127.0.0.1:$PORT" -naccept 1 \
	    -cert "$CERTS/$openssl_cert.pem" -key "$CERTS/$openssl_cert.key" \
	    "$@"
}

# Starts openssl s_client to PORT under the name.
openssl_client()	# NAME OPTION...
{
	openssl_name=$1
	shift
	start "$openssl_name" openssl s_client -connect "127.0.0.1:$PORT" "$@"
}

# Starts the subject as a TLS listener with the certificate NAME on PORT, and
# waits for it. The options come before -l and the port.
tls_listener()	# NAME OPTION...
{
	tls_listener_cert=$1
	shift
	listener --tls --tls-cert "$CERTS/$tls_listener_cert.pem" \
	    --tls-key "$CERTS/$tls_listener_cert.key" "$@"
}

# Runs the subject as a TLS client of PORT, which trusts ca.
tls_run()	# OPTION...
{
	run "$NC" --tls --tls-ca "$CERTS/ca.pem" "$@" 127.0.0.1 "$PORT"
}

# --- data ---------------------------------------------------------------------

# Two files without repetition, of different bytes: ONE and TWO, of MIB each;
# sanitized programs, which are slow, get 8 MiB.
two_files()	# MIB
{
	[ "${SANITIZED:-no}" = no ] || set -- 8
	ONE=$(bytes $(($1 * 1048576)))
	TWO=$ONE.two
	[ -f "$TWO" ] || tr 0-9 f-o <"$ONE" >"$TWO"
}

# As run, with standard output to a file, and none in OUT.
run_to()	# FILE COMMAND...
{
	run_to=$1
	shift
	run sh -c 'out=$1; shift; exec "$@" >"$out"' - "$run_to" "$@"
}

# Starts a command that reads a file, but no end until `end_of NAME`, and writes
# to another file. Programs that leave at an end of the input, or of the peer,
# whatever is still under way, need that.
open_end()	# NAME FROM TO COMMAND...
{
	open_end=$1
	shift
	rm -f "$T/over.$open_end" "$2"
	start "$open_end" sh -c 'over=$1 waitfor=$2 from=$3 to=$4; shift 4
	    { cat "$from"; "$waitfor" -t 60000 "file:$over"; } |
	    "$@" >"$to"' - "$T/over.$open_end" "$TOOLS/waitfor" "$@"
}

end_of()	# NAME
{
	touch "$T/over.$1"
}

# Prints the bytes that are left in the input that is held ($T/idle), and ends
# it. Not in $( ), where the input would stay open.
left_in_idle()
{
	exec 7<"$T/idle"
	exec 9>&-
	HELD=
	cat <&7
	exec 7<&-
}
