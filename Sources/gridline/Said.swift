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
            if let (english, words) = frame.first(where: { line.hasPrefix($0.english) }) {
                let heading = Talk.language.text(words)
                let rest = line.dropFirst(english.count)
                // A full-width colon brings its own blank.
                return heading + (heading.hasSuffix("：") ? rest.drop { $0 == " " } : rest)
            }
            guard line.hasSuffix(helpOption.english) else { return String(line) }
            return line.dropLast(helpOption.english.count) + Talk.language.text(helpOption.words)
        }.joined(separator: "\n")
    }

    /// The end of a line.
    private static let helpOption: (english: String, words: Words) = (
        "Show help information.", "Show help information."
    )

    /// Beginnings of lines.
    private static let frame: [(english: String, words: Words)] = [
        ("OVERVIEW:", "OVERVIEW:"), ("USAGE:", "USAGE:"), ("Usage:", "Usage:"), ("ARGUMENTS:", "ARGUMENTS:"),
        ("OPTIONS:", "OPTIONS:"), ("SUBCOMMANDS:", "SUBCOMMANDS:"), ("Error:", "Error:"), ("Help:", "Help:"),
    ]
}
