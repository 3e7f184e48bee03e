/// The bodies of the pages: pure functions from what is to be shown to HTML; every text passes `HTML.escape`.

import Events
import Projections
import Texts
import Tickets

/// What each page shows around its body.
struct PageFrame {
    let texts: PageTexts
    let node: NodeID
    let offsetMinutes: Int
    var session: Session?
    var formToken: String
    /// The centre has no line to itself, and nothing of its own that is not at the centre.
    let isCentre: Bool
    /// nil while the node's state cannot be read.
    let isLinked: Bool
    let outbox: Int64

    func text(_ key: TextKey) -> String { HTML.escape(texts[key]) }
    func time(_ instant: Timestamp) -> String { PageTime.text(instant, offsetMinutes: offsetMinutes) }

    func page(_ title: String, _ body: String) -> String {
        let heading = HTML.escape(title)
        return """
            <!doctype html>
            <html lang="\(texts.language.rawValue)"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1"><title>\(heading)</title>
            <style>\(HTML.style)</style></head>
            <body>\(navigation)<main><h1>\(heading)</h1>\(badge)\(body)</main></body></html>
            """
    }

    private var navigation: String {
        guard let session else { return "" }
        return """
            <nav><a href="/">\(text(.list))</a><a href="/conflicts">\(text(.conflictList))</a>
            <a href="/counts">\(text(.counts))</a><a href="/status">\(text(.nodeState))</a>
            <span>\(HTML.escape("\(session.account) · \(session.unit)"))</span>
            <form method="post" action="/logout">\(hiddenToken)<button>\(text(.logOut))</button></form></nav>
            """
    }

    var hiddenToken: String { "<input type=\"hidden\" name=\"csrf\" value=\"\(HTML.escape(formToken))\">" }

    /// What is recorded here and not yet at the centre (本地已记录); a street's.
    private var badge: String {
        guard !isCentre else { return "" }
        let parts = [texts[isLinked ? .linked : .offline]] + (outbox > 0 ? [texts.outbox(outbox)] : [])
        let said = HTML.escape(texts.clauses(parts))
        return "<p class=\"badge\(isLinked ? "" : " offline")\" role=\"status\">\(said)</p>"
    }
}

enum PageBodies {
    // MARK: - Ticket

    /// - Parameters:
    ///   - unconfirmed: events that the centre is not known to have.
    ///   - attachments: which of the photographs and recordings are where.
    ///   - undelivered: why it is not where its unit works; nil when it is.
    ///   - kept: a refused form, shown again with what was typed.
    ///   - newCommand: gives each form its command id.
    static func ticket(
        _ key: String, _ fold: TicketFold, _ frame: PageFrame, unconfirmed: Unconfirmed,
        attachments: ShownAttachments, undelivered: Undelivered?, notice: String,
        kept: (kind: TicketEventKind, form: FormData)?, newCommand: () -> CommandID
    ) -> String {
        let state = fold.state
        let facts: [(TextKey, String)] = [
            (.status, state.isLetGo ? frame.texts[.letGo] : frame.texts.status(state.status)),
            (.category, state.category.joined(separator: " / ")),
            (.place, state.place.text ?? ""), (.unit, state.lead?.unit ?? ""),
            (.due, state.due.map { frame.time($0.at) } ?? ""),
            (.stoppedUntil, state.suspendedUntil.map { frame.time($0) } ?? ""),
            (.lateness, state.isLatenessOpen ? frame.texts[.latenessOpen] : ""),
            (.decisionDue, state.decisionDue.map { frame.time($0.at) } ?? ""), (.version, String(fold.entries.count)),
        ]
        let merged = state.mergedInto.map {
            let key = HTML.escape(String($0.key))
            return
                "<tr><th scope=\"row\">\(frame.text(.mergedInto))</th><td><a href=\"/tickets/\(key)\">\(key)</a></td></tr>"
        }
        let summary =
            facts.filter { !$0.1.isEmpty }.map {
                "<tr><th scope=\"row\">\(frame.text($0.0))</th><td>\(HTML.escape($0.1))</td></tr>"
            }.joined() + (merged ?? "")
        let reply =
            state.reply.map { "<h2>\(frame.text(.reply))</h2><p class=\"matter\">\(HTML.escape($0))</p>" } ?? ""
        var kinds = state.isLetGo ? [] : TicketForms.steps(in: state.status)
        // What was typed is shown, also when the ticket has moved on meanwhile: it can still be copied.
        if let kept, kept.kind != .conflictResolved, !kinds.contains(kept.kind) { kinds.append(kept.kind) }
        let steps = kinds.map { kind in
            form(key, kind, frame, kept: kept?.kind == kind ? kept?.form : nil, newCommand: newCommand)
        }.joined()
        let away =
            undelivered.map { why in
                let said = frame.texts.labelled(frame.texts[.undelivered], frame.texts.language.text(why.words))
                return "<p class=\"notice offline\" role=\"status\">\(HTML.escape(said))</p>"
            } ?? ""
        let later =
            fold.needsUpgrade
            ? "<p class=\"notice offline\" role=\"status\">\(frame.text(.needsUpgradeNotice))</p>" : ""
        let gone: TextKey? = state.isLetGo ? .letGoNotice : fold.missing > 0 ? .missingNotice : nil
        let without = gone.map { "<p class=\"notice offline\" role=\"status\">\(frame.text($0))</p>" } ?? ""
        return notice + away + later + without
            + "<div class=\"wide\"><table>\(summary)</table></div><h2>\(frame.text(.matter))</h2>"
            + "<p class=\"matter\">\(HTML.escape(state.matter))</p>\(reply)"
            + (steps.isEmpty ? "" : "<h2>\(frame.text(.act))</h2>\(steps)")
            + conflicts(key, fold, frame, kept: kept, newCommand: newCommand)
            + history(fold, frame, unconfirmed, attachments)
    }

    private static func history(
        _ fold: TicketFold, _ frame: PageFrame, _ unconfirmed: Unconfirmed, _ attachments: ShownAttachments
    ) -> String {
        let columns: [TextKey] = [.when, .what, .who, .effect]
        let head = columns.map { "<th scope=\"col\">\(frame.text($0))</th>" }.joined()
        let noted = fold.notedTimes
        let rows = fold.entries.map { entry in
            let event = entry.record.event
            let when = times(of: event, noted[event.id], frame).map { "<div>\(HTML.escape($0))</div>" }.joined()
            let name = event.actor.account ?? event.actor.system.map(frame.texts.system)
            let who = [name, event.actor.unit].compactMap(\.self)
            let words = EventDetails.lines(of: entry.record.body, event.type, frame)
            let mark = unconfirmed.contains(event.id) ? "<div class=\"local\">\(frame.text(.localOnly))</div>" : ""
            let said = words.isEmpty ? "" : "<div class=\"matter\">\(HTML.escape(words.joined(separator: "\n")))</div>"
            let shown = attachments.html(of: entry.record, isAtCentre: !unconfirmed.contains(event.id), frame)
            return
                "<tr\(entry.effect.isEffective ? "" : " class=\"void\"")><td>\(HTML.escape(frame.time(event.occurredAt)))\(when)"
                + "</td><td>\(HTML.escape(frame.texts.event(event.type)))\(said)\(shown)</td>"
                + "<td>\(HTML.escape(who.joined(separator: " · ")))</td>"
                + "<td>\(HTML.escape(frame.texts.effect(entry.effect)))\(mark)</td></tr>"
        }
        return "<h2>\(frame.text(.history))</h2><div class=\"wide\"><table><thead><tr>\(head)</tr></thead><tbody>"
            + rows.joined(separator: "\n") + "</tbody></table></div>"
    }

    /// What else is to be said of an event's time: when it was recorded, where that is another minute, and which time counts.
    private static func times(of event: Event, _ noted: NotedTime?, _ frame: PageFrame) -> [String] {
        let recorded = frame.time(event.recordedAt)
        var lines: [String] = []
        if recorded != frame.time(event.occurredAt) { lines.append("\(frame.texts[.recordedAt]) \(recorded)") }
        if let noted {
            lines.append(
                frame.texts.clauses([
                    "\(frame.texts[.countedAt]) \(frame.time(noted.counted))",
                    "\(frame.texts[.arrivedAt]) \(frame.time(noted.arrived))",
                ]))
        }
        return lines
    }

    private static func conflicts(
        _ key: String, _ fold: TicketFold, _ frame: PageFrame, kept: (kind: TicketEventKind, form: FormData)?,
        newCommand: () -> CommandID
    ) -> String {
        let rows = fold.conflicts.map { conflict in
            let event = conflict.entry.record.event
            let id = event.id.description
            let typed = kept?.kind == .conflictResolved && kept?.form["event"] == id ? kept?.form : nil
            let settle =
                conflict.resolvedBy == nil
                ? form(key, .conflictResolved, frame, kept: typed, about: ["event": id], newCommand: newCommand) : ""
            return "<li>\(HTML.escape(frame.texts.event(event.type))) · "
                + "\(HTML.escape(frame.texts.effect(conflict.entry.effect))) · "
                + "\(frame.text(conflict.resolvedBy == nil ? .open : .settled))\(settle)</li>"
        }
        return rows.isEmpty ? "" : "<h2>\(frame.text(.conflicts))</h2><ul>\(rows.joined())</ul>"
    }

    // MARK: - Forms

    /// - Parameter about: fields whose values the page knows; nobody types them.
    private static func form(
        _ key: String, _ kind: TicketEventKind, _ frame: PageFrame, kept: FormData?, about: [String: String] = [:],
        newCommand: () -> CommandID
    ) -> String {
        let typed = kept ?? FormData()
        let command = typed["command"].isEmpty ? newCommand().description : typed["command"]
        let hasFiles = TicketForms.fields(of: kind).contains { $0.control == .files }
        let fields = TicketForms.fields(of: kind).map { one in
            about[one.path].map {
                "<input type=\"hidden\" name=\"\(HTML.escape(one.path))\" value=\"\(HTML.escape($0))\">"
            } ?? field(one, of: kind, typed, frame)
        }.joined()
        return """
            <details\(kept == nil ? "" : " open")><summary>\(HTML.escape(frame.texts.event(kind)))</summary>
            <form method="post" action="/tickets/\(HTML.escape(key))/\(kind.rawValue)"\(
                hasFiles ? " enctype=\"multipart/form-data\"" : "")>\(frame.hiddenToken)
            <input type="hidden" name="command" value="\(HTML.escape(command))">
            \(fields)<button>\(frame.text(.send))</button></form></details>
            """
    }

    private static let accepted = MediaType.allCases.map(\.rawValue).joined(separator: ",")

    private static func field(
        _ field: FormField, of kind: TicketEventKind, _ typed: FormData, _ frame: PageFrame
    ) -> String {
        let name = HTML.escape(field.path)
        let value = HTML.escape(typed[field.path])
        let required = field.isRequired ? " required" : ""
        let mark = field.isRequired ? "" : " –"
        let control =
            switch field.control {
            case .line, .list: "<input name=\"\(name)\" value=\"\(value)\"\(required)>"
            case .files:
                // What was uploaded with a form that was refused is not chosen again.
                (typed[field.path].isEmpty
                    ? "" : "<input name=\"\(name)\" value=\"\(value)\" aria-label=\"SHA-256\">")
                    + "<input type=\"file\" name=\"\(name)\" multiple accept=\"\(PageBodies.accepted)\"\(required)>"
            case .area: "<textarea name=\"\(name)\"\(required)>\n\(value)</textarea>"
            case .number:
                "<input type=\"number\" min=\"1\" max=\"99\" name=\"\(name)\" value=\"\(value)\"\(required)>"
            case .moment: "<input type=\"datetime-local\" name=\"\(name)\" value=\"\(value)\"\(required)>"
            case .choice(let values):
                "<select name=\"\(name)\">"
                    + values.map { one in
                        "<option value=\"\(HTML.escape(one))\"\(typed[field.path] == one ? " selected" : "")>"
                            + "\(HTML.escape(frame.texts.choice(one, field.path, of: kind)))</option>"
                    }.joined() + "</select>"
            }
        let hint = frame.texts.hint(field.label).map { "<small>\(HTML.escape($0))</small>" } ?? ""
        return "<label><span>\(frame.text(field.label))\(mark)</span>\(control)\(hint)</label>"
    }

    // MARK: - Login and status

    /// - Parameter kept: a form that came without a session, and goes along.
    static func login(_ frame: PageFrame, typed: FormData, notice: String, kept: KeptForm?) -> String {
        let none = option("", frame.texts[.choose], isSelected: false)
        let roles = TicketRole.allCases.map { role in
            option(role.rawValue, frame.texts.role(role), isSelected: typed["role"] == role.rawValue)
        }
        func input(_ name: String, _ type: String = "text") -> String {
            let value = type == "password" ? "" : HTML.escape(typed[name])
            return "<input type=\"\(type)\" name=\"\(name)\" value=\"\(value)\" required>"
        }
        let fields: [(TextKey, String)] = [
            (.account, input("account")),
            (.role, "<select name=\"role\" required>\(none)\(roles.joined())</select>"),
            (.unit, input("unit")), (.nodeToken, input("token", "password")),
        ]
        let labels = fields.map { "<label><span>\(frame.text($0))</span>\($1)</label>" }.joined()
        return "\(notice)<form method=\"post\" action=\"/login\">\(labels)\(kept?.inputs ?? "")"
            + "<button>\(frame.text(.logIn))</button></form>"
    }
}
