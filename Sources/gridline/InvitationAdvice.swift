/// What an operator hears beside an invitation: whether a street reaches the centre with it, and will get tickets then.

import Events
import Node

struct InvitationAdvice: Equatable {
    let message: Words
    /// What to do, with the command.
    let hint: Words

    /// For a program, in one English line.
    var text: String { "\(message); \(hint)" }

    /// - Parameters:
    ///   - address: what `--address` said; nil when it said nothing.
    ///   - directory: the centre's folder, as it was typed.
    /// - Throws: `CommandProblem` for an address to which nobody can connect.
    static func on(
        _ address: String?, listening listen: String, for node: NodeID, of directory: String
    ) throws -> [InvitationAdvice] {
        let hub = address ?? listen
        let parts = hub.split(separator: ":")
        guard parts.count == 2 else {
            throw CommandProblem(
                message: "\"\(hub)\" is no address", hint: "write host:port, such as 10.1.2.3:7401",
                isUsage: address != nil)
        }
        let (host, port) = (String(parts[0]), parts[1])
        guard !wildcards.contains(host) else {
            throw CommandProblem(
                message: "no street can connect to \(hub): it stands for all addresses of the centre's machine",
                hint: """
                    give the one at which streets reach it: `gridline nodes invite \(directory) --node \(node) \
                    --address HOST:\(port)`
                    """,
                isUsage: true)
        }
        // Whoever gave the address knows whose machine it is about.
        guard address == nil, host == "localhost" || HTTPAddress.isLoopback(host) else { return [] }
        return [
            InvitationAdvice(
                message: "\(hub) is reached from this machine only",
                hint: """
                    for a street on another machine set replicationListen: "0.0.0.0:\(port)" in \
                    \(directory)/gridline.yaml, start the centre again, and invite with --address HOST:\(port)
                    """)
        ]
    }

    /// The territory stands behind damaged rows.
    static func unread(_ directory: String) -> InvitationAdvice {
        InvitationAdvice(
            message: "the territory cannot be read, so that nobody looked which node it names",
            hint: "run `gridline verify \(directory)`")
    }

    /// Hosts that are listened on, and connected to by nobody.
    private static let wildcards = ["0.0.0.0", "*"]

    /// - Parameters:
    ///   - area: code of the street's unit; empty when none was given.
    ///   - directory: the centre's folder, as it was typed.
    /// - Returns: nil when the territory in force sends the area's tickets to the node.
    static func on(
        _ node: NodeID, of area: String, under rules: BookRules, in directory: String
    ) -> InvitationAdvice? {
        let unit = area.isEmpty ? "CODE" : area
        let publish: Words = """
            `gridline rules show \(directory) territory > territory.json`, write "node": "\(node)" at unit \(unit) there and \
            a new version, `gridline rules publish \(directory) territory territory.json`
            """
        if area.isEmpty {
            guard !rules.isNamed(node) else { return nil }
            return InvitationAdvice(
                message: "the territory in force names node \(node) for no unit: no ticket will go to it by its unit",
                hint: publish)
        }
        guard let named = rules.namedNode(of: area) else {
            return InvitationAdvice(
                message: "the territory in force names no node for \(area): its tickets stay at the centre",
                hint: publish)
        }
        guard named != node else { return nil }
        return InvitationAdvice(
            message: "the territory in force names node \(named) for \(area), so that its tickets never go to \(node)",
            hint: """
                invite it under that name, `gridline nodes invite \(directory) --node \(named) --area \(area)`, or publish \
                another territory: \(publish)
                """)
    }
}
