/// The local chain: what this log alone knows (order and time of arrival), made evident
/// (`docs/format/log.md`, "Local chain").

import Events

enum LocalChain {
    /// The chain value of the row at `position`.
    static func value(
        after previous: ChainValue, position: Int64, receivedAt: Timestamp, streamVersion: Int64, hash: Digest
    ) -> ChainValue {
        var writer = previous.nextRow(reserving: 64)
        writer.integer(position)
        writer.integer(receivedAt.milliseconds)
        writer.integer(streamVersion)
        writer.digest(hash)
        return ChainValue(endOf: writer)
    }

    /// The chain value of row `no` of the commands that yielded nothing.
    static func value(
        after previous: ChainValue, no: Int64, command: CommandID, recordedAt: Timestamp, about: String
    ) -> ChainValue {
        var writer = previous.nextRow(reserving: 128)
        writer.integer(no)
        writer.integer(command.high)
        writer.integer(command.low)
        writer.integer(recordedAt.milliseconds)
        writer.string32(about)
        return ChainValue(endOf: writer)
    }

    /// The chain value of row `no` of the quarantine.
    static func value(after previous: ChainValue, no: Int64, receivedAt: Timestamp, hash: Digest) -> ChainValue {
        var writer = previous.nextRow(reserving: 48)
        writer.integer(no)
        writer.integer(receivedAt.milliseconds)
        writer.digest(hash)
        return ChainValue(endOf: writer)
    }

    /// What stands beside the owner's name in `meta`.
    static func seal(ofNode node: String) -> ChainValue {
        ChainValue.zero.extended(by: Array("\(node) \(Schema.format)".utf8))
    }
}
