/// One command over HTTP, durable, with 100 clients: a real `gridline serve`, and the disk's own p99 before and after.

import Events
import Foundation

struct HTTPRow {
    let bench: Bench
    private static let clients = 100

    func run() throws {
        let port = 18_000 + Int(ProcessInfo.processInfo.processIdentifier) % 2_000
        let folder = bench.path("http")
        _ = try bench.call(["init", folder, "--node", "centre", "--http", "127.0.0.1:\(port)", "--publish-from", "0"])
        let token = String(
            decoding: FileManager.default.contents(atPath: folder + "/keys/token") ?? Data(), as: UTF8.self
        ).trimmingCharacters(in: .whitespacesAndNewlines)
        let server = try bench.start(["serve", folder])
        defer { stop(server) }
        try waitForServer(port)
        var load = try LoadClient(port: port, count: HTTPRow.clients)
        defer { load.close() }
        let raw = RawReference(bench: bench)
        var random = Seeded(UInt64(ContinuousClock.now.hashValue.magnitude))
        let request = { HTTPRow.request(token, &random) }
        let count = bench.isQuick ? 1_000 : 10_000
        _ = try load.run(count / 4, expecting: 201, request: request)
        var disk = [try raw.sync()]
        var p50: [Int] = []
        var p99: [Int] = []
        var rates: [Int] = []
        var paced50: [Int] = []
        var paced99: [Int] = []
        var empty99: [Int] = []
        let nothing = { Array("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".utf8) }
        for _ in 0..<bench.rounds {
            let (times, elapsed) = try load.run(count, expecting: 201, request: request)
            p50.append(times.percentile(500))
            p99.append(times.percentile(990))
            rates.append(eventRate(count, elapsed))
            disk.append(try raw.sync())
            let (even, _) = try load.run(count / 4, expecting: 201, every: .milliseconds(1), request: request)
            paced50.append(even.percentile(500))
            paced99.append(even.percentile(990))
            let (empty, _) = try load.run(count / 4, expecting: 200, every: .milliseconds(1), request: nothing)
            empty99.append(empty.percentile(990))
            disk.append(try raw.sync())
        }
        let reference = ("fdatasync p99", disk.map(\.p99).median)
        bench.report.add(
            Row(
                name: "http", work: "one command over HTTP, durable, 100 clients at 1,000 a second, p99",
                unit: .microseconds, value: paced99.median, reference: reference, goal: .atMostRatio(4_000),
                note: "registration of a ticket, each request counted from when it was due; p50 \(paced50.median) µs, "
                    + "fdatasync p50 \(disk.map(\.p50).median) µs; client, server and views share the cores; "
                    + "each client at once again when it has its answer: \(rates.median) commands/s, "
                    + "p50 \(p50.median) µs, p99 \(p99.median) µs"))
        bench.report.add(
            Row(
                name: "http", work: "a request that does nothing, at 1,000 a second, p99", unit: .microseconds,
                value: empty99.median, reference: reference, goal: .atMostRatio(4_000),
                note: "GET /healthz by the same client: what HTTP itself takes of the goal above"))
    }

    private static func request(_ token: String, _ random: inout Seeded) -> [UInt8] {
        let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
        let key = CommandID(at: now, random: &random)
        let body = JSON.object([
            "actor": .object(["account": .string("wang"), "role": .string("agent"), "unit": .string("320507")]),
            "body": .object([
                "channel": .string("phone"), "title": .string("夜市占道经营"),
                "matter": .string("夜市占道经营，油烟扰民，噪音持续到凌晨，多次反映无人处理，希望尽快解决。"),
                "category": .array([.string("城市管理"), .string("市容环境")]),
                "place": .object(["area": .string("320507001"), "text": .string("元和街道安元路77号附近")]),
            ]),
        ]).canonicalBytes
        let head = """
            POST /api/v1/tickets HTTP/1.1\r
            Host: 127.0.0.1\r
            Authorization: Bearer \(token)\r
            Idempotency-Key: \(key)\r
            Content-Type: application/json\r
            Content-Length: \(body.count)\r
            \r

            """
        return Array(head.utf8) + body
    }

    private func waitForServer(_ port: Int) throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            do {
                var probe = try LoadClient(port: port, count: 1)
                defer { probe.close() }
                _ = try probe.run(1, expecting: 200) { Array("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".utf8) }
                return
            } catch {
                guard ContinuousClock.now < deadline else { throw error }
                Thread.sleep(forTimeInterval: 0.05)
            }
        }
    }

    private func stop(_ process: Process) {
        process.terminate()
        process.waitUntilExit()
    }
}
