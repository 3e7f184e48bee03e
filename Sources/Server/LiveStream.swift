/// The live stream of events, `GET /api/v1/stream`: server-sent events (WHATWG HTML, 9.2) from any position on, from
/// catch-up to live without a seam: what is sent is always read from the log, a commit only says that there is more.

import Events
import HTTPTypes
import Hummingbird
import ServiceLifecycle
import Tickets

enum LiveStream {
    /// Events read at once.
    private static let page = 200
    /// Between two signs of life.
    private static let silence = Duration.seconds(15)

    static let names = ["after", "stream"]

    static func add(to router: RouterGroup<BasicRequestContext>, _ ports: ServerPorts, _ threads: HandlerThreads) {
        router.get("stream") { request, _ in
            let query = try Query(request, known: names, offsetMinutes: ports.utcOffsetMinutes)
            let head = try ports.head()
            let after = try position(request, query) ?? head
            // A position that is not here yet was never given here: the log is an older one than the client read.
            guard after <= head else { throw BadRequest.beyond(after, head) }
            let stream = try query.text("stream").map { try StreamName(asked: $0) }
            let headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-cache"]
            // Nobody would read what a listener is told.
            if request.method == .head { return Response(status: .ok, headers: headers) }
            guard let (news, continuation) = ports.commits.listen() else { throw BadRequest.tooManyStreams }
            let body = ResponseBody { writer in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        while !Task.isCancelled {
                            try await Task.sleep(for: silence)
                            continuation.yield(.silence)
                        }
                    }
                    defer { group.cancelAll() }
                    // The body is written when its handler has long returned.
                    try await withTaskExecutorPreference(threads) {
                        try await send(news, after: after, of: stream, ports, to: &writer)
                    }
                    continuation.finish()
                }
                try await writer.finish(nil)
            }
            return Response(status: .ok, headers: headers, body: body)
        }
    }

    /// Where a client that comes back goes on: its last id, or `after`; nil when it says neither.
    private static func position(_ request: Request, _ query: Query) throws -> Int64? {
        guard let text = HTTPField.Name("Last-Event-ID").flatMap({ request.headers[$0] }) else {
            return try query.integer("after", 0...Int64.max)
        }
        guard let position = Int64(text), position >= 0 else { throw BadRequest.parameter("Last-Event-ID", text) }
        return position
    }

    private static func send(
        _ news: AsyncStream<CommitSignal.News>, after: Int64, of stream: StreamName?, _ ports: ServerPorts,
        to writer: inout any ResponseBodyWriter
    ) async throws {
        var sent = after
        try await writer.write(ByteBuffer(string: ": from \(sent)\n\n"))
        sent = try await sendAll(above: sent, of: stream, ports, to: &writer)
        for await one in news.cancelOnGracefulShutdown() {
            switch one {
            case .commit: sent = try await sendAll(above: sent, of: stream, ports, to: &writer)
            case .silence: try await writer.write(ByteBuffer(string: ":\n\n"))
            }
        }
    }

    private static func sendAll(
        above position: Int64, of stream: StreamName?, _ ports: ServerPorts, to writer: inout any ResponseBodyWriter
    ) async throws -> Int64 {
        var sent = position
        while true {
            let events = try ports.events(stream.map(ReadScope.stream) ?? .all, sent, page)
            guard let last = events.last else { return sent }
            var bytes: [UInt8] = []
            for stored in events {
                bytes += Array("id: \(stored.position)\nevent: \(stored.event.type.name)\ndata: ".utf8)
                bytes += stored.event.exportLine
                bytes += [0x0A, 0x0A]
            }
            try await writer.write(ByteBuffer(bytes: bytes))
            sent = last.position
        }
    }
}
