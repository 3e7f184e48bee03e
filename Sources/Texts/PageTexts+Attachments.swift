// What a photograph or recording of a ticket is called.

package import Events
package import Tickets

extension PageTexts {
    package func attachment(kind: Attachment.Kind?, type: MediaType?) -> String {
        let what: TextKey =
            switch type?.family {
            case .picture: .picture
            case .sound: .sound
            case .film: .film
            case .document, nil: .document
            }
        let when: TextKey? =
            switch kind {
            case .before: .takenBefore
            case .after: .takenAfter
            case .scene: .takenScene
            case .document, .recording, nil: nil
            }
        return ([when, what] as [TextKey?]).compactMap { $0.map { self[$0] } }.joined(separator: " ")
    }
}
