import Events
import Foundation
import Log
import Projections
import Testing

@testable import gridline

/// What `verify --json` prints is what `verify --against` reads, also of a folder with views.
@Suite("verify's certificate") struct VerifyJSONTests {
    @Test("one object, with the views beside the certificate, that reads back as the certificate")
    func roundTrip() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("gridline-\(UUID().uuidString)").path
        defer { do { try FileManager.default.removeItem(atPath: path) } catch { Issue.record(error) } }
        let folder = try NodeFolder.create(
            at: path, configuration: Configuration(node: NodeID("centre"), role: .central, area: "320507"))
        do {
            let log = try folder.openLog()
            for number in 1...3 {
                let now = Timestamp(milliseconds: Int64(number))
                let draft = Draft(
                    stream: try StreamName("ticket/\(number)"), type: EventType("ticket.noted"),
                    body: ["text": .string("道路积水")], occurredAt: now)
                _ = try log.write {
                    try $0.append(
                        AppendRequest(
                            command: CommandID(derivedFrom: "verify", String(number)),
                            actor: Actor(system: "test", rule: "1"), now: now, drafts: [draft]))
                }
            }
        }
        let views = try folder.openViews(unusable: .replace)
        try folder.runner(of: views).catchUp()
        let report = try Verifier.verify(path: folder.log, audience: folder.audience)
        let object = report.json(of: "centre", views: try views.certificate())
        try views.close()
        #expect(object["views"]?.object?["position"]?.integer == 3)
        let file = path + "/certificate.json"
        try Data(JSON.object(object).canonicalBytes + [0x0A]).write(to: URL(fileURLWithPath: file))
        let read = try NamedCertificate.read(file: file)
        #expect(read.node == "centre")
        #expect(read.certificate == report.certificate)
    }
}
