import ArgumentParser
import Events
import Foundation
import Log
import Projections

/// `gridline verify`: checks the log against itself and the views against the log; exit 3 when something is wrong.
struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Check chains, hashes, feeds, memberships and views."))

    @Argument(help: said("The node's folder, or a log file made by `gridline backup`.")) var directory: String
    @Option(
        help: said(
            """
            What `verify --json` printed earlier for this log, which it must still hold; or what it prints for a peer \
            (a street, when this is the centre), whose feeds this log must have published as the peer has them.
            """)) var against: String?
    @Flag(help: said("Print the certificate as JSON.")) var json = false

    func run() throws {
        let isFile = directory.hasSuffix(".sqlite")
        let folder = isFile ? nil : try NodeFolder(path: directory)
        let path = folder?.log ?? directory
        let audience = try folder?.audience ?? Verify.audience(ofLogAt: path)
        let owner = folder?.configuration.node.text ?? Verify.owner(ofLogAt: path)
        let earlier = try against.map { try NamedCertificate.read(file: $0) }
        // Without a name it is an old one of this log.
        let isPeer = earlier?.node.map { $0 != owner } ?? false
        let report = try Verifier.verify(
            path: path, audience: audience, against: isPeer ? nil : earlier?.certificate,
            peer: isPeer ? earlier?.certificate.cursors ?? [] : []
        ) { position in
            if position > 0, position.isMultiple(of: 100_000) { Talk.line("\(position) events checked") }
        }
        if report.isRawCopy {
            Talk.line(
                """
                note: this file is a raw copy of a log; events may be missing at its end. Copy logs with \
                `gridline backup`.
                """)
        }
        // Views are measured against a log that is whole.
        let views = Result { try report.problems.isEmpty ? folder.flatMap(Verify.checkViews) : nil }
        // Like views, they are measured against a log that is whole.
        let blobs = try report.problems.isEmpty ? folder.map(NamedBlobs.check) : nil
        if json {
            var object = report.json(of: owner, views: try? views.get())
            object["blobs"] = blobs?.json
            if let damaged = blobs?.problems, !damaged.isEmpty {
                object["problems"] = .array(damaged.map(\.json))
            }
            Output.json(object)
        } else {
            Output.text(report.words)
            if report.letGo > 0 { Output.text("\(report.letGo) bodies were let go of tickets that left") }
            if let held = try? views.get() {
                Output.text("views at \(held.position) hold what the log gives: \(held.content)")
            }
            if let blobs, blobs.named > 0 { Output.text(blobs.words) }
        }
        if !report.rotten.isEmpty {
            Talk.line(
                """
                note: rotten rows of the log: \(report.rotten.map(String.init).joined(separator: ", ")). A node that runs, and \
                has a line to nodes that hold these events, fetches them again by itself: `gridline status` counts them.
                """)
        }
        if !report.wanted.isEmpty {
            Talk.line(
                """
                note: bodies that were let go and are to come back, by rows of the log: \
                \(report.wanted.map(String.init).joined(separator: ", ")). A node that runs asks the centre for them.
                """)
        }
        if let first = report.problems.first ?? blobs?.problems.first {
            throw IntegrityProblem(table: first.table, position: first.position, detail: first.detail)
        }
        _ = try views.get()
    }

    /// Whose log it is, as far as it can say so.
    private static func owner(ofLogAt path: String) -> String { (try? SQLiteReader(path: path).node()) ?? "" }

    /// A file that is too damaged to say whose it is gets no audience; verifying it says what is wrong.
    private static func audience(ofLogAt path: String) throws -> any Audience {
        do {
            return try NodeFolder.audience(ofLogAt: path)
        } catch is LogFailure {
            return NoAudience()
        } catch is IdentifierError {
            return NoAudience()
        }
    }

    /// Views that are at a position must hold what the log gives up to there; nil when there are none.
    static func checkViews(_ folder: NodeFolder) throws -> ViewCertificate? {
        guard FileManager.default.fileExists(atPath: folder.views) else { return nil }
        let views = try folder.openViews()
        var live = try views.certificate()
        for _ in 0..<Verify.looks {
            let rebuilt = try folder.replay(cut: .known(at: live.position), into: nil)
            if live.content == rebuilt.content { return live }
            // A body that went, or came back, behind the place of the views is one thing in them and another in the log.
            guard try Verify.bodiesChanged(above: live.position, folder) else {
                throw IntegrityProblem(
                    table: "views", position: live.position,
                    detail: "content \(live.content), the log gives \(rebuilt.content)")
            }
            try folder.runner(of: views).catchUp()
            live = try views.certificate()
        }
        Talk.line(
            """
            views at \(live.position) are behind what this node let go; start it, or run `gridline replay`, and verify again
            """)
        return nil
    }

    /// How often the views are brought up to a node that goes on letting bodies go.
    private static let looks = 3

    /// Whether the node says of bodies behind a position that they went or came back.
    static func bodiesChanged(above position: Int64, _ folder: NodeFolder) throws -> Bool {
        let reader = try SQLiteReader(path: folder.log)
        for scope in try [Purged.stream(of: folder.configuration.node), Healed.stream(of: folder.configuration.node)] {
            if try !reader.page(.stream(scope), .forward, from: position, limit: 1).isEmpty { return true }
        }
        return false
    }
}

extension VerifyReport {
    var words: Words {
        let state: Words = problems.isEmpty ? "whole" : "DAMAGED"
        return """
            \(state): \(certificate.position) events in \(streams) streams, root \(certificate.root), \(feeds.count) feeds
            """
    }

    /// The certificate, as `docs/cli-json.md` documents it.
    ///
    /// - Parameter views: what the views hold, when they were found to hold it.
    func json(of node: String, views: ViewCertificate? = nil) -> JSONObject {
        var heads = JSONObject()
        for (feed, cursor) in feeds {
            heads[feed.text] = .object(["chain": .string(cursor.chain.description), "fseq": .integer(cursor.fseq)])
        }
        var cursors = JSONObject()
        for one in certificate.cursors {
            cursors[one.feed.text] = .object([
                "chain": .string(one.cursor.chain.description), "fseq": .integer(one.cursor.fseq),
            ])
        }
        var object: JSONObject = [
            "cursors": .object(cursors), "emptyCommands": .integer(certificate.emptyCommands),
            "emptyRoot": .string(certificate.emptyRoot.description),
            "feeds": .object(heads), "node": .string(node), "position": .integer(certificate.position),
            "problems": .array(
                problems.map(\.json)),
            "quarantineRoot": .string(certificate.quarantineRoot.description),
            "quarantined": .integer(certificate.quarantined), "rawCopy": .bool(isRawCopy),
            "letGo": .integer(letGo), "rotten": .array(rotten.map(JSON.integer)),
            "wanted": .array(wanted.map(JSON.integer)),
            "root": .string(certificate.root.description), "streams": .integer(streams),
        ]
        object["views"] = views.map {
            .object(["content": .string("\($0.content)"), "position": .integer($0.position)])
        }
        return object
    }
}

extension VerifyProblem {
    fileprivate var json: JSON {
        .object([
            "detail": .string(detail.description), "position": .integer(position), "table": .string(table),
        ])
    }
}

/// A certificate, and whose log it speaks of; nil for one of an early version.
struct NamedCertificate {
    let node: String?
    let certificate: LogCertificate

    /// Reads what `verify --json` printed.
    ///
    /// - Throws: `CommandProblem` when the file is no certificate.
    static func read(file: String) throws -> NamedCertificate {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw CommandProblem(
                message: "there is no file \(file)", hint: "make one with `gridline verify DIR --json > \(file)`")
        }
        let problem = CommandProblem(
            message: "\(file) is no certificate",
            hint: "name what `gridline verify DIR --json` printed for this log, or for a peer, unchanged")
        let object: JSONObject
        do throws(DecodeError) { object = try JSONReader.readObject(Array(data)) } catch { throw problem }
        func chain(_ key: String) throws -> ChainValue {
            guard let bytes = Hexadecimal.bytes(object[key]?.string ?? ""), let value = ChainValue(bytes: bytes) else {
                throw problem
            }
            return value
        }
        guard let position = object["position"]?.integer, let empty = object["emptyCommands"]?.integer,
            let quarantined = object["quarantined"]?.integer, let cursors = object["cursors"]?.object
        else { throw problem }
        var named: [NamedCursor] = []
        for (name, value) in cursors.members {
            guard let cursor = value.object, let fseq = cursor["fseq"]?.integer,
                let bytes = Hexadecimal.bytes(cursor["chain"]?.string ?? ""), let chain = ChainValue(bytes: bytes)
            else { throw problem }
            named.append(NamedCursor(try FeedName(name), FeedCursor(fseq: fseq, chain: chain)))
        }
        let certificate = LogCertificate(
            position: position, root: try chain("root"), emptyCommands: empty, emptyRoot: try chain("emptyRoot"),
            quarantined: quarantined, quarantineRoot: try chain("quarantineRoot"), cursors: named)
        return NamedCertificate(node: object["node"]?.string, certificate: certificate)
    }
}
