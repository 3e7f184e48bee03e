/// A form that came when nobody was logged in, on its way through the login page in hidden fields.
///
/// A clerk who typed for an hour sends into a session that has run out. Nothing is done with the form but to show it again
/// after the login, for the clerk to send.

import Events
import HTTPTypes
import Hummingbird
import Tickets

struct KeptForm {
    /// The ticket's key.
    let key: String
    let kind: TicketEventKind
    /// The fields of the step and the command id, nothing else.
    let form: FormData

    private static let prefix = "kept."
    private static let ticket = prefix + "ticket"
    private static let step = prefix + "step"
    /// Bytes that names and login take beside the kept form in a request.
    static let overhead = 8 * 1_024

    /// - Returns: nil for what no page of ours made.
    init?(_ form: FormData, of kind: TicketEventKind, key: String) {
        guard !form["command"].isEmpty, (try? StreamName(category: "ticket", key: key)) != nil else { return nil }
        self.key = key
        self.kind = kind
        var known = FormData()
        for name in KeptForm.names(of: kind) { known[name] = form[name] }
        self.form = known
    }

    /// What a login brought along; nil when it did not.
    init?(ofLogin login: FormData) {
        guard let kind = TicketEventKind(rawValue: login[KeptForm.step]), TicketForms.offered.contains(kind) else {
            return nil
        }
        var form = FormData()
        for name in KeptForm.names(of: kind) { form[name] = login[KeptForm.prefix + name] }
        self.init(form, of: kind, key: login[KeptForm.ticket])
    }

    /// Hidden fields for the login's form.
    var inputs: String {
        let fields = [(KeptForm.ticket, key), (KeptForm.step, kind.rawValue)]
        let typed = KeptForm.names(of: kind).map { (KeptForm.prefix + $0, form[$0]) }
        return (fields + typed).filter { !$0.1.isEmpty }.map { name, value in
            "<input type=\"hidden\" name=\"\(HTML.escape(name))\" value=\"\(HTML.escape(value))\">"
        }.joined()
    }

    private static func names(of kind: TicketEventKind) -> [String] {
        ["command"] + TicketForms.fields(of: kind).map(\.path)
    }
}

extension Request {
    /// Whether a browser says that a page of another site sends this; one that says nothing is believed.
    ///
    /// Without a session no `csrf` can be checked, and nobody's login page is to show what a stranger wrote.
    var isOfOtherSite: Bool {
        guard let name = HTTPField.Name("Sec-Fetch-Site"), let site = headers[name] else { return false }
        return site != "same-origin"
    }
}
