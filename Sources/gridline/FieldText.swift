/// Fields of a step as they are typed in a shell: `name=value`, by the shape that the step's table gives each.

import Events
import Server
import Tickets

enum FieldText {
    /// - Throws: `CommandProblem` when it is no `name=value`.
    static func parts(_ text: String) throws -> (name: String, value: String) {
        guard let place = text.firstIndex(of: "="), place != text.startIndex else {
            throw CommandProblem(message: "\"\(text)\" is no field", hint: "write name=value", isUsage: true)
        }
        return (String(text[..<place]), String(text[text.index(after: place)...]))
    }

    /// Whether a time among the texts is to be read on the node's clock.
    static func needsZone(_ texts: [String], of kind: TicketEventKind) throws -> Bool {
        let fields = TicketFields.of(kind)
        return try texts.contains { text in
            let (path, value) = try parts(text)
            let names = path.split(separator: ".", maxSplits: 1).map(String.init)
            let shape = fields.first { $0.name == names.first }?.shape
            let isInstant = names.count == 2 ? isInstant(names[1], of: shape) : shape == .instant
            return isInstant && [.day, .local].contains(Instant.kind(of: value))
        }
    }

    /// The body that the texts make.
    ///
    /// A member of an object is written `place.area=…`, a list by naming it again. What a text cannot be read as goes to the node as it was typed, whose refusal names the rule; but for a time, whose rule is another in a shell.
    ///
    /// - Parameter offsetMinutes: of the node's zone, for times without one.
    static func body(_ texts: [String], of kind: TicketEventKind, offsetMinutes: Int) throws -> JSONObject {
        let fields = TicketFields.of(kind)
        var body = JSONObject()
        for text in texts {
            let (path, value) = try parts(text)
            let names = path.split(separator: ".", maxSplits: 1).map(String.init)
            guard let name = names.first else { continue }
            let shape = fields.first { $0.name == name }?.shape ?? .text
            if names.count == 2 {
                var inner = body[name]?.object ?? JSONObject()
                inner[names[1]] = try member(path, names[1], of: shape, value, offsetMinutes)
                body[name] = .object(inner)
                continue
            }
            switch shape {
            case .text, .unit, .oneOf, .node, .stream, .event, .person, .area: body[name] = .string(value)
            case .integer: body[name] = Int64(value).map(JSON.integer) ?? .string(value)
            case .flag: body[name] = ["true": JSON.bool(true), "false": JSON.bool(false)][value] ?? .string(value)
            case .instant: body[name] = try instant(value, path, offsetMinutes)
            case .texts, .blobs, .category: body[name] = .array((body[name]?.array ?? []) + [.string(value)])
            case .object, .place:
                body[name] = (try? JSONReader.readObject(Array(value.utf8))).map(JSON.object) ?? .string(value)
            case .objects:
                let object = (try? JSONReader.readObject(Array(value.utf8))).map(JSON.object) ?? .string(value)
                body[name] = .array((body[name]?.array ?? []) + [object])
            }
        }
        return body
    }

    /// A member of an object: `at` is a time, a coordinate of a place a number, all else a text.
    private static func member(
        _ path: String, _ name: String, of shape: FieldShape, _ value: String, _ offsetMinutes: Int
    ) throws -> JSON {
        if isInstant(name, of: shape) { return try instant(value, path, offsetMinutes) }
        guard shape == .place, name.hasSuffix("E7"), let number = Int64(value) else { return .string(value) }
        return .integer(number)
    }

    private static func isInstant(_ member: String, of shape: FieldShape?) -> Bool {
        shape == .object && member == "at"
    }

    /// Milliseconds as they are, or a time in words.
    private static func instant(_ value: String, _ path: String, _ offsetMinutes: Int) throws -> JSON {
        let milliseconds =
            try Int64(value) ?? Instant.parse(value, option: "--set \(path)", offsetMinutes: offsetMinutes).milliseconds
        return .integer(milliseconds)
    }
}
