/// The photographs and recordings of a ticket's page: shown where they are here, and each with what is known of where it is.
///
/// Nothing counts as being at the centre before the centre has said so (`docs/format/blobs.md`).

import Events
import Texts
import Tickets

struct ShownAttachments {
    private var here: [Digest: StoredBlob] = [:]
    private let status: BlobStatus
    private let node: NodeID
    /// A centre has no other side of its own, and says of nothing that it is not at the centre.
    private let isStreet: Bool

    init(_ fold: TicketFold, _ ports: ServerPorts) throws {
        status = ports.blobStatus()
        node = ports.node
        isStreet = !ports.isCentre
        for entry in fold.entries {
            for attachment in Attachment.all(in: entry.record.body) {
                here[attachment.blob] = try ports.blobs.stored(attachment.blob)
            }
        }
    }

    /// - Parameter isAtCentre: whether the event that names them is there.
    func html(of record: TicketRecord, isAtCentre: Bool, _ frame: PageFrame) -> String {
        let items = Attachment.all(in: record.body)
        guard !items.isEmpty else { return "" }
        let isOwn = record.event.id.origin.node == node
        return "<ul class=\"attachments\">"
            + items.map { item in
                let isUnsaid = isOwn && isStreet && !(isAtCentre && isConfirmed(item.blob))
                let mark =
                    here[item.blob] == nil
                    ? mark(.blobNotHere, frame) : isUnsaid ? mark(.blobNotAtCentre, frame) : ""
                return "<li>\(view(of: item, frame))\(mark)</li>"
            }.joined() + "</ul>"
    }

    /// Whether the centre has said that it has it.
    private func isConfirmed(_ blob: Digest) -> Bool { status.isCaughtUp && !status.unconfirmed.contains(blob) }

    private func mark(_ key: TextKey, _ frame: PageFrame) -> String {
        "<div class=\"local\">\(frame.text(key))</div>"
    }

    private func view(of item: Attachment, _ frame: PageFrame) -> String {
        let type = here[item.blob]?.type ?? item.type
        let name = HTML.escape(frame.texts.attachment(kind: item.kind, type: type))
        let when = item.takenAt.map { " " + HTML.escape(frame.time($0)) } ?? ""
        guard here[item.blob] != nil else { return name + when }
        let address = "/blobs/\(item.blob)"
        let view =
            switch type?.family {
            case .picture: "<img src=\"\(address)\" alt=\"\(name)\" loading=\"lazy\">"
            case .sound: "<audio src=\"\(address)\" controls preload=\"none\"></audio>"
            case .film: "<video src=\"\(address)\" controls preload=\"none\"></video>"
            case .document, nil: ""
            }
        return "\(view)<a href=\"\(address)\">\(name)</a>\(when)"
    }
}
