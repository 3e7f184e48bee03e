/// Who called, as a shell gives and shows it; no error says a word of it.

import Events
import Foundation

enum PersonText {
    /// The members of a person block (诉求人).
    private enum Member: String, CaseIterable {
        case name, phone, idNumber, address

        var label: Words {
            switch self {
            case .name: "name"
            case .phone: "telephone"
            case .idNumber: "identity number"
            case .address: "address"
            }
        }
    }

    private static let names = Member.allCases.map(\.rawValue)

    /// What a member of the block holds, for people; one of another version stands as it is.
    static func label(_ name: String) -> Words {
        Member(rawValue: name)?.label ?? Words(verbatim: ShownText.cell(name))
    }

    /// The person block; nil when there is none.
    ///
    /// - Parameters:
    ///   - lines: `name=value` each.
    ///   - file: holds the same, a line each, or a JSON object; `-` is stdin.
    /// - Throws: `CommandProblem` that names what is wrong and never what was written.
    static func block(lines: [String], file: String?) throws -> JSONObject? {
        guard let file else { return lines.isEmpty ? nil : try members(lines, in: "--person") }
        guard lines.isEmpty else {
            throw CommandProblem(
                message: "--person and --person-file together", hint: "use one of them", isUsage: true)
        }
        guard
            let data = file == "-"
                ? try FileHandle.standardInput.readToEnd() ?? Data() : FileManager.default.contents(atPath: file)
        else { throw CommandProblem(message: "\(file) cannot be read", hint: "name a file that you may read") }
        let text = String(decoding: data, as: UTF8.self)
        guard text.first(where: { !$0.isWhitespace }) == "{" else {
            return try members(text.split(whereSeparator: \.isNewline).map(String.init), in: "--person-file")
        }
        do throws(DecodeError) { return try JSONReader.readObject(Array(data)) } catch {
            throw CommandProblem(
                message: "--person-file is no JSON object that can be read",
                hint: "write {\"name\":…,\"phone\":…,\"idNumber\":…,\"address\":…}, or lines name=value")
        }
    }

    private static func members(_ lines: [String], in option: String) throws -> JSONObject {
        var members = JSONObject()
        for (place, line) in lines.enumerated() {
            guard let end = line.firstIndex(of: "="), names.contains(String(line[..<end])) else {
                throw CommandProblem(
                    message:
                        "value \(place + 1) of \(option) begins with none of \(Words.list(names.map { "\($0)=" }))",
                    hint: "write name=value", isUsage: true)
            }
            members[String(line[..<end])] = .string(String(line[line.index(after: end)...]))
        }
        return members
    }
}
