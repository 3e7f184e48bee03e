import ArgumentParser
import Events
import Foundation
import Log
import Node
import Rules
import Testing

@testable import gridline

@Suite("What is said beside an invitation") struct InvitationAdviceTests {
    private func advice(_ address: String?, listening listen: String) throws -> [InvitationAdvice] {
        try InvitationAdvice.on(address, listening: listen, for: NodeID("yuanhe"), of: "centre")
    }

    @Test("nobody can connect to a wildcard, wherever it comes from", arguments: ["0.0.0.0:7401", "*:7401"])
    func wildcard(address: String) throws {
        for (given, listen) in [(nil, address), (address, "10.1.2.3:7401")] {
            let problem = try #require(throws: CommandProblem.self) { try advice(given, listening: listen) }
            #expect(problem.message.description.contains(address))
            #expect(
                problem.hint.description.contains(
                    "`gridline nodes invite centre --node yuanhe --address HOST:7401`"))
            #expect(Main.status(of: problem) == 2)
        }
        #expect(try advice("10.1.2.3:7401", listening: address).isEmpty)
    }

    @Test("loopback is told of when it is what the centre listens on, and not when it was asked for")
    func loopback() throws {
        for listen in ["127.0.0.1:7401", "127.9.8.7:7401", "localhost:7401"] {
            let said = try advice(nil, listening: listen)
            #expect(said.map(\.message.description) == ["\(listen) is reached from this machine only"])
            #expect(said.first?.hint.description.contains("--address HOST:7401") == true)
        }
        #expect(try advice("127.0.0.1:7401", listening: "127.0.0.1:7401").isEmpty)
        #expect(try advice(nil, listening: "10.1.2.3:7401").isEmpty)
    }

    @Test("the node that the territory names for the area, or below it, is told; the right one is not")
    func territory() throws {
        let rules = BookRules(try RuleBook.default, nodes: [])
        func said(_ node: String, _ area: String) throws -> InvitationAdvice? {
            InvitationAdvice.on(try NodeID(node), of: area, under: rules, in: "centre")
        }
        #expect(try said("yuanhe", "320507001") == nil)
        #expect(try said("yuanhe", "320507001002") == nil, "a community below it")
        #expect(try said("yuanhe", "") == nil)
        let other = try #require(try said("street1", "320507001"))
        #expect(other.message.description.contains("names node yuanhe for 320507001"))
        #expect(other.hint.description.contains("`gridline nodes invite centre --node yuanhe --area 320507001`"))
        let none = try #require(try said("street1", "440306"))
        #expect(none.message.description.contains("names no node for 440306"))
        #expect(none.hint.description.contains("\"node\": \"street1\" at unit 440306"))
        #expect(none.hint.description.contains("`gridline rules publish centre territory territory.json`"))
        #expect(try said("street1", "")?.message.description.contains("names node street1 for no unit") == true)
    }

    @Test("a refused address invites nobody")
    func nothingInvited() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("gridline-\(UUID().uuidString)").path
        defer { do { try FileManager.default.removeItem(atPath: path) } catch { Issue.record(error) } }
        var configuration = try Configuration(node: NodeID("centre"), role: .central, area: "320507")
        configuration.replicationListen = "0.0.0.0:7401"
        let folder = try NodeFolder.create(at: path, configuration: configuration)
        let invite = try Nodes.Invite.parse([path, "--node", "yuanhe", "--area", "320507001"])
        await #expect(throws: CommandProblem.self) { try await invite.run() }
        #expect(try SQLiteReader(path: folder.log).head().position == 0)
    }
}
