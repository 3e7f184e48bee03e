"""What happens on the demo's day, act by act: each says what happened and what was looked at, and ends the demo if it was not so."""
import shutil
import time

from demo_nodes import CENTRE, check, events, gridline, many, path_of, say, wait

NAMES = ["王芳", "李娜", "张伟", "刘洋", "陈静", "杨帆", "赵敏", "黄磊"]


class Deal:
    """Who has which ticket: imported ones and new ones, by street, and the caller of each new one."""

    def __init__(self, town):
        self.tickets = {street.name: [] for street in town.streets}
        self.callers = {}

    def callers_of(self, street):
        return [ticket for ticket in self.tickets[street.name] if ticket in self.callers]


def register(town, street, deal, number, matter):
    """A call comes in at the centre, and its ticket goes to a street."""
    centre, name = town.centre, NAMES[number % len(NAMES)]
    body = {"channel": "hotline", "kind": "help", "urgency": "ordinary", "matter": matter, "category": ["市容环境", "道路照明"]}
    ticket = centre.do(None, "registered", body, person={"name": name, "phone": f"139{number:08}"})["ticket"]
    centre.do(ticket, "queuedForDispatch", {})
    answer = centre.give(ticket, "dispatched", street)
    deal.callers[ticket] = name
    return ticket, answer


def morning(town, count):
    """Deals imported tickets that are open out to the streets, registers and dispatches new ones."""
    centre, streets, deal = town.centre, town.streets, Deal(town)
    started = time.monotonic()
    imported = [(t["ticket"], t["status"]) for t in centre.tickets("dispatched", "inHand", "registered")][:count]
    check(imported, "none of the imported tickets is open, so that none could be dealt out")

    def hand_out(job):
        ticket, status = job
        street = streets[int(ticket[-4:], 16) % len(streets)]
        if status == "registered":
            centre.do(ticket, "queuedForDispatch", {})
        centre.give(ticket, "dispatched" if status == "registered" else "reassigned", street)
        return street, ticket

    def take(place):
        street = streets[place % len(streets)]
        matter = f"第 {place + 1} 件来电：小区门口路灯不亮，夜间出行不便"
        return street, register(town, street, deal, place, matter)[0]

    for street, ticket in many(hand_out, imported) + many(take, range(200)):
        deal.tickets[street.name].append(ticket)
    wait("the streets to have their tickets", town.is_in_step)
    say(f"morning: {len(imported)} imported tickets that were open and 200 new ones dealt out to {len(streets)} streets "
        f"in {time.monotonic() - started:.1f} s")
    for street in streets:
        wait(f"{street.name} to have the keys of its callers",
             lambda: sees(street, deal.callers_of(street)[-1], deal, "来电核实"))
    town.show()
    return deal


def sees(node, ticket, deal, reason):
    """Whether a node shows a ticket's caller."""
    status, item = node.reveal(ticket, reason)
    return status == 200 and item.get("values", {}).get("person", {}).get("name") == deal.callers[ticket]


def moves(town, deal):
    """Tickets that go from street to street, for good and back again."""
    first, second = town.streets[:2]
    centre = town.centre
    tickets = [deal.tickets[first.name].pop() for _ in range(20)]
    many(lambda t: first.work(t, "signed", {}), tickets)
    wait("the signatures at the centre", town.is_in_step)
    many(lambda t: centre.give(t, "reassigned", second, note="跨界，改派"), tickets)
    wait("the other street to have the tickets", town.is_in_step)
    many(lambda t: second.work(t, "progressNoted", {"text": "已到现场"}), tickets)
    wait("the other street's work at the centre", town.is_in_step)
    went, back = tickets[:10], tickets[10:]
    stubs = 0
    for ticket in tickets:
        wait(f"{second.name} to have the whole history of {ticket}", lambda: second.history(ticket) == centre.history(ticket))
        whole, here = centre.history(ticket), first.history(ticket)
        check(here and set(here) < set(whole), f"{first.name} has {len(here)} of {len(whole)} events of {ticket}, which left it")
        stubs += len(whole) - len(here)
    say(f"moves: 20 tickets went from {first.name} to {second.name}: there with their whole history, here without the "
        f"{stubs} events that came after")
    many(lambda t: centre.give(t, "reassigned", first, note="核实后仍属原街道"), back)
    wait("the first street to have its tickets back", town.is_in_step)
    many(lambda t: first.work(t, "progressNoted", {"text": "继续办理"}), back)
    for ticket in back:
        wait(f"{first.name} and the centre to have the same of {ticket}", lambda: first.history(ticket) == centre.history(ticket))
        whole, there = centre.history(ticket), second.history(ticket)
        check(there and set(there) < set(whole), f"{second.name} has {len(there)} of {len(whole)} events of {ticket}, which left it")
        lead = first.get(path_of(ticket))["lead"]
        check(lead == first.area, f"{ticket} is {lead}'s at {first.name}, and {first.area} has it")
    deal.tickets[first.name] += back
    deal.tickets[second.name] += went
    say(f"moves: 10 of them came back with what {second.name} had done meanwhile, and what happens now stays out of there")


def slow(town, deal):
    """A line of 8 kB a second: slow is not lost."""
    street, centre = town.streets[0], town.centre
    town.line.say("rate 8000")
    town.line.say("delay 150 50")
    # Numbers make each text another, so that little of it is compressed away.
    matter = "夜间施工扰民，附近居民多次反映：" + "；".join(f"{hash((place, 7)) % 10**9:09}" for place in range(40))
    before, new, took = street.status()["position"], [], []
    for place in range(12):
        started = time.monotonic()
        ticket = register(town, street, deal, 300 + place, f"{place}。{matter}")[0]
        wait(f"{ticket} at {street.name}", lambda: street.history(ticket) == centre.history(ticket))
        took.append(time.monotonic() - started)
        check(street.status()["linked"], f"{street.name} took its slow line for lost")
        new.append(ticket)
    started = time.monotonic()
    own = street.work(new[0], "signed", {})["version"]
    wait("its own work at the centre", lambda: len(centre.history(new[0])) >= own)
    status = street.status()
    say(f"slow link: at 8 kB/s and 150-200 ms late, 12 tickets went to {street.name}, each there after {min(took):.1f} to {max(took):.1f} s; "
        f"its position went from {before} to {status['position']}, it is {'linked' if status['linked'] else 'not linked'}; "
        f"its signature was at the centre after {time.monotonic() - started:.1f} s")
    check(status["linked"] and status["position"] > before, f"{street.name} made no progress over its slow line")
    town.line.say("heal")
    wait("both sides to be in step again", town.is_in_step)
    wait(f"{street.name} to have the keys of its callers", lambda: all(sees(street, t, deal, "来电核实") for t in new))
    deal.tickets[street.name] += new


def handle(street, tickets):
    """What clerks do: sign, contact, reply with a photograph."""
    def one(ticket):
        street.work(ticket, "signed", {})
        street.work(ticket, "firstContactMade", {"way": "phone"})
        # The first bytes of a JPEG, and what makes each another.
        photograph = street.upload(b"\xff\xd8\xff\xe0" + f"demo photograph of {ticket}".encode() * 400)
        street.work(ticket, "replySubmitted", {
            "text": "已联系来电人，现场核实并处理完毕", "kind": "solved", "fact": "属实", "demand": "合理",
            "evidence": [{"sha256": photograph, "kind": "after"}],
            "callerTold": {"way": "phone", "at": int(time.time() * 1000)}})
    many(one, tickets)


def cut(town, deal):
    """A line that is down for a while: both sides go on, and agree when it is back."""
    first, second = town.streets[:2]
    centre = town.centre
    started = time.monotonic()
    town.line.say("cut")
    say(f"the line of {first.name} is cut; both sides go on")
    mine = deal.tickets[first.name]
    moved = mine[:20]
    many(lambda t: centre.give(t, "reassigned", second, note="街道失联，改派"), moved)
    for street in town.streets:
        tickets = deal.tickets[street.name]
        handle(street, tickets[:len(tickets) // 2])
    # A line without a word may only be slow: a street takes it for lost after 20 s.
    wait(f"{first.name} to take its line for lost", lambda: not first.status()["linked"])
    say(f"{first.name} took its line for lost within {time.monotonic() - started:.1f} s")
    own, other = deal.callers_of(first)[-1], deal.callers_of(second)[0]
    reason = "断线期间回访来电人"
    check(sees(first, own, deal, reason), f"{first.name} does not show the caller of its own ticket {own}")
    status, refusal = first.reveal(other, reason)
    check(status == 404, f"{first.name} answers {status} when asked for the caller of another street's ticket {other}")
    say(f"{first.name} shows who called about its own ticket, {deal.callers[own]}, with the look on its disk; of {second.name}'s "
        f"ticket it says: {refusal['title']}")
    check(first.status()["outbox"] > 0, f"{first.name} worked behind the cut line, and nothing waits in its outbox")
    town.show()
    before = first.status()["outbox"]

    started = time.monotonic()
    town.line.say("heal")
    wait(f"{first.name} to catch up", town.is_in_step)
    say(f"the line is back: {before} events of {first.name} reached the centre, all in step after {time.monotonic() - started:.1f} s")
    looks = [e for e in events(centre.folder) if e["type"] == "identity.revealed" and e["body"]["reason"] == reason]
    check([e["body"]["ticket"] for e in looks] == [own] and looks[0]["id"].startswith(first.name + "."),
          f"the centre has {len(looks)} looks for the reason {reason}, and one of {first.name} at {own} was to come")
    say(f"the centre has the look: {looks[0]['actor']['account']} of {looks[0]['actor']['unit']}, {reason}")
    town.show()
    conflicts = centre.status()["conflicts"]
    say(f"conflicts for the dispatcher: {conflicts} ({first.name} worked on {len(moved)} tickets that the centre moved meanwhile)")
    check(conflicts > 0, f"no conflict was raised, though {first.name} worked on tickets that had moved")
    # Their new street has them by now.
    deal.tickets[first.name] = mine[20:]
    deal.tickets[second.name] += moved


def lost(town, deal):
    """A laptop is stolen: its node is revoked and goes on for a while, then a new one takes its place.

    Returns the commands that the revoked node took, which nobody else may ever have.
    """
    street, centre = town.streets[-1], town.centre
    had = {e["id"] for e in events(street.folder) if e["stream"].startswith("ticket/")}
    last = deal.tickets[street.name][-1]
    said = centre.do(last, "urged", {"text": "请尽快办理"})["version"]
    wait("the urge at the street", lambda: len(street.history(last)) >= said)
    gridline("nodes", "revoke", centre.folder, "--node", street.name, "--reason", "电脑遗失")
    ticket, answer = register(town, street, deal, 400, "电脑遗失后的来电：窨井盖缺失")
    check(answer.get("notices"), "a dispatch to a unit whose node is revoked says nothing of it")
    say(f"the laptop of {street.name} was stolen, and its node is revoked; a dispatch there says: {answer['notices'][0]}")
    unsent = [street.work(last, "progressNoted", {"text": f"被盗电脑上的记录 {place}"})["command"] for place in range(5)]
    # Another street gets all of its own: by then whatever was to come here would have come.
    other = deal.tickets[town.streets[0].name][-1]
    for place in range(20):
        centre.do(last, "urged", {"text": f"第 {place + 1} 次催办"})
        said = centre.do(other, "urged", {"text": f"第 {place + 1} 次催办"})["version"]
    wait("the urges at another street", lambda: len(town.streets[0].history(other)) >= said)
    urges = [line for line in street.get(path_of(last))["history"] if line["type"] == "ticket.urged"]
    check(len(urges) == 1 and not street.history(ticket), f"{street.name} is revoked, and has {len(urges)} urges, and {ticket} or not")
    taken = {e["command"] for e in events(centre.folder)}
    check(not taken & set(unsent), f"the centre took what {street.name} wrote after it was revoked")
    outbox = street.status()["outbox"]
    check(outbox >= len(unsent), f"{street.name} is revoked, and its outbox is {outbox}")
    say(f"its feed stopped at once: 20 urges reached {town.streets[0].name} and none came here; what was written here since waits "
        f"in its outbox, {outbox} events, and the centre has none")

    street.stop()
    shutil.rmtree(street.folder)
    started = time.monotonic()
    town.let_in(street)
    wait(f"the new {street.name} to have its feed", town.is_in_step)
    has = {e["id"] for e in events(street.folder) if e["stream"].startswith("ticket/")}
    check(had <= has, f"{len(had - has)} of {len(had)} events of tickets that the lost {street.name} had are not at the new one")
    fed = time.monotonic() - started
    wait("the photographs at the new laptop", lambda: street.status()["blobs"]["missing"] == 0)
    say(f"a new laptop takes its place: the {len(had)} events of tickets that the lost one had are all there after {fed:.1f} s, "
        f"their photographs after {time.monotonic() - started:.1f} s")
    centre.give(ticket, "reassigned", street, note="新电脑已就位")
    wait("the ticket that came meanwhile at the new laptop", lambda: street.history(ticket) and town.is_in_step())
    wait("the callers' keys at the new laptop", lambda: sees(street, ticket, deal, "回访来电人"))
    street.work(ticket, "signed", {})
    wait(f"the work of the new {street.name} at the centre", town.is_in_step)
    say(f"what came in meanwhile is there as well, with its caller, {deal.callers[ticket]}, and signed")
    deal.tickets[street.name].append(ticket)
    return unsent


def finish(town, never):
    """Stops all nodes, looks at each log and each view, and compares them."""
    centre, streets = town.centre, town.streets
    for node in town.nodes:
        node.stop()
        check(node.process.returncode == 0, f"{node.name} stops with {node.process.returncode}; see {node.folder}.talk")
    for node in town.nodes:
        say(f"{node.name}: " + gridline("verify", node.folder).splitlines()[0])
    for street in streets:
        certificate = street.folder + ".certificate"
        with open(certificate, "w") as out:
            out.write(gridline("verify", street.folder, "--json"))
        gridline("verify", centre.folder, "--against", certificate)
    say(f"centre has published what {', '.join(street.name for street in streets)} have applied")
    width = max(len(node.name) for node in town.nodes)
    for node in town.nodes:
        rows = gridline("replay", node.folder).splitlines()
        check(len(rows) > 1 and rows[1].endswith("equal"), f"{node.name} replays to something else than was live: {rows}")
        say(f"{node.name:{width}} {rows[1]} to a replay")
    for street in streets:
        say(gridline("compare", centre.folder, street.folder))
    for node in town.nodes:
        check(not never & {e["command"] for e in events(node.folder)}, f"{node.name} has what a revoked node wrote")
    say(f"all {len(town.nodes)} logs are whole, replay to what was live, and agree on the tickets they share")
