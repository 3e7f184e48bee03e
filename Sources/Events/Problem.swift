/// An error that a person can act on: a stable code, what was wrong, and what to do next.
///
/// Every error of Gridline that can reach a person conforms. `gridline` prints `message`, then `hint`;
/// the HTTP API renders both as problem+json (RFC 9457); each in the reader's language.
package protocol Problem: Error, Sendable {
    /// A stable number, "GL-" and four digits; 1xxx identifiers and formats, 2xxx log, 3xxx rules,
    /// 4xxx tickets, 5xxx replication, 6xxx configuration and commands, 7xxx import,
    /// 8xxx views.
    var code: String { get }
    /// What was wrong, with the object and both values where two disagree.
    var message: Words { get }
    /// What to do now; names the command where there is one.
    var hint: Words { get }
}
