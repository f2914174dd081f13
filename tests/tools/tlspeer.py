#!/usr/bin/env python3
"""A scripted peer that speaks TLS, by Python's ssl: the words of its command
line are done in order, each before a common deadline of 15 s. Exits with 0
only if all words succeeded.

	tlspeer.py listen:PORTFILE cert:server accept hello send:hi notify recv-end

Rules, before hello; NAME is NAME.pem and NAME.key in the directory $TLS_DIR:
	cert:NAME		the own certificate
	ca:NAME			the peer must show a certificate of this CA
	name:NAME		a client's: sent as SNI, and verified with ca:
	alpn:A,B min:1.2 max:1.3 ciphers:LIST
Sockets:
	listen:F listen-at:P	TCP on 127.0.0.1; the port is written to F
	connect:P from:HOST	from: before connect
	accept			hello is not included
	hello			the handshake
	refused:TEXT		the handshake fails; or, after it, TEXT is sent
				and the first read fails: prints
				"refused: REASON"
	drip-hello:MS		sends a ClientHello with a pause before each
				byte until the connection is cut; prints "cut"
	save-hello:F		writes a ClientHello to a file
Data (what is received is kept until a word uses it). In TEXT, \\n \\r \\t \\0
\\\\ and \\xHH are understood:
	send:TEXT send-file:F fill:N	fill sends N bytes "x"
	raw:TEXT raw-file:F	sends this beneath TLS, or without it
	half-record:TEXT	sends the first half of a record
	recv:N until:TEXT	receive until N bytes or TEXT have come
	recv-notify		to the close_notify
	recv-fin		to a FIN or reset without close_notify
	recv-end		to any end
	recv-raw		to the end of the socket, without TLS
	quiet-ms:N		checks that nothing comes, also no end
	expect:TEXT expect-file:F save:F print
	count			prints "count N": bytes received, ever
	swap:FROM:TO		sends a file and close_notify, and at the same
				time saves what comes, to the end
	lacks-raw:TEXT		checks that the socket never gave this text
	facts			prints version, cipher, ALPN, SNI and the name
				in the peer's certificate, which needs ca:
Ends and waits:
	notify			close_notify alone; reading goes on
	fin rst close sleep-ms:N touch:F await:F deadline-ms:N
"""
import os
import select
import socket
import ssl
import struct
import sys
import time

VERSIONS = {
    "1.0": ssl.TLSVersion.TLSv1, "1.1": ssl.TLSVersion.TLSv1_1,
    "1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3,
}
PIECE = 65536


class Failed(Exception):
    pass


def text_of(arg):
    return arg.encode("latin-1").decode("unicode_escape").encode("latin-1")


def bare_end(e):
    return isinstance(e, ssl.SSLEOFError) or \
        "UNEXPECTED_EOF" in (e.reason or "")


def in_dir(name, ext):
    return os.path.join(os.environ.get("TLS_DIR", "."), name + ext)


class Peer:
    def __init__(self):
        self.until = time.monotonic() + 15
        self.listener = self.sock = self.tls = None
        self.server = False
        self.rules = {}
        self.source = None
        self.sni = None
        self.got = bytearray()
        self.count = 0
        self.end = None         # "notify", "fin", "rst"

    # ---- The socket --------------------------------------------------------

    def left(self):
        left = self.until - time.monotonic()
        if left <= 0:
            raise Failed("too late")
        return left

    def ready(self, writing=False, left=None):
        socks = [self.sock]
        got = select.select([] if writing else socks,
                            socks if writing else [], [],
                            self.left() if left is None else left)
        if not any(got):
            if left is None:
                raise Failed("too late")
            return False
        return True

    def send_raw(self, data):
        while data:
            self.ready(writing=True)
            data = data[self.sock.send(data):]

    def recv_raw(self):
        self.ready()
        try:
            data = self.sock.recv(PIECE)
        except ConnectionResetError:
            return None
        self.raw = (self.raw + data)[:PIECE]
        return data

    def do_listen(self, arg):
        self.listen(0)
        with open(arg + ".new", "w") as f:
            f.write("%d\n" % self.listener.getsockname()[1])
        os.rename(arg + ".new", arg)

    def do_listen_at(self, arg):
        self.listen(int(arg))

    def listen(self, port):
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", port))
        self.listener.listen(64)

    def begin(self, sock, server):
        self.sock, self.server = sock, server
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.setblocking(False)
        self.tls = self.end = None
        self.raw = b""
        self.got = bytearray()

    def do_accept(self, arg):
        self.listener.settimeout(self.left())
        self.begin(self.listener.accept()[0], True)

    def do_from(self, arg):
        self.source = (arg, 0)

    def do_connect(self, arg):
        self.begin(socket.create_connection(
            ("127.0.0.1", int(arg)), self.left(), self.source), False)

    def do_fin(self, arg):
        self.sock.shutdown(socket.SHUT_WR)

    def do_rst(self, arg):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                             struct.pack("ii", 1, 0))
        self.sock.close()

    def do_close(self, arg):
        self.sock.close()

    def do_raw(self, arg):
        self.send_raw(text_of(arg))

    def do_raw_file(self, arg):
        with open(arg, "rb") as f:
            self.send_raw(f.read())

    def do_recv_raw(self, arg):
        while True:
            data = self.recv_raw()
            if not data:
                return
            self.took(data)

    # ---- The handshake -----------------------------------------------------

    def rule(self, word, arg):
        self.rules[word] = arg

    def context(self):
        rules = self.rules
        ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if self.server
                             else ssl.PROTOCOL_TLS_CLIENT)
        ctx.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
        ctx.check_hostname = False
        ctx.verify_mode = ssl.CERT_NONE
        if rules.get("max") in ("1.0", "1.1"):
            ctx.set_ciphers("DEFAULT:@SECLEVEL=0")
        if "ciphers" in rules:
            ctx.set_ciphers(rules["ciphers"])
        if "max" in rules:
            ctx.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
            ctx.maximum_version = VERSIONS[rules["max"]]
        if "min" in rules:
            ctx.minimum_version = VERSIONS[rules["min"]]
        if "cert" in rules:
            ctx.load_cert_chain(in_dir(rules["cert"], ".pem"),
                                in_dir(rules["cert"], ".key"))
        if "ca" in rules:
            ctx.load_verify_locations(in_dir(rules["ca"], ".pem"))
            ctx.verify_mode = ssl.CERT_REQUIRED
            ctx.check_hostname = not self.server and "name" in rules
        if "alpn" in rules:
            ctx.set_alpn_protocols(rules["alpn"].split(","))
        if self.server:
            ctx.sni_callback = self.on_sni
        return ctx

    def on_sni(self, tls, name, ctx):
        self.sni = name

    def wrap(self):
        self.inc, self.out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = self.context().wrap_bio(
            self.inc, self.out, self.server,
            None if self.server else self.rules.get("name"))

    def flush(self):
        self.send_raw(self.out.read())

    def feed(self):
        data = self.recv_raw()
        if data:
            self.inc.write(data)
        else:
            self.end = "rst" if data is None else "fin"
            self.inc.write_eof()

    def do_hello(self, arg):
        self.wrap()
        while True:
            try:
                self.tls.do_handshake()
                self.flush()
                return
            except ssl.SSLWantReadError:
                self.flush()
                self.feed()
            except ssl.SSLError:
                self.flush()
                raise

    def do_refused(self, arg):
        try:
            self.do_hello(arg)
            self.do_send(arg)
            data = self.read()
        except (ssl.SSLError, OSError) as e:
            print("refused:", getattr(e, "reason", None) or e)
            return
        if data or self.end == "notify":
            raise Failed("not refused")
        print("refused:", self.end)

    def client_hello(self):
        self.server = False
        self.wrap()
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        return self.out.read()

    def do_save_hello(self, arg):
        with open(arg, "wb") as f:
            f.write(self.client_hello())

    def do_drip_hello(self, arg):
        try:
            for byte in self.client_hello():
                if self.ready(left=int(arg) / 1000) and not self.recv_raw():
                    print("cut")
                    return
                self.send_raw(bytes([byte]))
        except OSError:
            print("cut")
            return
        raise Failed("not cut")

    def do_facts(self, arg):
        cert = self.tls.getpeercert() or {}
        names = [value for part in cert.get("subject", ())
                 for key, value in part if key == "commonName"]
        print("version %s cipher %s alpn %s sni %s peer %s" % (
            self.tls.version(), self.tls.cipher()[0],
            self.tls.selected_alpn_protocol(), self.sni,
            names[0] if names else None))

    # ---- Data --------------------------------------------------------------

    def took(self, data):
        self.got += data
        self.count += len(data)

    def write(self, data):
        for at in range(0, len(data), PIECE):
            self.tls.write(data[at:at + PIECE])
            self.flush()

    def read(self):
        """Returns b"" at the end, whose kind is self.end then."""
        while True:
            try:
                data = self.tls.read(PIECE)
                if not data:
                    self.end = "notify"
                return data
            except ssl.SSLWantReadError:
                self.flush()
                self.feed()
            except ssl.SSLZeroReturnError:
                self.end = "notify"
                return b""
            except ssl.SSLError as e:
                if not bare_end(e):
                    raise
                self.end = self.end or "fin"
                return b""

    def recv_to(self, *ends):
        while True:
            data = self.read()
            if not data:
                break
            self.took(data)
        if self.end not in ends:
            raise Failed("the end is by " + self.end)

    def do_send(self, arg):
        self.write(text_of(arg))

    def do_send_file(self, arg):
        with open(arg, "rb") as f:
            self.write(f.read())

    def do_fill(self, arg):
        self.write(b"x" * int(arg))

    def do_half_record(self, arg):
        self.tls.write(text_of(arg))
        data = self.out.read()
        self.send_raw(data[:len(data) // 2])

    def do_recv(self, arg):
        self.need(lambda: len(self.got) >= int(arg))

    def do_until(self, arg):
        self.need(lambda: text_of(arg) in self.got)

    def need(self, enough):
        while not enough():
            data = self.read()
            if not data:
                raise Failed("the end after %r" % self.got[-200:])
            self.took(data)

    def do_recv_notify(self, arg):
        self.recv_to("notify")

    def do_recv_fin(self, arg):
        self.recv_to("fin", "rst")

    def do_recv_end(self, arg):
        try:
            self.recv_to("notify", "fin", "rst")
        except (ssl.SSLError, OSError) as e:
            print("end:", getattr(e, "reason", None) or e)

    def do_quiet_ms(self, arg):
        until = time.monotonic() + int(arg) / 1000
        while True:
            if self.tls is not None:
                try:
                    data = self.tls.read(PIECE)
                    raise Failed("not quiet: %r" % data)
                except ssl.SSLWantReadError:
                    pass
            left = until - time.monotonic()
            if left <= 0 or not self.ready(left=left):
                return
            if self.tls is None:
                raise Failed("not quiet: %r" % self.recv_raw())
            self.feed()

    def do_expect(self, arg):
        if self.got != text_of(arg):
            raise Failed("got %r" % self.got[:2000])
        self.got = bytearray()

    def do_expect_file(self, arg):
        with open(arg, "rb") as f:
            want = f.read()
        if self.got != want:
            raise Failed("got %d bytes, not these %d" %
                         (len(self.got), len(want)))
        self.got = bytearray()

    def do_save(self, arg):
        with open(arg, "wb") as f:
            f.write(self.got)
        self.got = bytearray()

    def do_print(self, arg):
        sys.stdout.write(self.got.decode("latin-1"))
        self.got = bytearray()

    def do_lacks_raw(self, arg):
        if text_of(arg) in self.raw:
            raise Failed("it came")

    def do_count(self, arg):
        print("count", self.count)

    def do_swap(self, arg):
        source, target = arg.split(":")
        with open(source, "rb") as f:
            data = f.read()
        with open(target, "wb") as f:
            self.swap(memoryview(data), f)

    def swap(self, data, target):
        wire, at, ended = b"", 0, False
        while not ended or at <= len(data) or wire:
            if not wire and at < len(data):
                at += self.tls.write(data[at:at + PIECE])
                wire = self.out.read()
            elif not wire and at == len(data):
                # close_notify after the last byte; at is one further then
                at += 1
                if not self.inc.pending:
                    self.shut()
                wire = self.out.read()
            readable, writable, _ = select.select(
                [] if ended else [self.sock],
                [self.sock] if wire else [], [], self.left())
            if not readable and not writable:
                raise Failed("too late")
            if writable:
                wire = wire[self.sock.send(wire):]
            if readable:
                self.feed()
                ended = self.drain(target)
                wire += self.out.read()
        if self.end != "notify":
            raise Failed("the end is by " + self.end)

    def drain(self, target):
        while True:
            try:
                data = self.tls.read(PIECE)
            except ssl.SSLWantReadError:
                return False
            except ssl.SSLZeroReturnError:
                data = b""
            except ssl.SSLError as e:
                if not bare_end(e):
                    raise
                return True
            if not data:
                self.end = "notify"
                return True
            self.count += len(data)
            target.write(data)

    def shut(self):
        # A close_notify must not meet data that came and was not read.
        try:
            while True:
                data = self.tls.read(PIECE)
                if not data:
                    break
                self.took(data)
        except ssl.SSLError:
            pass
        try:
            self.tls.unwrap()
        except ssl.SSLWantReadError:
            pass

    def do_notify(self, arg):
        self.shut()
        self.flush()

    # ---- Waits -------------------------------------------------------------

    def do_deadline_ms(self, arg):
        self.until = time.monotonic() + int(arg) / 1000

    def do_sleep_ms(self, arg):
        time.sleep(int(arg) / 1000)

    def do_touch(self, arg):
        open(arg, "w").close()

    def do_await(self, arg):
        while not os.path.exists(arg):
            self.left()
            time.sleep(0.01)

    def do(self, word):
        name, _, arg = word.partition(":")
        if name in ("cert", "ca", "name", "alpn", "min", "max", "ciphers"):
            self.rule(name, arg)
            return
        action = getattr(self, "do_" + name.replace("-", "_"), None)
        if action is None:
            raise Failed("there is no such word")
        action(arg)


def main():
    peer = Peer()
    for word in sys.argv[1:]:
        try:
            peer.do(word)
            sys.stdout.flush()
        except (Failed, OSError, ValueError) as e:
            print("test tool: tlspeer: %s: %s" % (word[:100], e),
                  file=sys.stderr)
            sys.exit(2)


main()
