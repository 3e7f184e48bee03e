/// The tickets whose clocks run, as the views have them.

package import Events
import Node
package import Projections

package struct ViewTimers: TimerSource {
    private let views: ViewStore

    package init(views: ViewStore) { self.views = views }

    package func ticketsWithClocks(after ticket: StreamName?, limit: Int) throws -> [StreamName] {
        try views.ticketsWithClocks(after: ticket, limit: limit)
    }

    package func position() throws -> Int64 { try views.checkpoint().position }
}
