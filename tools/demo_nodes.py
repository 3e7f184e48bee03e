"""What tools/demo-day runs: a centre, its streets and the line of the first one, as processes on loopback."""
import concurrent.futures
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid

GRIDLINE = os.environ["GRIDLINE"]
HOST, PROXY = "127.0.0.1", "127.0.0.2"
PATIENCE = 60  # seconds that any wait may take
CENTRE = "320507"  # the centre's unit


def say(text):
    print(text, flush=True)


def check(holds, otherwise):
    """Ends the demo when something is not as it has to be."""
    if not holds:
        sys.exit("FAILED: " + otherwise)


def wait(what, holds):
    deadline = time.monotonic() + PATIENCE
    while not holds():
        check(time.monotonic() < deadline, f"waited {PATIENCE} s for {what}")
        time.sleep(0.05)


def many(work, items):
    """Runs `work` over `items` on a few threads, as a few clerks would."""
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        return list(pool.map(work, items))


def gridline(*arguments):
    done = subprocess.run([GRIDLINE, *arguments], text=True, capture_output=True)
    check(done.returncode == 0, f"gridline {' '.join(arguments)} exits {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def events(folder):
    """Every event of a node's log, as `gridline export` prints it."""
    return [json.loads(line) for line in gridline("export", folder, "--events").splitlines()]


def is_free(port):
    for host in (HOST, PROXY):
        with socket.socket() as probe:
            try:
                probe.bind((host, port))
            except OSError:
                return False
    return True


def free_ports(count):
    """Ports that are free now on both loopback addresses."""
    sockets, ports = [], []
    while len(ports) < count:
        first = socket.socket()
        first.bind((HOST, 0))
        port = first.getsockname()[1]
        second = socket.socket()
        try:
            second.bind((PROXY, port))
            ports.append(port)
        except OSError:
            pass
        sockets += [first, second]
    for one in sockets:
        one.close()
    return ports


def row_of_ports(count):
    while True:
        first = free_ports(1)[0]
        if first + count < 65536 and all(is_free(first + place) for place in range(count)):
            return first


class Node:
    def __init__(self, folder, name, area, port):
        self.folder, self.name, self.area, self.port = os.path.join(folder, name), name, area, port
        self.process = None
        self.token = ""

    def start(self):
        with open(self.folder + ".talk", "ab") as talk:
            # In a session of its own: Ctrl-C is for the demo, which stops its nodes in its own order.
            self.process = subprocess.Popen([GRIDLINE, "serve", self.folder], stderr=talk, start_new_session=True)
        with open(os.path.join(self.folder, "keys", "token")) as text:
            self.token = text.read().strip()
        wait(f"{self.name} to serve", lambda: self.process.poll() is not None or self.is_ready())
        if self.process.poll() is not None:
            with open(self.folder + ".talk") as talk:
                sys.exit(f"{self.name} did not start:\n" + talk.read())

    def is_ready(self):
        try:
            return self.call("GET", "/readyz")[0] == 200
        except OSError:
            return False

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=PATIENCE)

    def end(self):
        """Stops it for certain."""
        try:
            self.stop()
        except subprocess.TimeoutExpired:
            say(f"{self.name} did not stop within {PATIENCE} s and is killed")
            self.process.kill()
            self.process.wait()

    def call(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(HOST, self.port, timeout=30)
        try:
            connection.request(method, path, body, {"Authorization": f"Bearer {self.token}"} | (headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def get(self, path):
        return json.loads(self.call("GET", path)[1])

    def status(self):
        return self.get("/api/v1/status")

    def upload(self, content):
        """A photograph; returns its SHA-256, or ends the demo with the node's own words."""
        status, answer = self.call("POST", "/api/v1/blobs", content, {"Content-Type": "image/jpeg"})
        parsed = json.loads(answer)
        check(status == 201, f"{self.name} photograph: {parsed.get('title')} — {parsed.get('detail')}")
        return parsed["sha256"]

    def tickets(self, *statuses, limit=500):
        found, cursor = [], None
        query = "&".join(f"status={s}" for s in statuses)
        while True:
            page = self.get(f"/api/v1/tickets?limit={limit}&{query}" + (f"&cursor={cursor}" if cursor else ""))
            found += page["items"]
            cursor = page.get("next")
            if not cursor:
                return found

    def history(self, ticket):
        """The ids of a ticket's events that are here, in their order; empty for a ticket that is not."""
        status, answer = self.call("GET", path_of(ticket))
        return [line["event"] for line in json.loads(answer)["history"]] if status == 200 else []

    def do(self, ticket, kind, body, account="wang", role="agent", unit=CENTRE, person=None):
        """One command; returns the answer and its key as `command`, or ends the demo with the node's own words."""
        members = {"body": body} | ({"person": person} if person else {})
        path = "/api/v1/tickets" if ticket is None else f"{path_of(ticket)}/{kind}"
        status, answer = self.ask(path, members, account, role, unit)
        check(status in (200, 201), f"{self.name} {kind} {ticket}: {answer.get('title')} — {answer.get('detail')}")
        return answer

    def work(self, ticket, kind, body):
        """One command of this street's clerk."""
        return self.do(ticket, kind, body, "li", "clerk", self.area)

    def give(self, ticket, kind, street, note="按属地派单"):
        """One command of the centre's dispatcher: the unit leads the ticket, and the territory says which node that is."""
        body = {"lead": street.area, "helpers": []} | ({"note": note} if kind == "reassigned" else {})
        return self.do(ticket, kind, body, "zhao", "dispatcher")

    def reveal(self, ticket, reason):
        """What a look at a ticket's caller shows; returns the HTTP status and the first item, or the problem."""
        role = "agent" if self.area == CENTRE else "clerk"
        status, answer = self.ask(path_of(ticket) + "/reveal", {"reason": reason}, "li", role, self.area)
        return status, answer["items"][0] if status == 200 else answer

    def ask(self, path, members, account, role, unit):
        key = str(uuid.uuid4())
        content = json.dumps({"actor": {"account": account, "role": role, "unit": unit}} | members)
        status, answer = self.call("POST", path, content, {"Idempotency-Key": key})
        return status, json.loads(answer) | {"command": key}


def path_of(ticket):
    return "/api/v1/tickets/" + ticket.split("/")[1]


class Line:
    """The TCP line of one street, which can be cut and slowed."""

    def __init__(self, ports):
        tool = os.path.join(os.path.dirname(os.path.abspath(__file__)), "chaos-proxy")
        self.process = subprocess.Popen(
            [tool, "--listen", PROXY, "--to", HOST, "--ports", ",".join(map(str, ports))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
        self.expect()

    def expect(self):
        answer = self.process.stdout.readline().strip()
        check(answer == "ok", f"the proxy answers {answer or 'nothing'}")

    def say(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        self.expect()

    def end(self):
        self.process.kill()
        self.process.wait()


class Town:
    """A centre and streets of the shipped territory, under the ids that it names; the first street's line is a proxy's."""

    def __init__(self, folder, count):
        self.folder = folder
        units = json.loads(gridline("rules", "presets", "territory-xiangcheng"))["units"]
        named = [unit for unit in units if unit.get("node") and unit.get("parent") == CENTRE][:count]
        self.router, self.enrol, *https = free_ports(3 + count)
        self.publish = row_of_ports(count + 1)
        self.centre = Node(folder, "centre", CENTRE, https[0])
        self.streets = [Node(folder, unit["node"], unit["code"], port) for unit, port in zip(named, https[1:])]
        self.line = None
        gridline("init", self.centre.folder, "--node", "centre", "--area", CENTRE,
                 "--replication", f"{HOST}:{self.router}", "--publish-from", str(self.publish),
                 "--enrol-port", str(self.enrol), "--http", f"{HOST}:{self.centre.port}")

    @property
    def nodes(self):
        return [self.centre, *self.streets]

    def begin(self):
        self.line = Line([self.router, self.enrol] + [self.publish + place for place in range(len(self.streets) + 1)])
        self.centre.start()
        for street in self.streets:
            self.let_in(street)
        wait("the streets to be linked", lambda: all(street.status()["linked"] for street in self.streets))
        wait("the centre's views", lambda: self.are_views_there(self.centre))

    def let_in(self, street):
        """Makes a street's folder with an invitation of the running centre, and starts it."""
        host = PROXY if street is self.streets[0] else HOST
        invitation = gridline("nodes", "invite", self.centre.folder, "--node", street.name, "--area", street.area,
                              "--address", f"{host}:{self.router}")
        gridline("enroll", street.folder, "--with", invitation, "--http", f"{HOST}:{street.port}")
        street.start()

    def are_views_there(self, node):
        status = node.status()
        return status["viewPosition"] == status["position"]

    def is_in_step(self):
        # A street learns with the next hint how far the centre's feed goes, the centre knows how far the street is: asked last, of
        # the log as it is then.
        if not all(s["linked"] and s["outbox"] == 0 and s["lag"] == 0 for s in (n.status() for n in self.streets)):
            return False
        centre = self.centre.status()
        return centre.get("peersAt") == centre["position"] and all(peer["behind"] == 0 for peer in centre["peers"]) \
            and all(self.are_views_there(node) for node in self.nodes)

    def show(self):
        width = max(len(node.name) for node in self.nodes)
        for node in self.nodes:
            s = node.status()
            say(f"  {node.name:{width}} position {s['position']:6}  linked {str(s['linked']):5}  outbox {s['outbox']:5}  "
                f"lag {s['lag']:5}  conflicts {s['conflicts']:3}  alarms {len(s['alarms'])}")

    def end(self):
        for node in self.nodes:
            node.end()
        if self.line:
            self.line.end()
