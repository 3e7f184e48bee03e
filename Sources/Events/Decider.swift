/// A decision in its pure form: command and state in, events or a refusal out; events in, state out.
///
/// `decide` reads no clock, no disk and no randomness: what it needs stands in the command's context.
/// `apply` never refuses, since history is fact. A command that is repeated on the state it made yields `[]`
/// or the same refusal, never a second effect.
package protocol Decider {
    associatedtype State: Sendable & Equatable
    associatedtype Command: Sendable
    associatedtype Event: Sendable & Equatable
    associatedtype Refusal: Problem & Equatable
    /// What decisions read beside the state: the time, the actor, the rules in force.
    associatedtype Context: Sendable

    static var initial: State { get }
    static func decide(_ command: Command, in state: State, context: Context) throws(Refusal) -> [Event]
    static func apply(_ event: Event, to state: State) -> State
}
