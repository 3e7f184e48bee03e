/// What a path answers to a method that it does not take: 405 with the ones it does, OPTIONS with the same (RFC 9110 9.3.7,
/// 15.5.6). A 404 would say that the path is not there.

import HTTPTypes
import Hummingbird

enum OtherMethods {
    /// HEAD comes with each GET by itself.
    private static let known: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options, .trace]

    /// Adds an answer for each method that a path of the router does not take; after all routes are there.
    static func refuse(on router: Router<BasicRequestContext>) {
        var taken: [String: (path: RouterPath, methods: Set<HTTPRequest.Method>)] = [:]
        for route in router.routes {
            taken[route.path.description, default: (route.path, [.options])].methods.insert(route.method)
        }
        for (path, methods) in taken.values {
            let allowed = methods.contains(.get) ? methods.union([.head]) : methods
            let names = allowed.map(\.rawValue).sorted()
            router.on(path, method: .options) { _, _ in
                Response(status: .noContent, headers: [.allow: names.joined(separator: ", ")])
            }
            for method in known where !allowed.contains(method) {
                router.on(path, method: method) { _, _ -> Response in
                    throw BadRequest.method(method.rawValue, names)
                }
            }
        }
    }
}
