import Testing

@testable import gridline

@Suite("How a shell names a ticket") struct TicketPathTests {
    @Test(
        "by its name, with the category or without, or by its number as it is read out: the node tells them apart",
        arguments: [
            ("ticket/0197-a", "0197-a"), ("0197-a", "0197-a"), ("26112301000012", "26112301000012"),
            ("261123 01 00001 2", "261123%2001%2000001%202"), ("26112301000012-2", "26112301000012-2"),
            ("a/b?c", "a%2Fb%3Fc"),
        ])
    func path(_ typed: String, _ name: String) {
        #expect(NodeClient.path(of: typed) == "/api/v1/tickets/\(name)")
    }
}
