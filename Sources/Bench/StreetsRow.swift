// A hundred streets against one centre: a real `gridline serve` on the measured disk, and in this process a hundred
// production loops with real CURVE sockets, their logs in memory (/dev/shm), so that the disk is the centre's alone.
//
// Streets are invited and enrolled by the commands for it. The centre's events are commands over HTTP on tickets that were
// dispatched to each street; a street's are commands in its own loop on the same tickets. Lags are read from the logs
// afterwards: `receivedAt` there less `recordedAt` here, wall clocks of one machine, in whole milliseconds; both are taken
// as a turn begins, so that a commit (at the centre, of the disk) comes on top.

import Events
import Foundation
import Glibc
import Log
import Node
import Replication
import Runtime
import Tickets
import ZeroMQ

struct StreetsRow {
    let bench: Bench
    let streets: Int
    /// Events a second of each street, on their way to the centre.
    let rate: Int
    /// Events a second of the centre for each street: commands over HTTP, which take most of the centre's time.
    let commandRate: Int
    /// Commands of one request.
    let batch: Int

    /// As many that each gets about as many events as a ticket has in a year.
    private static let ticketsEach = 64
    private static let clients = 64

    func run() throws {
        try liftLimit()
        let memory = "/dev/shm/gridline-bench-\(ProcessInfo.processInfo.processIdentifier)"
        try FileManager.default.createDirectory(atPath: memory, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(atPath: memory) } catch { print("\(memory) stays: \(error)") }
        }
        let centre = try BenchCentre(bench: bench, folder: bench.path("centre"), streets: streets)
        try centre.start()
        defer { centre.stop() }
        let names = try (1...streets).map { try centre.enrol(number: $0, into: memory) }
        var load = try LoadClient(port: centre.http, count: StreetsRow.clients)
        let tickets = try centre.deal(StreetsRow.ticketsEach, to: names, by: &load)
        let nodes = try names.map { try StreetNode($0, in: memory, of: centre) }
        for node in nodes { node.start() }
        try wait("all streets are up and have their tickets", within: 60) { nodes.allSatisfy { $0.isCaughtUp } }

        let seconds = bench.isQuick ? 5 : 30
        let uplink = Uplink(nodes: nodes, tickets: tickets, rate: rate)
        let before = try centre.usage()
        let ownBefore = processorTime()
        let begun = BenchClock().moment().wall
        let started = ContinuousClock.now
        uplink.start()
        let answers = try command(tickets, of: centre, by: &load, seconds: seconds)
        let elapsed = ContinuousClock.now - started
        let after = try centre.usage()
        let ended = BenchClock().moment().wall
        let own = processorTime() - ownBefore
        load.close()
        // They go on writing: what was written until now is waited for.
        let written = nodes.map(\.written)
        try wait("the centre has what the streets wrote", within: 60) {
            zip(nodes, written).allSatisfy { $0.confirmed >= $1 }
        }

        let back = try restart(centre, nodes)
        uplink.stop()
        try wait("the streets have caught up", within: 60) { nodes.allSatisfy { $0.isCaughtUp } }
        for node in nodes { try node.stop() }
        centre.stop()
        let lags = try Lags(
            centre: centre.log, streets: names.map { ($0, "\(memory)/\($0)/log.sqlite") }, begun..<ended)
        let events = lags.down.count + lags.up.count
        let processor = (after.processor - before.processor).microseconds
        report(
            Measured(
                cores: processor * 100 / max(1, elapsed.microseconds), peak: after.peak,
                seconds: elapsed.microseconds / 1_000_000, own: own.microseconds * 100 / max(1, elapsed.microseconds),
                each: processor / max(1, events), refused: uplink.refused, answers: answers, lags: lags, back: back))
    }

    /// Lets the centre decide about the streets' tickets, at the rate and in requests of the size asked for.
    private func command(
        _ tickets: [[String]], of centre: BenchCentre, by load: inout LoadClient, seconds: Int
    ) throws -> Times {
        var number = 0
        func next() -> String {
            number += 1
            let mine = tickets[number % streets]
            return mine[number / streets % mine.count]
        }
        let requests = seconds * streets * commandRate / batch
        let (answers, _) = try load.run(
            requests, expecting: batch == 1 ? 201 : 200,
            every: .nanoseconds(1_000_000_000 * batch / (streets * commandRate)), within: .seconds(seconds)
        ) {
            let text: JSONObject = ["text": .string("催办第 \(number) 次")]
            return batch == 1
                ? centre.request("/api/v1/tickets/\(next())/urged", text)
                : centre.request(step: "urged", of: (0..<batch).map { _ in next() }, text)
        }
        return answers
    }

    // MARK: - Restart

    struct Back {
        /// Milliseconds from the start of the new process until the centre has confirmed what each street wrote before it.
        var times: [Int] = []
        /// The busiest second, in per cent of a core.
        var busiest = 0
        /// Bytes.
        var peak = 0
        /// From SIGTERM to the end of the old process, in milliseconds.
        var ending = 0
    }

    /// Ends the centre and starts it again, while the streets go on writing.
    private func restart(_ centre: BenchCentre, _ nodes: [StreetNode]) throws -> Back {
        var back = Back()
        let told = ContinuousClock.now
        centre.stop()
        back.ending = (ContinuousClock.now - told).microseconds / 1_000
        let written = nodes.map(\.written)
        let started = ContinuousClock.now
        try centre.launch()
        var window = (at: started, processor: Duration.zero)
        var waiting = Array(nodes.indices)
        while !waiting.isEmpty || ContinuousClock.now - started < .seconds(5) {
            Thread.sleep(forTimeInterval: 0.005)
            let now = ContinuousClock.now
            guard now - started < .seconds(60) else {
                throw BenchFailure("\(waiting.count) streets are not back in 60 s")
            }
            waiting.removeAll { place in
                guard nodes[place].confirmed >= written[place] else { return false }
                back.times.append((now - started).microseconds / 1_000)
                return true
            }
            let usage = try centre.usage()
            back.peak = max(back.peak, usage.peak)
            guard now - window.at >= .seconds(1) else { continue }
            let share = (usage.processor - window.processor).microseconds * 100 / (now - window.at).microseconds
            back.busiest = max(back.busiest, share)
            window = (now, usage.processor)
        }
        return back
    }

    private func wait(_ what: String, within seconds: Int, until holds: () throws -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while try !holds() {
            guard ContinuousClock.now < deadline else { throw BenchFailure("waited \(seconds) s until \(what)") }
            Thread.sleep(forTimeInterval: 0.05)
        }
    }

    /// A loop of its own has five descriptors of ZeroMQ and SQLite's files.
    private func liftLimit() throws {
        var limit = rlimit()
        unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        guard limit.rlim_cur >= UInt64(streets * 40 + 200) else {
            throw BenchFailure("\(limit.rlim_cur) open files are too few; raise `ulimit -Hn`")
        }
    }

    // MARK: - Report

    private struct Measured {
        var cores, peak, seconds, own, each, refused: Int
        var answers: Times
        var lags: Lags
        var back: Back
    }

    private func report(_ all: Measured) {
        let load = "\(streets) streets, each \(rate) events/s up and \(commandRate) down"
        func add(_ work: String, _ unit: Unit, _ value: Int, _ goal: Goal, _ note: String, over: (String, Int)? = nil) {
            bench.report.add(
                Row(name: "streets", work: work, unit: unit, value: value, reference: over, goal: goal, note: note))
        }
        let events = all.lags.down.count + all.lags.up.count
        add(
            "\(load): what came, both ways", .perSecond, events / max(1, all.seconds),
            .atLeast(streets * (rate + commandRate) * 95 / 100),
            "\(all.lags.down.count) down, \(all.lags.up.count) up in \(all.seconds) s; what is below holds for this rate"
        )
        add(
            "the same: the centre's processor", .percent, all.cores, .atMost(100),
            "of a core, over \(all.seconds) s; \(all.lags.down.count) events down (commands over HTTP, \(batch) a request, its p99 "
                + "\(all.answers.percentile(990)) µs) and \(all.lags.up.count) up came within it, "
                + "\(events / max(1, all.seconds))/s, \(all.each) µs of the centre's processor each; "
                + "this process, with all streets and the client, took \(all.own) % of a core; \(all.refused) refused")
        add("the same: the centre's memory, at most", .bytes, all.peak, .atMost(300_000_000), "VmHWM")
        add(
            "the same: lag down, p99", .milliseconds, all.lags.down.percentile(990) / 1_000, .atMost(1_000),
            "p50 \(all.lags.down.percentile(500) / 1_000) ms")
        add(
            "the same: lag up, p99", .milliseconds, all.lags.up.percentile(990) / 1_000, .atMost(1_000),
            "p50 \(all.lags.up.percentile(500) / 1_000) ms")
        add(
            "the same: the slowest street's p99, both ways", .milliseconds, all.lags.slowest, .atMostRatio(3_000),
            "none is starved when the slowest is not far from the middle", over: ("the middle street", all.lags.middle))
        add(
            "\(streets) streets after a centre restart: the slowest has caught up", .milliseconds,
            all.back.times.max() ?? 0, .atMost(5_000),
            "from the start of the new process until it has confirmed all that the street wrote before; the first after "
                + "\(all.back.times.min() ?? 0) ms, the middle one \(all.back.times.median) ms; ending took "
                + "\(all.back.ending) ms; busiest second \(all.back.busiest) % of a core, memory at most "
                + "\(all.back.peak / 1_000_000) MB")
    }
}
