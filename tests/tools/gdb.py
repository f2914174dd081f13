"""gdb commands that print the objects of sockcat.

	gdb -x tests/tools/gdb.py --args ./sockcat ...

	sockcat-flow EXPR	state, cause, mover, ring, ledger, both halves
	sockcat-session EXPR	how it ends, its dates, both flows; EXPR may
				also be one of its two flows
	sockcat-half EXPR	half of an endpoint: descriptor, flags
	sockcat-relay EXPR	of --forward: its conn, both sockets, both
				directions with their flows; EXPR may also be
				its conn
	sockcat-show EXPR	any other structure: conn, hub_member, hub, ...

EXPR is a structure or a pointer to one. Members that are 0, false or NULL
are left out; a member of type int64_t is a time in ns and is printed in
seconds, dates relative to now. The names of enum values are gdb's own. A
member that is named here and that the program does not have is an error.
"""
import time

import gdb

DAY = 24 * 3600 * 10 ** 9
MEMBERS_PER_LINE = 4


def plain(value):
    """Follows pointers and removes typedefs: the structure, or None."""
    while value.type.strip_typedefs().code == gdb.TYPE_CODE_PTR:
        if int(value) == 0:
            return None
        value = value.dereference()
    return value


def tag_of(value):
    return value.type.strip_typedefs().tag


def member(value, path):
    """The member of a structure; path has dots between nested names."""
    for name in path.split("."):
        value = plain(value)
        try:
            value = value[name]
        except gdb.error:
            raise gdb.GdbError(
                "struct %s has no member %s: tests/tools/gdb.py does not "
                "belong to this program" % (tag_of(value), name))
    return value


def text(value):
    """A char * as text; None for NULL."""
    return value.string(errors="replace") if int(value) != 0 else None


class Clock:
    """Knows the time: that of the loop's turn, or else the system's."""

    def __init__(self, value):
        self.now = 0
        try:
            self.now = int(plain(plain(value)["loop"])["now"])
        except (gdb.error, TypeError):
            pass
        if self.now == 0:
            self.now = time.monotonic_ns()

    def show(self, ns):
        """A value near to now is a date, any other one a duration."""
        if abs(ns - self.now) < min(DAY, self.now // 2):
            return "%+.3f s from now" % ((ns - self.now) / 1e9)
        return "%.3f s" % (ns / 1e9) if ns > 0 else str(ns)


def scalar(value, clock):
    """How a member's value is printed; None if it is not worth printing."""
    kind = value.type.strip_typedefs()
    if kind.code in (gdb.TYPE_CODE_BOOL, gdb.TYPE_CODE_ENUM):
        return str(value) if int(value) != 0 else None
    if kind.code == gdb.TYPE_CODE_INT:
        if int(value) == 0:
            return None
        if value.type.name in ("int64_t", "__int64_t"):
            return clock.show(int(value))
        return str(int(value))
    if kind.code == gdb.TYPE_CODE_PTR:
        target = kind.target().strip_typedefs()
        if target.code == gdb.TYPE_CODE_INT and target.sizeof == 1:
            said = text(value)
            return None if said is None else '"%s"' % said
    return None


def members(value, clock, but=()):
    """"name VALUE" of each scalar member, and of nested structures."""
    for field in value.type.strip_typedefs().fields():
        if field.name is None or field.name in but:
            continue
        inner = value[field.name]
        if inner.type.strip_typedefs().code == gdb.TYPE_CODE_STRUCT:
            for line in members(inner, clock):
                yield "%s.%s" % (field.name, line)
            continue
        shown = scalar(inner, clock)
        if shown == "true":
            yield field.name
        elif shown is not None:
            yield "%s %s" % (field.name, shown)


def lines_of(value, clock, but=()):
    found = list(members(value, clock, but))
    for i in range(0, len(found), MEMBERS_PER_LINE):
        yield ", ".join(found[i:i + MEMBERS_PER_LINE])


def show(value, clock):
    """Any structure."""
    yield "struct %s" % tag_of(value)
    for line in lines_of(value, clock):
        yield "  " + line


def show_ring(ring):
    return "%d of %d bytes" % (int(member(ring, "used")),
                               int(member(ring, "cap")))


def show_half(half, clock):
    if half is None:
        yield "none"
        return
    half = plain(half)
    fd = plain(member(half, "fd"))
    where = "no descriptor"
    if fd is not None:
        where = "fd %d %s %s" % (int(member(fd, "num")), member(fd, "kind"),
                                 member(fd, "way"))
    yield "%s, %s" % (text(member(half, "name")) or "no name", where)
    for line in lines_of(half, clock, ("name",)):
        yield "  " + line


def show_flow(flow, clock):
    read, made, written, lost, dropped = (
        int(member(flow, "ledger." + name))
        for name in ("read", "made", "written", "lost", "dropped"))
    held = int(member(flow, "ring.used")) + int(member(flow, "pipe_held"))
    mover = plain(member(flow, "mover"))
    yield "flow %s: %s %s %s" % (text(member(flow, "name")),
                                 member(flow, "state"),
                                 member(flow, "cause"),
                                 member(flow, "wait"))
    yield "  mover %s, ring %s, kernel pipe %d bytes" % (
        "none" if mover is None else text(member(mover, "name")),
        show_ring(member(flow, "ring")), int(member(flow, "pipe_held")))
    yield "  ledger read %d made %d = written %d + held %d + lost %d%s%s" % (
        read, made, written, held, lost,
        " + dropped %d" % dropped if dropped else "",
        "" if made == written + held + lost + dropped
        else " (DOES NOT ADD UP)")
    for line in lines_of(flow, clock,
                         ("name", "state", "cause", "wait", "ring",
                          "pipe_held", "ledger")):
        yield "  " + line
    for end in "src", "dst":
        for i, line in enumerate(show_half(plain(member(flow, end)), clock)):
            yield "  %s %s" % (end if i == 0 else "   ", line)


def session_of(flow):
    """The session of which the flow is a member."""
    session = gdb.lookup_type("struct session")
    name = text(member(flow, "name"))
    for field in session.fields():
        if field.name == name:
            place = int(flow.address) - field.bitpos // 8
            return gdb.Value(place).cast(session.pointer()).dereference()
    raise gdb.GdbError("the flow %s is not of a session" % name)


def show_session(session, clock):
    yield "session: %s" % member(session, "end")
    for line in lines_of(session, clock,
                         ("end", "up", "down", "timer", "finished")):
        yield "  " + line
    for name in "up", "down":
        for line in show_flow(member(session, name), clock):
            yield "  " + line


def relay_of(conn):
    """The relay of which the conn is the first member."""
    relay = gdb.lookup_type("struct relay").pointer()
    return conn.address.cast(relay).dereference()


def show_way(name, way, clock):
    """A direction of a relay, which has a flow only while bytes move."""
    flow = plain(member(way, "flow"))
    yield "%s: %s" % (name, "no flow" if flow is None else "has a flow")
    for line in lines_of(way, clock, ("name",)):
        yield "  " + line
    if flow is not None:
        for line in show_flow(flow, clock):
            yield "  " + line


def show_relay(relay, clock):
    yield "relay: %s" % member(relay, "conn.state")
    for line in lines_of(relay, clock, ("conn", "target", "there", "back")):
        yield "  " + line
    for name, end in ("client", "conn.ep.in"), ("target", "target.in"):
        for i, line in enumerate(show_half(member(relay, end), clock)):
            yield "  %s %s" % (name if i == 0 else "      ", line)
    for name in "there", "back":
        for line in show_way(name, member(relay, name), clock):
            yield "  " + line


class Show(gdb.Command):
    """Prints a structure of sockcat: see the head of tests/tools/gdb.py."""

    def __init__(self, name, tag=None, function=show):
        super().__init__(name, gdb.COMMAND_DATA, gdb.COMPLETE_EXPRESSION)
        self.name, self.tag, self.function = name, tag, function

    def invoke(self, argument, from_tty):
        if not argument:
            raise gdb.GdbError("usage: %s EXPR" % self.name)
        value = plain(gdb.parse_and_eval(argument))
        if value is None:
            raise gdb.GdbError("%s is NULL" % argument)
        if self.tag == "session" and tag_of(value) == "flow":
            value = session_of(value)
        if self.tag == "relay" and tag_of(value) == "conn":
            value = relay_of(value)
        if tag_of(value) is None or self.tag not in (None, tag_of(value)):
            raise gdb.GdbError("%s is %s, not struct %s" % (
                argument, value.type, self.tag or "TAG"))
        for line in self.function(value, Clock(value)):
            gdb.write(line + "\n")


Show("sockcat-flow", "flow", show_flow)
Show("sockcat-half", "half", show_half)
Show("sockcat-relay", "relay", show_relay)
Show("sockcat-session", "session", show_session)
Show("sockcat-show")
