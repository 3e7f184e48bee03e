/// The request by which somebody says that a raised alarm is seen to, so that it does not become more severe.
///
/// Alarms are of this process: nothing of it goes into the log, and after a restart what is still so is raised anew.

import Events
import HTTPTypes
import Hummingbird
import Tickets

enum SeenAlarms {
    static func add(to router: RouterGroup<BasicRequestContext>, _ ports: ServerPorts) {
        router.post("alarms/:rule/acknowledge") { request, context in
            let rule = try context.parameters.require("rule")
            let call = try await APICall(request, members: ["labels"])
            let labels = try call.optional("labels", \.object, "an object") ?? [:]
            guard let first = try ports.acknowledge(rule, texts(of: labels), call.actor.account ?? "") else {
                throw AlarmRefusal(rule: rule)
            }
            return API.respond(
                .object([
                    "acknowledgedBy": .string(first), "labels": .object(labels), "rule": .string(rule),
                ]), .ok)
        }
    }

    /// Labels by their names.
    ///
    /// - Throws: `BadRequest` for a label that is no text.
    static func texts(of labels: JSONObject) throws -> [String: String] {
        var texts: [String: String] = [:]
        for (name, value) in labels.members {
            guard let text = value.string else { throw BadRequest.badMember("labels.\(name)", FieldShape.text.rule) }
            texts[name] = text
        }
        return texts
    }
}

/// There is no such alarm to see to.
struct AlarmRefusal: Problem, Equatable {
    let rule: String
    let code = "GL-6040"
    var status: HTTPResponse.Status { .notFound }
    var message: Words { "no alarm \"\(rule)\" with these labels is raised" }
    var hint: Words { "it may be over; take rule and labels from the node's status as they stand there" }
}
