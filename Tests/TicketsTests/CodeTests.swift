/// Codes of problems: each stands once in the sources, and once in `docs/codes.md`.

import Foundation
import Testing

@testable import Tickets

@Suite("Codes")
struct CodeTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Every code that stands as a literal under Sources, with the files where it does.
    private func codes() throws -> [String: [String]] {
        let sources = Self.root.appending(path: "Sources")
        let walk = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
        var found: [String: [String]] = [:]
        for case let file as URL in walk where file.pathExtension == "swift" {
            for match in try String(contentsOf: file, encoding: .utf8).matches(of: /"(GL-[0-9]{4})"/) {
                found[String(match.1), default: []].append(file.lastPathComponent)
            }
        }
        return found
    }

    @Test func `no code stands for two problems`() throws {
        let codes = try codes()
        #expect(codes.count > 50)
        for (code, files) in codes { #expect(files.count == 1, "\(code) stands in \(files.sorted())") }
    }

    @Test func `docs/codes.md has one line for each code, and for no other`() throws {
        let text = try String(contentsOf: Self.root.appending(path: "docs/codes.md"), encoding: .utf8)
        let listed = text.matches(of: /(?m)^\| (GL-[0-9]{4}) \|/).map { String($0.1) }
        #expect(try listed == codes().keys.sorted())
        for rule in TicketGuard.allCases {
            #expect(text.contains("| \(rule.code) | \(rule.rawValue) | \(rule.expectation) |"), "\(rule.rawValue)")
        }
    }
}

@Suite("Format")
struct FormatTests {
    private func page() throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "docs/format/tickets.md"), encoding: .utf8)
    }

    @Test func `docs/format/tickets.md says of each kind who writes it and in which roles`() throws {
        let page = try page()
        for kind in TicketEventKind.allCases {
            let writer =
                switch kind.rule.writer {
                case .owner: "C"
                case .holder: "H"
                case .any: "A"
                case .centre: "centre"
                }
            let roles = kind.who(streetOwned: false).names.joined(separator: ", ")
            #expect(page.contains("| \(kind.rawValue) | \(writer) | \(roles) |"), "\(kind.rawValue)")
        }
        for role in TicketRole.allCases { #expect(page.contains("| \(role.rawValue) | "), "\(role.rawValue)") }
    }

    @Test func `docs/format/tickets.md lists the fields of every kind`() throws {
        let page = try page()
        for kind in TicketEventKind.allCases {
            let section = try #require(
                page.components(separatedBy: "### ").first { $0.hasPrefix("\(kind.typeName)\n") }, "\(kind.rawValue)")
            for field in TicketFields.of(kind) {
                let row = "| `\(field.name)` | \(field.isRequired ? "yes" : "no") | \(field.shape.rule) |"
                #expect(section.contains(row), "\(kind.rawValue): \(row)")
            }
        }
    }
}
