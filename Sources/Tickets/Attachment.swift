/// Photographs and recordings that a ticket's events name (附件): by their SHA-256, never by their bytes.

package import Events

/// One of the list in `attachments` or `evidence`.
///
/// In an event it is an object; who gives a command may give the SHA-256 alone, and the node adds what it knows of it.
package struct Attachment: Sendable, Equatable {
    /// What it shows.
    package enum Kind: String, CaseIterable, Sendable {
        /// 处置前, 处置后, 现场, 材料, 录音
        case before, after, scene, document, recording
    }

    package let blob: Digest
    /// Bytes; at least 1.
    package var size: Int64?
    package var type: MediaType?
    package var kind: Kind?
    /// When it was taken, as its maker says.
    package var takenAt: Timestamp?

    /// Of one field.
    package static let most = 20
    /// The fields that hold them, in whatever event.
    package static let fields = ["attachments", "evidence"]

    package init(_ blob: Digest) { self.blob = blob }

    /// - Returns: nil for what is none, or holds more than one.
    package init?(_ json: JSON) {
        guard let blob = (json.string ?? json.object?["sha256"]?.string).flatMap({ Digest(hexadecimal: $0) }) else {
            return nil
        }
        self.init(blob)
        for (name, value) in json.object?.members ?? [] where name != "sha256" && !value.isNull {
            switch name {
            case "size":
                guard let bytes = value.integer, bytes > 0 else { return nil }
                size = bytes
            case "type":
                guard let known = value.string.flatMap(MediaType.init(rawValue:)) else { return nil }
                type = known
            case "kind":
                guard let known = value.string.flatMap(Kind.init(rawValue:)) else { return nil }
                kind = known
            case "takenAt":
                guard FieldShape.instant.fits(value), let instant = value.integer else { return nil }
                takenAt = Timestamp(milliseconds: instant)
            case _: return nil
            }
        }
    }

    package var json: JSON {
        var object: JSONObject = ["sha256": .string(blob.description)]
        object["size"] = size.map(JSON.integer)
        object["type"] = type.map { .string($0.rawValue) }
        object["kind"] = kind.map { .string($0.rawValue) }
        object["takenAt"] = takenAt.map { .integer($0.milliseconds) }
        return .object(object)
    }

    /// What a body names, field by field; what is none of them is passed over: history is fact.
    package static func all(in body: JSONObject) -> [Attachment] {
        fields.flatMap { (body[$0]?.array ?? []).compactMap { Attachment($0) } }
    }
}

/// Which blobs belong to a ticket: those that its events name.
package struct TicketBlobs: BlobNaming {
    package init() {}

    package func blobs(namedIn event: Event) -> [Digest] {
        // Nearly all events name none, and need not be read for that.
        // What a body named that was let go is neither asked for nor removed.
        guard event.stream.category == "ticket", case .here(let bytes) = event.body, TicketBlobs.mayName(bytes),
            let body = try? JSONReader.readObject(bytes)
        else { return [] }
        return Attachment.all(in: body).map(\.blob)
    }

    /// Whether one of the fields stands in the bytes.
    private static func mayName(_ body: [UInt8]) -> Bool {
        fields.contains { name in
            body.indices.contains { body[$0] == 0x22 && body[$0...].starts(with: name) }
        }
    }

    private static let fields = Attachment.fields.map { Array("\"\($0)\":".utf8) }
}
