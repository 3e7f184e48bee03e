/// What a running node says of itself (`GET /api/v1/status`), and what its alarms look at beside the loop.

import Alarms
import Events
import Foundation
import Log
import Projections
import Replication
import Rules
import Runtime
import Synchronization
import Texts

extension NodeFolder {
    /// The state as `docs/http.md` documents it.
    ///
    /// What is not known, or another kind of node's, has no member.
    static func statusJSON(
        _ status: NodeLoop.Status, in language: Language, node: NodeID, views: ViewStore, folder: String
    ) throws -> JSONObject {
        let viewed = try views.checkpoint().position
        let now = SystemClock().moment()
        var dropped = JSONObject()
        for (socket, count) in status.dropped { dropped[socket] = .integer(count) }
        var confirmed = JSONObject()
        for mark in status.confirmed { confirmed[mark.origin.description] = .integer(mark.sequence) }
        var object: JSONObject = [
            "alarmCount": .integer(status.alarmCount),
            "alarms": .array(status.alarms.map { .string(language.text($0)) }),
            "blobs": .object([
                "missing": .integer(Int64(status.blobs.missing)),
                "unconfirmed": .integer(Int64(status.blobs.unconfirmed.count)),
            ]),
            "commands": .integer(status.commands), "commits": .integer(status.commits),
            "confirmed": .object(confirmed), "conflicts": .integer(try views.openConflictCount()),
            "dropped": .object(dropped), "healed": .integer(status.healed),
            "lag": .integer(status.lag), "linked": .bool(status.isLinked), "node": .string(node.text),
            "needingUpgrade": .integer(try views.needingUpgradeCount()), "outbox": .integer(status.outbox),
            "peers": .array(status.peers.map { .object(json(of: $0, now)) }),
            "poisoned": .integer(try views.poisonedCount()),
            "position": .integer(status.head.position),
            "raised": .array(status.raised.map { .object(json(of: $0, language)) }),
            "refolds": .integer(status.refolds), "root": .string(status.head.chain.description),
            "viewPosition": .integer(viewed),
        ]
        var down = JSONObject()
        for (node, since) in status.linesDown where status.members.contains(node) {
            down[node.text] = .integer(max(0, now.wall - since))
        }
        if status.link == nil { object["linesDown"] = .object(down) }
        object["peersAt"] = status.peersAt.map(JSON.integer)
        object["link"] = status.link.map { .object(json(of: $0, now)) }
        object["rotten"] = status.rotten.map(JSON.integer)
        object["bodiesWanted"] = status.bodiesWanted > 0 ? .integer(status.bodiesWanted) : nil
        object["commitP99"] = status.commitP99.map(JSON.integer)
        // The answer names all else also while the disk cannot be asked; its alarm says why.
        object["diskFree"] = (try? diskFree(of: folder)).map(JSON.integer)
        return object
    }

    private static func json(of peer: Peer, _ now: Moment) -> JSONObject {
        var cursors = JSONObject()
        var chains = JSONObject()
        for (feed, cursor) in peer.cursors {
            cursors[feed.text] = .integer(cursor.fseq)
            chains[feed.text] = .string(cursor.chain.description)
        }
        func age(_ since: Int64?) -> JSON? { since.map { .integer(max(0, now.steady - $0)) } }
        var object: JSONObject = [
            "behind": .integer(peer.behind), "chains": .object(chains), "clockOffset": .integer(peer.clockOffset),
            "comparisons": .integer(peer.comparisons), "cursors": .object(cursors), "lost": .integer(peer.lost),
            "node": .string(peer.node.text), "outbox": .integer(peer.outbox),
        ]
        object["behindFor"] = age(peer.behindSince)
        object["credit"] = peer.credit.map { .integer(Int64($0)) }
        object["outboxFor"] = age(peer.outboxSince)
        object["sessionAge"] = age(peer.since)
        object["silence"] = age(peer.heardAt)
        return object
    }

    private static func json(of link: HubLink, _ now: Moment) -> JSONObject {
        func age(_ since: Int64?) -> JSON? { since.map { .integer(max(0, now.steady - $0)) } }
        var object: JSONObject = [
            "credit": .integer(Int64(link.credit)), "gaps": .integer(link.gaps), "live": .integer(link.live),
            "lost": .integer(link.lost), "pulled": .integer(link.pulled), "rewinds": .integer(link.rewinds),
        ]
        object["clockOffset"] = link.clockOffset.map(JSON.integer)
        object["lagFor"] = age(link.lagSince)
        object["outboxFor"] = age(link.outboxSince)
        object["sessionAge"] = age(link.sessionSince)
        object["silence"] = age(link.heardAt)
        return object
    }

    private static func json(of raised: RaisedAlarm, _ language: Language) -> JSONObject {
        let alarm = raised.alarm
        var labels = JSONObject()
        for label in alarm.series.labels { labels[label.name] = .string(label.value) }
        var object: JSONObject = [
            "advice": .string(language.text(alarm.advice)), "labels": .object(labels),
            "rule": .string(alarm.rule.name), "severity": .string(alarm.severity.rawValue),
            "since": .integer(raised.since.milliseconds), "text": .string(language.text(alarm.text)),
            "value": .integer(alarm.value),
        ]
        object["acknowledgedBy"] = alarm.acknowledgedBy.map(JSON.string)
        return object
    }

    // MARK: - Alarms

    /// The watch of a node's alarms.
    ///
    /// - Parameter status: of its loop.
    func watch(status: SharedStatus, views: ViewStore) -> AlarmWatch {
        let clock = SystemClock()
        let start = clock.moment().steady
        let centre = configuration.centre
        let isCentre = configuration.node == centre
        let path = path
        let urgent = Mutex(
            UrgentDelivery(
                views: views, readers: ReaderPool(path: log, kept: 1), centre: centre,
                urgencies: Urgency.allCases.filter(\.isUrgent).map(\.rawValue), start: clock.now()))
        var sources: [AlarmWatch.Source] = [
            { Measures.of($0, start: start, now: clock.moment()) },
            { _ in [Sample(Measure.diskMegabytes, [:], try NodeFolder.diskFree(of: path) >> 20)] },
            { [Sample(Measure.viewsEvents, [:], max(0, $0.head.position - (try views.checkpoint().position)))] },
        ]
        if isCentre {
            sources += [
                { status in try urgent.withLock { try $0.samples(status, now: clock.now()) } },
                { _ in [Sample(Measure.conflicts, [:], try views.openConflictCount())] },
                { status in
                    guard let rules = status.rules else { return [] }
                    return [Sample(Measure.undelivered, [:], try views.undeliveredCount(under: rules, centre: centre))]
                },
            ]
        }
        return AlarmWatch(
            rules: NodeAlarms.rules(configuration.alarms), sources: sources, status: status, clock: clock)
    }

    /// Bytes that are free on the disk of a folder.
    ///
    /// - Throws: `CommandProblem` when the system does not say.
    static func diskFree(of folder: String) throws -> Int64 {
        let attributes = try FileManager.default.attributesOfFileSystem(forPath: folder)
        guard let free = attributes[.systemFreeSize] as? NSNumber else {
            throw CommandProblem(
                message: "the system does not say how much of the disk of \(folder) is free",
                hint: "look with df, and watch it yourself")
        }
        return free.int64Value
    }
}
