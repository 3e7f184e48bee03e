/// Photographs and recordings over HTTP (`docs/http.md`): uploaded as the body of a request, given under their SHA-256, and
/// named by it in a step.

import Events
import HTTPTypes
import Hummingbird
import NIOCore
import Tickets

enum Blobs {
    /// Bytes that are read for an answer at once.
    private static let piece = 64 << 10

    static func add(to router: RouterGroup<BasicRequestContext>, _ ports: ServerPorts, _ threads: HandlerThreads) {
        for method in [HTTPRequest.Method.post, .put] {
            router.on("blobs", method: method) { request, _ in
                let stored = try await upload(request, ports)
                return API.respond(Blobs.json(of: stored), .created)
            }
        }
        router.get("blobs/:sha256") { request, context in
            try give(try context.parameters.require("sha256"), request, ports, threads)
        }
    }

    private static func json(of stored: StoredBlob) -> JSON {
        .object([
            "sha256": .string(stored.blob.description), "size": .integer(stored.size),
            "type": .string(stored.type?.rawValue ?? ""),
        ])
    }

    // MARK: - In

    private static func upload(_ request: Request, _ ports: ServerPorts) async throws -> StoredBlob {
        let said = mediaType(of: request)
        if let said, MediaType(rawValue: said) == nil { throw BlobFailure.noType }
        if let length = request.headers[.contentLength].flatMap(Int64.init), length > ports.blobs.limit {
            throw BlobFailure.tooLong(limit: ports.blobs.limit)
        }
        let upload = try ports.blobs.begin()
        do {
            for try await buffer in request.body { try upload.write(Array(buffer.readableBytesView)) }
            return try upload.finish(as: said)
        } catch {
            upload.cancel()
            throw error
        }
    }

    /// What the sender says it is, without parameters; nil when it says nothing.
    private static func mediaType(of request: Request) -> String? {
        guard let said = request.headers[.contentType]?.prefix(while: { $0 != ";" }) else { return nil }
        let type = said.filter { !$0.isWhitespace }.lowercased()
        return type.isEmpty || type == "application/octet-stream" ? nil : type
    }

    // MARK: - Out

    /// A blob, or a part of it.
    ///
    /// A browser shows it as the type that its bytes have and as nothing else, and runs nothing of it.
    static func give(
        _ name: String, _ request: Request, _ ports: ServerPorts, _ threads: HandlerThreads
    ) throws -> Response {
        guard let blob = Digest(hexadecimal: name) else { throw BadRequest.parameter("sha256", name) }
        guard let stored = try ports.blobs.stored(blob) else { throw BlobFailure.unknown(blob) }
        let tag = "\"\(blob)\""
        var headers: HTTPFields = [
            .contentType: stored.type?.rawValue ?? "application/octet-stream", .eTag: tag,
            .acceptRanges: "bytes", .xContentTypeOptions: "nosniff", .cacheControl: "private, no-cache",
            .contentSecurityPolicy: "default-src 'none'; sandbox",
            .contentDisposition: disposition(of: stored),
        ]
        if request.headers[.ifNoneMatch] == tag { return Response(status: .notModified, headers: headers) }
        var part: Range<Int64> = 0..<stored.size
        var status = HTTPResponse.Status.ok
        switch range(request, size: stored.size) {
        case .none: break
        case .some(nil):
            headers[.contentRange] = "bytes */\(stored.size)"
            return Response(status: .rangeNotSatisfiable, headers: headers)
        case .some(let asked?):
            part = asked
            status = .partialContent
            headers[.contentRange] = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(stored.size)"
        }
        let (store, wanted) = (ports.blobs, part)
        let body = ResponseBody(contentLength: Int(wanted.count)) { writer in
            // The body is written when its handler has long returned.
            try await withTaskExecutorPreference(threads) {
                var offset = wanted.lowerBound
                while offset < wanted.upperBound {
                    let count = min(Int64(piece), wanted.upperBound - offset)
                    let bytes = try store.read(blob, at: offset, count: Int(count))
                    guard !bytes.isEmpty else { throw BlobFailure.damaged(blob) }
                    try await writer.write(ByteBuffer(bytes: bytes))
                    offset += Int64(bytes.count)
                }
            }
            try await writer.finish(nil)
        }
        return Response(status: status, headers: headers, body: body)
    }

    private static func disposition(of stored: StoredBlob) -> String {
        let name = "\(stored.blob.description.prefix(16)).\(stored.type?.suffix ?? "bin")"
        let isShown = stored.type.map { $0.family != .document } ?? false
        return "\(isShown ? "inline" : "attachment"); filename=\"\(name)\""
    }

    /// The one range that is asked for (RFC 9110 14.2).
    ///
    /// - Returns: nil for the whole, also where several are asked for or none can be read; `.some(nil)` for one that is not there.
    private static func range(_ request: Request, size: Int64) -> Range<Int64>?? {
        guard let text = request.headers[.range], text.hasPrefix("bytes=") else { return .none }
        let ends = text.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, !text.contains(",") else { return .none }
        let (first, last) = (Int64(ends[0]), Int64(ends[1]))
        switch (ends[0].isEmpty, first, ends[1].isEmpty, last) {
        case (true, _, false, let count?): return count > 0 ? max(0, size - count)..<size : .some(nil)
        case (false, let start?, true, _): return start < size ? start..<size : .some(nil)
        case (false, let start?, false, let end?) where start <= end:
            return start < size ? start..<(min(end, size - 1) + 1) : .some(nil)
        case _: return .none
        }
    }
}

extension ServerPorts {
    /// The fields of a step with what this node knows of the blobs that they name.
    ///
    /// - Throws: `NamedBlobMissing` for one that is not here: an event names only what its node has, durably.
    func attached(_ body: JSONObject) throws -> JSONObject {
        var body = body
        for field in Attachment.fields {
            // What is none is refused by the step, with the field's rule.
            guard let items = body[field]?.array, items.count <= Attachment.most else { continue }
            body[field] = .array(try items.map { try attached($0) })
        }
        return body
    }

    private func attached(_ item: JSON) throws -> JSON {
        guard var attachment = Attachment(item) else { return item }
        guard let stored = try blobs.stored(attachment.blob) else { throw NamedBlobMissing(blob: attachment.blob) }
        attachment.size = stored.size
        attachment.type = stored.type
        return attachment.json
    }
}

/// A step names a blob that is not here.
struct NamedBlobMissing: Problem, Equatable {
    let blob: Digest
    var code: String { "GL-6037" }
    var message: Words { "the step names the file \(blob), which is not here" }
    var hint: Words { "upload it first (POST /api/v1/blobs), then send the same step with the same key" }
}
