/// What operators do over HTTP: let nodes in and out, and publish rules (`docs/http.md`).

import Events
import HTTPTypes
import Hummingbird
import Node
import Rules
import Tickets

enum Operations {
    static func add(to router: RouterGroup<BasicRequestContext>, _ ports: ServerPorts) {
        router.post("nodes/:node/invite") { request, context in
            let node = try NodeID(context.parameters.require("node"))
            let call = try await APICall(request, members: ["secretHash", "expiresAt"])
            let step = NodeStep.invite(
                secretHash: try call.text("secretHash"),
                expiresAt: Timestamp(milliseconds: try call.integer("expiresAt")))
            return API.respond(reply: try await call.perform(.node(node, step), ports))
        }
        router.post("nodes/:node/rotate") { request, context in
            let node = try NodeID(context.parameters.require("node"))
            let call = try await APICall(request, members: ["secretHash", "expiresAt", "overlap"])
            let step = NodeStep.rotate(
                secretHash: try call.text("secretHash"),
                expiresAt: Timestamp(milliseconds: try call.integer("expiresAt")),
                overlap: try call.integer("overlap"))
            return API.respond(reply: try await call.perform(.node(node, step), ports))
        }
        router.post("nodes/:node/revoke") { request, context in
            let node = try NodeID(context.parameters.require("node"))
            let call = try await APICall(request, members: ["reason", "key"])
            let reason = try call.text("reason")
            let key = try call.optional("key", \.string, FieldShape.text.rule)
            let step = key.map { NodeStep.endKey($0, .revoked(reason: reason)) } ?? .revoke(reason: reason)
            return API.respond(reply: try await call.perform(.node(node, step), ports))
        }
        router.post("rules/:kind") { request, context in
            let kind = try context.parameters.require("kind")
            let call = try await APICall(request, members: ["rules"])
            guard ports.isCentre else { throw CommandRefusal.membership(.notCentre(ports.node)) }
            let rules = try call.fields("rules")
            // Read as a node would read it: what does not hold is refused here, before it is an event.
            let drafts = try RuleBook.drafts(publishing: rules, as: kind, at: ports.clock.now())
            return API.respond(reply: try await call.perform(.record(drafts), ports))
        }
    }
}
