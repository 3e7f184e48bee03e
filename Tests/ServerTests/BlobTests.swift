import Events
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Synchronization
import Testing
import Tickets

@testable import Server

@Suite("Photographs over HTTP") struct BlobTests {
    /// A photograph's first bytes, and some more.
    private static let photograph: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0] + (0..<5_000).map { UInt8($0 % 251) }
    private static let sha256 = Digest.sha256(photograph).description

    private static func upload(
        _ bytes: [UInt8], as type: String?, _ program: Program, method: HTTPRequest.Method = .post
    ) async throws -> TestResponse {
        var headers: HTTPFields = [.authorization: "Bearer \(program.token ?? "")"]
        headers[.contentType] = type
        return try await program.client.execute(
            uri: "/api/v1/blobs", method: method, headers: headers, body: ByteBuffer(bytes: bytes))
    }

    private static func get(
        _ path: String, _ program: Program, _ more: HTTPFields = [:]
    ) async throws -> TestResponse {
        var headers = more
        headers[.authorization] = "Bearer \(program.token ?? "")"
        return try await program.client.execute(uri: path, method: .get, headers: headers)
    }

    @Test("a photograph that is uploaded is given back to the byte, as what it is and as nothing else")
    func roundTrip() async throws {
        let node = try ServedNode()
        try await node.called { program in
            let answer = try await BlobTests.upload(BlobTests.photograph, as: "image/jpeg", program)
            #expect(answer.status == .created)
            let wanted: JSONObject = [
                "sha256": BlobTests.sha256.json, "size": .integer(5_004), "type": "image/jpeg".json,
            ]
            #expect(answer.json == wanted)
            #expect(try await BlobTests.upload(BlobTests.photograph, as: nil, program, method: .put).json == wanted)
            let given = try await BlobTests.get("/api/v1/blobs/\(BlobTests.sha256)", program)
            #expect(given.status == .ok)
            #expect(Array(given.body.readableBytesView) == BlobTests.photograph)
            #expect(given.headers[.contentType] == "image/jpeg")
            #expect(given.headers[.xContentTypeOptions] == "nosniff")
            #expect(given.headers[.contentSecurityPolicy]?.contains("sandbox") == true)
            #expect(given.headers[.contentDisposition]?.hasPrefix("inline; filename=") == true)
            let same = try await BlobTests.get(
                "/api/v1/blobs/\(BlobTests.sha256)", program, [.ifNoneMatch: "\"\(BlobTests.sha256)\""])
            #expect(same.status == .notModified)
        }
    }

    @Test(
        "a part of it is given where one is asked for",
        arguments: [
            ("bytes=0-9", 206, 0..<10), ("bytes=5000-", 206, 5_000..<5_004), ("bytes=-4", 206, 5_000..<5_004),
            ("bytes=5000-9999", 206, 5_000..<5_004), ("bytes=5004-", 416, nil), ("bytes=-0", 416, nil),
            ("bytes=9-1", 200, 0..<5_004), ("bytes=0-1,3-4", 200, 0..<5_004), ("lines=1-2", 200, 0..<5_004),
        ] as [(String, Int, Range<Int>?)])
    func range(text: String, status: Int, part: Range<Int>?) async throws {
        try await ServedNode().called { program in
            _ = try await BlobTests.upload(BlobTests.photograph, as: nil, program)
            let given = try await BlobTests.get("/api/v1/blobs/\(BlobTests.sha256)", program, [.range: text])
            #expect(given.status.code == status)
            #expect(Array(given.body.readableBytesView) == part.map { Array(BlobTests.photograph[$0]) } ?? [])
        }
    }

    @Test(
        "what is none, is another than was said, too long or empty is refused with its code",
        arguments: [
            (Array("<html><script>".utf8), "image/jpeg", 415, "GL-2022"),
            (photograph, "text/html", 415, "GL-2022"), (photograph, "image/png", 415, "GL-2023"),
            ([], "image/jpeg", 400, "GL-2021"),
            (photograph + [UInt8](repeating: 0, count: 1 << 20), "image/jpeg", 413, "GL-2020"),
        ] as [([UInt8], String, Int, String)])
    func refused(bytes: [UInt8], type: String, status: Int, code: String) async throws {
        try await ServedNode().called { program in
            let answer = try await BlobTests.upload(bytes, as: type, program)
            #expect(answer.status.code == status)
            #expect(answer.json["code"] == code.json)
        }
    }

    @Test("nothing of it without the token; what is not here is 404, and no path leads out of the folder")
    func guarded() async throws {
        try await ServedNode().called { program in
            let stranger = Program(client: program.client, token: "guess")
            #expect(try await BlobTests.upload(BlobTests.photograph, as: nil, stranger).status == .unauthorized)
            _ = try await BlobTests.upload(BlobTests.photograph, as: nil, program)
            let path = "/api/v1/blobs/"
            #expect(try await BlobTests.get(path + BlobTests.sha256, stranger).status == .unauthorized)
            let absent = try await BlobTests.get(path + String(repeating: "0", count: 64), program)
            #expect(absent.status == .notFound && absent.json["code"] == "GL-2024".json)
            for name in ["..%2f..%2flog.sqlite", "exchange", BlobTests.sha256.uppercased()] {
                #expect(try await BlobTests.get(path + name, program).status == .badRequest, "\(name)")
            }
        }
    }

    @Test(
        "a step names a photograph that is here by its hash, and the event says what it is; one that is not here is refused"
    )
    func attached() async throws {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        let before = try node.position
        let (absent, position) = (String(repeating: "0", count: 64), before)
        try await node.called { program in
            let clerk = Program(client: program.client, role: "clerk", unit: "320507001")
            func note(_ items: [JSON]) async throws -> TestResponse {
                let body: JSONObject = ["text": "现场".json, "attachments": .array(items)]
                return try await clerk.post(
                    "/api/v1/tickets/\(ticket.key)/progressNoted", ["body": .object(body)],
                    key: "0197d0c0-0000-7000-8000-000000000001")
            }
            let refused = try await note([absent.json])
            #expect(refused.status == .unprocessableContent && refused.json["code"] == "GL-6037".json)
            for bad in ["x".json, .object(["sha256": BlobTests.sha256.json, "colour": "red".json])] {
                #expect(try await note([bad]).json["code"] == "GL-4006".json)
            }
            #expect(try node.position == position)
            _ = try await BlobTests.upload(BlobTests.photograph, as: nil, program)
            let taken: JSONObject = [
                "sha256": BlobTests.sha256.json, "kind": "before".json, "takenAt": .integer(1_795_397_000_000),
                "size": .integer(1), "type": "application/pdf".json,
            ]
            #expect(try await note([.object(taken)]).status == .created)
        }
        let fold = try #require(try node.fold(ticket))
        let body = try #require(fold.entries.last?.record.body)
        var wanted = Attachment(.sha256(BlobTests.photograph))
        wanted.size = 5_004
        wanted.type = .jpeg
        wanted.kind = .before
        wanted.takenAt = Timestamp(milliseconds: 1_795_397_000_000)
        #expect(Attachment.all(in: body) == [wanted])
        let last = try #require(try node.events().last)
        #expect(TicketBlobs().blobs(namedIn: last) == [wanted.blob])
    }

    @Test(
        "a street's page shows the photograph, and says that the centre does not have it until the centre has said so")
    func page() async throws {
        let node = try ServedNode("street1")
        let bytes = BlobTests.photograph
        let blob = try node.blobs.put(bytes).blob
        let ticket = try node.perform(
            .registered,
            [
                "channel": "grid".json, "matter": "井盖缺失".json,
                "attachments": .array([Attachment(blob).json, Attachment(.sha256([9])).json]),
            ], as: Actor(account: "li", role: "clerk", unit: "320507001"))
        let (image, mark) = ("<img src=\"/blobs/\(blob)\"", "文件未到中心")
        func shown() async throws -> String {
            let page = Mutex("")
            try await node.browse { browser in
                let clerk = try await browser.loggedIn()
                let text = try await clerk.get("/tickets/\(ticket.key)").text
                page.withLock { $0 = text }
            }
            return page.withLock { $0 }
        }
        var page = try await shown()
        #expect(page.contains(image) && page.contains(mark), "nothing is known yet")
        #expect(page.contains("文件尚未到本节点"), "the other one")
        node.confirmed = [node.origin: 1]
        node.blobStatus.isCaughtUp = true
        node.blobStatus.unconfirmed = [blob]
        page = try await shown()
        #expect(page.contains(image) && page.contains(mark), "the event is there, the file is not")
        node.blobStatus.unconfirmed = []
        page = try await shown()
        #expect(page.contains(image) && !page.contains(mark))
        node.confirmed = [node.origin: 0]
        page = try await shown()
        #expect(page.contains(mark), "who has not even the event")
    }

    @Test("the page's files are for who is logged in, and pages may show pictures of their own site alone")
    func session() async throws {
        let node = try ServedNode()
        let blob = try node.blobs.put(BlobTests.photograph).blob
        try await node.browse { browser in
            let stranger = try await browser.get("/blobs/\(blob)")
            #expect(stranger.status == .seeOther && stranger.headers[.location] == "/login")
            let clerk = try await browser.loggedIn()
            let given = try await clerk.get("/blobs/\(blob)")
            #expect(Array(given.body.readableBytesView) == BlobTests.photograph)
            let policy = try await clerk.get("/").headers[.contentSecurityPolicy] ?? ""
            #expect(policy.contains("default-src 'none'; img-src 'self'; media-src 'self'"))
        }
    }

    /// A form as a browser posts it with files.
    private static func multipart(_ parts: [(String, String?, [UInt8])]) -> [UInt8] {
        parts.flatMap { name, file, bytes in
            let filename = file.map { "; filename=\"\($0)\"\r\nContent-Type: image/jpeg" } ?? ""
            return Array("--XyZ\r\nContent-Disposition: form-data; name=\"\(name)\"\(filename)\r\n\r\n".utf8)
                + bytes + Array("\r\n".utf8)
        } + Array("--XyZ--\r\n".utf8)
    }

    @Test(
        "a form with a photograph is one step that names it, without any script; a refused one keeps what was uploaded")
    func form() async throws {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        let path = "/tickets/\(ticket.key)"
        try await node.browse { browser in
            let clerk = try await browser.loggedIn()
            let page = try await clerk.get(path)
            #expect(page.text.contains("action=\"\(path)/progressNoted\" enctype=\"multipart/form-data\""))
            #expect(page.text.contains("<input type=\"file\" name=\"attachments\" multiple"))
            func send(_ text: String, _ files: [[UInt8]]) async throws -> TestResponse {
                let command = page.hidden("command", after: "\(path)/progressNoted")
                let fields = [("csrf", page.hidden("csrf")), ("command", command), ("text", text)]
                let body = BlobTests.multipart(
                    fields.map { ($0, nil, Array($1.utf8)) } + files.map { ("attachments", "现场.jpg", $0) })
                return try await clerk.client.execute(
                    uri: "\(path)/progressNoted", method: .post,
                    headers: [
                        .acceptLanguage: "zh-CN", .cookie: clerk.cookie,
                        .contentType: "multipart/form-data; boundary=XyZ",
                    ], body: ByteBuffer(bytes: body))
            }
            let foreign = try await send("夜间复查", [Array("<script>".utf8)])
            #expect(foreign.status.code == 415 && foreign.text.contains("role=\"alert\""))
            let refused = try await send("", [BlobTests.photograph])
            #expect(refused.status == .unprocessableContent && refused.text.contains("value=\"\(BlobTests.sha256)\""))
            let sent = try await send("夜间复查", [BlobTests.photograph, []])
            #expect(sent.status == .seeOther && sent.headers[.location] == "\(path)?done=new")
        }
        let body = try #require(try node.fold(ticket)?.entries.last?.record.body)
        #expect(Attachment.all(in: body).map(\.blob.description) == [BlobTests.sha256])
        #expect(body["text"] == "夜间复查".json)
    }

    @Test(
        "a form with files is read the same however it is cut into pieces, also where bytes look like its end",
        arguments: [1, 2, 7, 64, 100_000])
    func pieces(size: Int) throws {
        let file = Array("\r\n--Xy\r\n--XyA\r\r\n".utf8) + BlobTests.photograph
        let body = BlobTests.multipart([("text", nil, Array("一\r\n二".utf8)), ("a", "x.jpg", file), ("b", "", [])])
        var reader = try #require(MultipartReader(contentType: "multipart/form-data; boundary=\"XyZ\""))
        var read: [(String, Bool, [UInt8])] = []
        for start in stride(from: 0, to: body.count, by: size) {
            for event in try reader.take(Array(body[start..<min(start + size, body.count)])) {
                switch event {
                case .begin(let field, let isFile): read.append((field, isFile, []))
                case .bytes(let bytes): read[read.count - 1].2 += bytes
                case .end: break
                }
            }
        }
        #expect(reader.isWhole)
        #expect(read.map(\.0) == ["text", "a", "b"] && read.map(\.1) == [false, true, true])
        #expect(read.map(\.2) == [Array("一\r\n二".utf8), file, []])
        var endless = try #require(MultipartReader(contentType: "multipart/form-data; boundary=XyZ"))
        #expect(throws: MultipartReader.Malformed.self) {
            for _ in 0..<100 { _ = try endless.take(Array("--XyZ\r\nA: \(String(repeating: "b", count: 100))".utf8)) }
        }
    }
}
