// What two nodes say to each other about keys of persons, and its bytes (`docs/format/wire.md`, kinds 15, 16 and 23).

package import Events

/// What two nodes say to each other about keys.
package enum KeyMessage: Sendable, Equatable {
    /// Boxes that are here without their keys.
    case want([Box])
    case key(Box, PersonKey)
    /// What became of keys that came, or were asked for.
    case acknowledged([KeyAnswer])
}

package struct KeyAnswer: Sendable, Equatable {
    package enum State: UInt8, Sendable {
        /// The key is here, durably.
        case held = 1
        /// It was destroyed by an erasure.
        case erased = 3
        /// It is not here now.
        case absent = 4
        /// The box is not in what the asking node gets.
        case notYours = 5
    }

    package var box: Box
    package var state: State

    package init(box: Box, state: State) {
        self.box = box
        self.state = state
    }
}

extension KeyMessage {
    var kind: Message.Kind {
        switch self {
        case .want: .keyWant
        case .key: .key
        case .acknowledged: .keyAck
        }
    }

    func write(to writer: inout ByteWriter) {
        switch self {
        case .want(let boxes):
            writer.integer(UInt16(boxes.count))
            for box in boxes { writer.box(box) }
        case .key(let box, let key):
            writer.box(box)
            writer.raw(key.bytes)
        case .acknowledged(let answers):
            writer.integer(UInt16(answers.count))
            for answer in answers {
                writer.box(answer.box)
                writer.integer(answer.state.rawValue)
            }
        }
    }

    init(wantedFrom reader: inout ByteReader) throws(DecodeError) {
        var boxes: [Box] = []
        for _ in 0..<(try reader.count(KeyExchange.Limit.keys)) { boxes.append(try reader.box()) }
        self = .want(boxes)
    }

    init(keyFrom reader: inout ByteReader) throws(DecodeError) {
        let box = try reader.box()
        guard let key = PersonKey(bytes: Array(try reader.raw(PersonKey.size))) else {
            preconditionFailure("bytes of a key's size are a key")
        }
        self = .key(box, key)
    }

    init(answersFrom reader: inout ByteReader) throws(DecodeError) {
        var answers: [KeyAnswer] = []
        for _ in 0..<(try reader.count(KeyExchange.Limit.answers)) {
            let box = try reader.box()
            let number: UInt8 = try reader.integer()
            guard let state = KeyAnswer.State(rawValue: number) else {
                throw .malformed(offset: reader.offset - 1, what: "state \(number)")
            }
            answers.append(KeyAnswer(box: box, state: state))
        }
        self = .acknowledged(answers)
    }
}

extension ByteWriter {
    fileprivate mutating func box(_ box: Box) {
        string8(box.stream.text)
        string8(box.person.text)
    }
}

extension ByteReader {
    fileprivate mutating func box() throws(DecodeError) -> Box {
        let start = offset
        let stream = try string8()
        let person = try string8()
        // One person has one spelling.
        guard let name = try? StreamName(stream), let id = try? PersonID(person), id.text == person else {
            throw .malformed(offset: start, what: "stream \"\(stream)\" or person \"\(person)\"")
        }
        return Box(stream: name, person: id)
    }
}
