/// Help texts in the shell's language.

import ArgumentParser
import Events
import Texts

/// The text of an `abstract`.
func said(_ words: Words) -> String { Talk.language.text(words) }

/// The text of a `help`.
func said(_ words: Words) -> ArgumentHelp { ArgumentHelp(Talk.language.text(words)) }

/// What ArgumentParser itself says around them.
enum Usage {
    /// Puts the frame of a help text into the shell's language.
    ///
    /// ArgumentParser 1.8 knows English alone; what it says of a wrong option stays English behind its heading.
    static func said(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            guard let (heading, words) = frame.first(where: { line.hasPrefix($0.heading) }) else { return String(line) }
            return Talk.language.text(words) + line.dropFirst(heading.count)
        }.joined(separator: "\n")
    }

    /// Beginnings of lines.
    private static let frame: [(heading: String, words: Words)] = [
        ("OVERVIEW:", "OVERVIEW:"), ("USAGE:", "USAGE:"), ("Usage:", "Usage:"), ("ARGUMENTS:", "ARGUMENTS:"),
        ("OPTIONS:", "OPTIONS:"), ("SUBCOMMANDS:", "SUBCOMMANDS:"), ("Error:", "Error:"), ("Help:", "Help:"),
    ]
}
