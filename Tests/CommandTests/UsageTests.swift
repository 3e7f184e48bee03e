import ArgumentParser
import Events
import Foundation
import Glibc
import Log
import Testing

@testable import gridline

/// What a shell sees of a command that fails: its exit code and what to do.
@Suite("Wrong command lines and what to do") struct UsageTests {
    private let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("gridline-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    private func clean() {
        do { try FileManager.default.removeItem(atPath: path) } catch { print("could not remove \(path): \(error)") }
    }

    private func folder(_ name: String = "centre") throws -> NodeFolder {
        var configuration = try Configuration(node: NodeID("centre"), role: .central, area: "320507")
        configuration.replicationListen = "127.0.0.1:0"
        return try NodeFolder.create(at: path + "/" + name, configuration: configuration)
    }

    /// What a command line ends with.
    private func problem(_ line: [String]) async throws -> (any Problem)? {
        do {
            var command = try Gridline.parseAsRoot(line)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return nil
        } catch let problem as any Problem { return problem }
    }

    @Test(
        "a value that no option takes is usage: exit 2",
        arguments: [
            ["init", "#/new", "--node", "a", "--role", "foo"], ["init", "#/new", "--node", "a", "--number", "100"],
            ["init", "#/new", "--node", "A b"], ["init", "#/new", "--node", "a", "--http", "0.0.0.0:1"],
            ["replay", "#/centre", "--as-of", "yesterday"], ["replay", "#/centre", "--known-at", "2026-02-31"],
            ["replay", "#/centre", "--as-of", "2026-01-01", "--known-at", "2026-01-01"],
            ["nodes", "invite", "#/centre", "--node", "street1", "--hours", "0"],
            ["nodes", "invite", "#/centre", "--node", "Street 1"], ["generate", "--tickets", "0", "--seed", "1"],
            ["export", "#/centre"], ["export", "#/centre", "--view", "nope"], ["import", "#/centre", "#/none.csv"],
            ["import", "#/centre", "#/none.csv", "--map", "nope"], ["serve", "#/centre", "--http", "example.com:80"],
            ["backup", "#/centre", "#/copy"], ["rules", "show", "#/centre", "weather"],
            ["rules", "publish", "#/centre", "limits", "nope"], ["rules", "presets", "nope"],
            ["ticket", "steps", "fly"],
        ])
    func usage(line: [String]) async throws {
        defer { clean() }
        _ = try folder()
        let line = line.map { $0.replacing("#", with: path) }
        let problem = try #require(try await problem(line))
        #expect(Main.status(of: problem) == 2, "\(problem.message)")
        #expect(!FileManager.default.fileExists(atPath: path + "/new"))
    }

    @Test("a number of a person on the command line is not said again")
    func numbers() throws {
        let problem = try #require(throws: CommandProblem.self) { try HTTPAddress("13812345678:80") }
        #expect(
            Talk.told(of: problem).map(\.description) == [
                "Error: ⟦mobile⟧:80 is not on loopback [GL-6001]",
                "Try: serve on 127.0.0.1 and put a proxy with TLS before it",
            ])
    }

    @Test("what fails is 1, damage is 3")
    func others() async throws {
        defer { clean() }
        let missing = try #require(try await problem(["status", path + "/none"]))
        #expect(Main.status(of: missing) == 1)
        let damage = LogFailure.corrupt(table: "events", position: 1, detail: "chain is not 16 bytes")
        #expect(Main.status(of: damage) == 3)
        #expect(Main.status(of: IntegrityProblem(table: "views", position: 1, detail: "equal")) == 3)
    }

    @Test("each failure says the right thing to do")
    func hints() async throws {
        defer { clean() }
        let folder = try folder()
        func hint(_ line: String...) async throws -> String {
            let problem = try #require(try await problem(line))
            return "\(problem.message); \(problem.hint)"
        }
        let copy = path + "/copy.sqlite"
        #expect(try await problem(["backup", folder.path, copy]) == nil)
        #expect(
            try await hint("backup", folder.path, copy) == "\(copy) exists; name a new file; nothing is overwritten")
        let into = try await hint("replay", folder.path, "--into", path + "/none/views.sqlite")
        #expect(into.contains("cannot be written: No such file") && into.contains("in a folder that is there"))
        #expect(
            try await hint("export", folder.path, "--view", "nope").contains(
                "views are conflicts, poison, ticketCounts, tickets"))
        try Data("{\"not\": \"a certificate\"".utf8).write(to: URL(fileURLWithPath: path + "/wrong.json"))
        for (file, words) in [("wrong.json", "is no certificate"), ("none.json", "there is no file")] {
            #expect(try await hint("verify", folder.path, "--against", "\(path)/\(file)").contains(words))
        }
        let log = try folder.openLog()
        let held = try await hint("import", folder.path, path + "/wrong.json", "--events")
        #expect(held.contains("another process has \(folder.log) open") && held.contains("stop it first"))
        _ = try log.reader.head()
        let street = try NodeFolder.create(
            at: path + "/street",
            configuration: Configuration(
                node: NodeID("street1"), role: .street, area: "", centre: folder.configuration.node))
        #expect(
            try await hint("compare", folder.path, street.path)
                .contains("views.sqlite is missing; start the node once"))
        #expect(!FileManager.default.fileExists(atPath: folder.views), "compare makes nothing")
    }

    @Test("a taken port is one error with the address, for HTTP and for replication", arguments: [true, false])
    func takenPort(isHTTP: Bool) async throws {
        defer { clean() }
        let (taken, port) = try listening()
        defer { close(taken) }
        var configuration = try Configuration(node: NodeID("centre"), role: .central, area: "320507")
        configuration.publishFrom = 0
        configuration.enrolPort = 0
        configuration.http = isHTTP ? "127.0.0.1:\(port)" : "127.0.0.1:0"
        configuration.replicationListen = "127.0.0.1:\(isHTTP ? 0 : port)"
        let folder = try NodeFolder.create(at: path + "/centre", configuration: configuration)
        let problem = try #require(try await problem(["serve", folder.path]))
        #expect(Main.status(of: problem) == 1)
        #expect(problem.message.description.contains("127.0.0.1:\(port)"))
        #expect(problem.hint.description.contains("gridline.yaml"))
        #expect(!FileManager.default.fileExists(atPath: folder.serving))
    }

    private func listening() throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = unsafe inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                let isBound = unsafe Glibc.bind(descriptor, address, length) == 0
                let isNamed = unsafe getsockname(descriptor, address, &length) == 0
                return isBound && isNamed && listen(descriptor, 1) == 0
            }
        }
        try #require(code)
        return (descriptor, address.sin_port.bigEndian)
    }

    @Test("a node with a token that is empty or short does not start", arguments: ["", "short", "\n"])
    func shortToken(token: String) async throws {
        defer { clean() }
        let folder = try folder()
        #expect(try folder.token().count >= 32)
        try Data(token.utf8).write(to: URL(fileURLWithPath: folder.keys + "/token"))
        let problem = try #require(try await problem(["serve", folder.path, "--http", "127.0.0.1:0"]))
        #expect(Main.status(of: problem) == 1)
        #expect(problem.message.description.contains("keys/token has"))
    }
}

@Suite("Addresses of HTTP") struct HTTPAddressTests {
    @Test(
        "what is on this machine alone is taken",
        arguments: ["127.0.0.1:80", "127.9.8.7:0", "localhost:8080", "[::1]:80"])
    func loopback(text: String) throws {
        let address = try HTTPAddress(text)
        #expect(address.url(port: address.port) == "http://\(text)")
    }

    @Test(
        "what others reach, or is no address, is refused",
        arguments: [
            "127.evil.example:80", "127.0.0.1.evil.example:80", "127.0.0:80", "127.0.0.256:80", "127.0.0.01:80",
            "128.0.0.1:80", "0.0.0.0:80", "localhost.evil:80", "::1:80", "[::]:80", "127.0.0.1", "127.0.0.1:65536",
            ":80",
            "",
        ])
    func refused(text: String) { #expect(throws: CommandProblem.self) { try HTTPAddress(text) } }
}

@Suite("Who called, in a shell") struct PersonTextTests {
    @Test("lines and files say the same; stdin is one too")
    func reads() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("gridline-\(UUID().uuidString)").path
        defer { do { try FileManager.default.removeItem(atPath: path) } catch { Issue.record(error) } }
        let wanted: JSONObject = ["name": .string("王=建国"), "phone": .string("13812345678")]
        #expect(try PersonText.block(lines: ["name=王=建国", "phone=13812345678"], file: nil) == wanted)
        for text in ["name=王=建国\nphone=13812345678\n", "\n{\"name\":\"王=建国\",\"phone\":\"13812345678\"}"] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            #expect(try PersonText.block(lines: [], file: path) == wanted)
        }
        #expect(try PersonText.block(lines: [], file: nil) == nil)
    }

    @Test("what cannot be read is told without a word of it", arguments: ["王建国", "nmae=王建国", "=王建国", "王建国=name"])
    func silent(text: String) throws {
        let error = #expect(throws: CommandProblem.self) { try PersonText.block(lines: [text], file: nil) }
        let said = "\(try #require(error).message) \(try #require(error).hint)"
        #expect(!said.contains("王建国") && said.contains("name="))
        #expect(Main.status(of: try #require(error)) == 2)
    }
}
