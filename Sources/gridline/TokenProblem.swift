/// A node that does not take the token, told for a shell: what to set there, not the header that it becomes.

import Events

struct TokenProblem: Problem, Equatable {
    /// Where a shell's token comes from.
    enum Source: Equatable {
        case environment
        /// `keys/token` of the node's folder.
        case file(String)
    }

    /// As the node gave it.
    let code: String
    let url: String
    let source: Source
    /// Whether there was a token at all.
    let isGiven: Bool

    var message: Words {
        switch (source, isGiven) {
        case (.environment, false): "the node at \(url) asks for its token, and GRIDLINE_TOKEN is not set"
        case (.environment, true): "the node at \(url) does not take the token in GRIDLINE_TOKEN"
        case (.file(let file), _): "the node at \(url) does not take the token in \(file)"
        }
    }

    var hint: Words {
        switch source {
        case .environment:
            """
            the token stands in the node's folder: put GRIDLINE_TOKEN=$(cat FOLDER/keys/token) before the command, or name the \
            folder in place of the URL
            """
        case .file: "the file was changed after the node started: restart the node, or put the file back"
        }
    }
}
