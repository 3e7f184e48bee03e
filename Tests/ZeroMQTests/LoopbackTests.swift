/// Real libzmq sockets on loopback: who gets in, whose feed is whose, what is too large, and what a restart does.

import Testing
import ZeroMQ

@Suite("ZeroMQ on loopback", .serialized)
struct LoopbackTests {
    @Test("An enrolled key gets in, and its messages carry its node's id")
    func admits() throws {
        let net = try Loopback()
        let keys = try CurveKeys.generate()
        net.authenticator.allow(key: keys.publicKey, as: "street1", in: "gridline")
        let router = try net.server(.router, domain: "gridline")
        let dealer = try net.client(.dealer, keys: keys, to: router)
        #expect(try dealer.send([[1, 2, 3]]))
        let message = try #require(try net.next(at: router))
        #expect(message.userID == "street1")
        #expect(message.frames.last == [1, 2, 3])
    }

    @Test("An unknown key sends in vain; once it is enrolled the same socket gets through")
    func laterEnrolled() throws {
        let net = try Loopback()
        let keys = try CurveKeys.generate()
        let known = try CurveKeys.generate()
        net.authenticator.allow(key: known.publicKey, as: "street1", in: "gridline")
        let router = try net.server(.router, domain: "gridline")
        let watch = try HandshakeWatch(router, in: net.context)
        let stranger = try net.client(.dealer, keys: keys, to: router)
        #expect(try stranger.send([[9]]))
        #expect(try net.refuses(at: router, watch))
        let dealer = try net.client(.dealer, keys: known, to: router)
        #expect(try dealer.send([[1]]))
        let first = try #require(try net.next(at: router))
        #expect(first.userID == "street1")
        #expect(first.frames.last == [1])

        net.authenticator.allow(key: keys.publicKey, as: "street2", in: "gridline")
        let second = try #require(try net.next(at: router))
        #expect(second.userID == "street2")
        #expect(second.frames.last == [9])
    }

    @Test("A node that expects another key of the centre sends nothing to it")
    func wrongServerKey() throws {
        let net = try Loopback()
        let keys = try CurveKeys.generate()
        net.authenticator.allow(key: keys.publicKey, as: "street1", in: "gridline")
        let router = try net.server(.router, domain: "gridline")
        let other = try CurveKeys.generate()
        let watch = try HandshakeWatch(router, in: net.context)
        let misled = try net.client(.dealer, keys: keys, to: router, serverKey: other.publicKey)
        #expect(try misled.send([[9]]))
        #expect(try net.refuses(at: router, watch))
        let dealer = try net.client(.dealer, keys: keys, to: router)
        #expect(try dealer.send([[1]]))
        #expect(try net.next(at: router)?.frames.last == [1])
    }

    @Test("A node's key hears its own feed and not another node's")
    func feedsApart() throws {
        let net = try Loopback()
        let one = try CurveKeys.generate()
        let two = try CurveKeys.generate()
        for (name, keys) in [("street1", one), ("street2", two)] {
            net.authenticator.allow(key: keys.publicKey, as: name, in: "feed:" + name)
        }
        let feed = try net.server(.publish, domain: "feed:street2")
        let own = try net.client(.subscribe, keys: two, to: feed)
        let foreign = try net.client(.subscribe, keys: one, to: feed)
        var published: UInt8 = 0
        var heard = 0
        // PUB drops what it sends before the subscriber is there, so it goes on until 20 came through.
        let reached = try net.until([own, foreign]) {
            published = published &+ 1
            _ = try feed.send([[published]])
            while try own.receive() != nil { heard += 1 }
            return heard >= 20
        }
        #expect(reached)
        #expect(try foreign.receive() == nil)
    }

    @Test("A message over 1 MiB vanishes with its connection; the next one arrives")
    func oversize() throws {
        let net = try Loopback()
        let keys = try CurveKeys.generate()
        net.authenticator.allow(key: keys.publicKey, as: "street1", in: "gridline")
        let router = try net.server(.router, domain: "gridline")
        let dealer = try net.client(.dealer, keys: keys, to: router)
        #expect(try dealer.send([[1]]))
        #expect(try net.next(at: router)?.frames.last == [1])
        #expect(try dealer.send([[UInt8](repeating: 7, count: (1 << 20) + 1)]))
        var sizes: Set<Int> = []
        // What was queued behind it may go with the connection, so the small one is sent until it arrives.
        let arrived = try net.until([router]) {
            _ = try dealer.send([[2]])
            while let message = try router.receive() { sizes.insert(message.frames.last?.count ?? 0) }
            return !sizes.isEmpty
        }
        #expect(arrived)
        #expect(sizes == [1])
    }

    @Test("A revoked key does not get in again")
    func revoked() throws {
        let net = try Loopback()
        let keys = try CurveKeys.generate()
        let other = try CurveKeys.generate()
        net.authenticator.allow(key: keys.publicKey, as: "street1", in: "gridline")
        net.authenticator.allow(key: other.publicKey, as: "street2", in: "gridline")
        let router = try net.server(.router, domain: "gridline")
        do {
            let dealer = try net.client(.dealer, keys: keys, to: router)
            #expect(try dealer.send([[1]]))
            #expect(try net.next(at: router)?.userID == "street1")
        }
        net.authenticator.revoke(key: keys.publicKey)
        let watch = try HandshakeWatch(router, in: net.context)
        let again = try net.client(.dealer, keys: keys, to: router)
        #expect(try again.send([[2]]))
        #expect(try net.refuses(at: router, watch))
        let dealer = try net.client(.dealer, keys: other, to: router)
        #expect(try dealer.send([[3]]))
        #expect(try net.next(at: router)?.userID == "street2")
    }

    @Test("After the centre's socket is bound anew on its port, a standing client gets through again")
    func restart() throws {
        let net = try Loopback()
        let keys = try CurveKeys.generate()
        net.authenticator.allow(key: keys.publicKey, as: "street1", in: "gridline")
        var router: Socket? = try net.server(.router, domain: "gridline")
        let dealer: Socket
        let endpoint: String
        do {
            let standing = try #require(router)
            endpoint = try standing.endpoint()
            dealer = try net.client(.dealer, keys: keys, to: standing)
            #expect(try dealer.send([[1]]))
            #expect(try net.next(at: standing)?.frames.last == [1])
        }
        router = nil
        // libzmq closes in its own thread, so the port may be taken for a moment.
        let bound = try net.until([]) {
            do {
                router = try net.server(.router, domain: "gridline", at: endpoint)
                return true
            } catch let error as ZeroMQError where error.isAddressInUse {
                return false
            }
        }
        #expect(bound)
        let anew = try #require(router)
        var arrived: [UInt8]?
        let reached = try net.until([anew]) {
            _ = try dealer.send([[2]])
            arrived = try anew.receive()?.frames.last
            return arrived != nil
        }
        #expect(reached)
        #expect(arrived == [2])
    }
}
