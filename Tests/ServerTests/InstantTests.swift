import Events
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Server

@Suite("Times as people write them") struct InstantTests {
    /// 2026-11-23 00:00 UTC.
    private static let midnight: Int64 = 1_795_392_000_000

    @Test(
        "a day begins in the node's zone; a time has its own, seconds and fractions as they come",
        arguments: [
            ("2026-11-23", InstantTests.midnight - 480 * 60_000),
            ("2026-11-23T14:05:00Z", InstantTests.midnight + 845 * 60_000),
            ("2026-11-23T14:05Z", InstantTests.midnight + 845 * 60_000),
            ("2026-11-23T14:05:00+08:00", InstantTests.midnight + 365 * 60_000),
            ("2026-11-23T14:05-03:30", InstantTests.midnight + 1_055 * 60_000),
            ("2026-11-23T00:00:01.5Z", InstantTests.midnight + 1_500),
            ("2026-11-23T00:00:01.123456789Z", InstantTests.midnight + 1_123),
            ("2024-02-29", 1_709_164_800_000 - 480 * 60_000),
            ("1969-12-31T23:59:59Z", -1_000),
        ] as [(String, Int64)])
    func reads(text: String, milliseconds: Int64) {
        #expect(Instant.parse(text, offsetMinutes: 480) == Timestamp(milliseconds: milliseconds))
    }

    @Test(
        "the whole text is a time that calendar and clock have, or it is none",
        arguments: [
            "", "2026", "2026-11", "2026-02-31", "2025-02-29", "2026-13-01", "2026-00-10", "0000-01-01", "2026-01-06x",
            "2026-1-6", " 2026-01-06", "2026-01-06 ", "2026/01/06", "20260106", "2026-01-06T", "2026-01-06T25:61Z",
            "2026-01-06T24:00Z", "2026-01-06T10:60Z", "2026-01-06T10:00:60Z", "2026-01-06T10Z", "2026-01-06T1:00Z",
            "2026-01-06 10:00Z", "2026-01-06t10:00Z", "2026-01-06T10:00z", "2026-01-06T10:00ZZ", "2026-01-06T10:00+8",
            "2026-01-06T10:00+0800", "2026-01-06T10:00+08:60", "2026-01-06T10:00+15:00", "2026-01-06T10:00:00.Z",
            "2026-01-06T10:00.5Z", "2026-01-06T10:00:00.1234567891Z", "２０２６-01-06", "yesterday", "1767657600",
        ])
    func refuses(text: String) {
        for allowsLocal in [false, true] {
            #expect(Instant.parse(text, offsetMinutes: 480, allowsLocal: allowsLocal) == nil)
        }
    }

    @Test("a time without a zone is one only where the node's may be taken for it")
    func local() {
        for text in ["2026-11-24T14:05:00", "2026-11-24T14:05"] {
            #expect(Instant.parse(text, offsetMinutes: 480) == nil)
            #expect(
                Instant.parse(text, offsetMinutes: 480, allowsLocal: true)
                    == Instant.parse("2026-11-24T14:05:00+08:00", offsetMinutes: 0))
            #expect(Instant.kind(of: text) == .local)
        }
        #expect(Instant.kind(of: "2026-11-24") == .day && Instant.kind(of: "2026-11-24T14:05Z") == .zoned)
        #expect([480, -210, 0].map(Instant.offset) == ["+08:00", "-03:30", "+00:00"])
    }

    @Test(
        "a form's time is one of the calendar, too",
        arguments: ["2026-02-31T09:30", "2026-11-23T25:61", "2026-11-23T24:00", "2026-11-23T09:30Z"])
    func form(typed: String) { #expect(PageTime.read(typed, offsetMinutes: 480) == nil) }

    @Test("over HTTP a day is the node's, and what is no time is refused with the right forms")
    func query() async throws {
        // Filed at 2026-11-23 01:30 UTC, which is still the 22nd two hours west of it.
        let node = try ServedNode()
        _ = try node.dispatched()
        for (offset, from, to) in [(0, 1, 0), (480, 1, 0), (-120, 0, 1)] {
            var ports = node.ports
            ports.utcOffsetMinutes = offset
            try await Application(router: API.router(ports)).test(.router) { client in
                let program = Program(client: client)
                for (query, count) in [("createdFrom=2026-11-23", from), ("createdTo=2026-11-23", to)] {
                    let found = try await program.get("/api/v1/tickets?\(query)").json["items"]?.array
                    #expect(found?.count == count, "\(query) at \(offset)")
                }
            }
        }
        try await node.called { program in
            for text in ["2026-11-24T14:05:00", "2026-02-31", "2026-01-06x", "soon"] {
                let answer = try await program.get("/api/v1/tickets?dueBefore=\(text)")
                #expect(answer.status == .badRequest)
                #expect(answer.json["title"]?.string == "parameter dueBefore is \"\(text)\"")
                #expect(answer.json["detail"]?.string?.contains("2026-11-23T14:05:00+08:00") == true)
            }
        }
    }
}
