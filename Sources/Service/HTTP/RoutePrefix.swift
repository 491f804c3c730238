import HTTPTypes
import Hummingbird

/// The path below which a server answers, such as `/prometheus` behind a proxy that passes it on.
struct RoutePrefix: Sendable, Equatable {
    /// Empty, or a slash and more without one at its end.
    let path: String

    /// No prefix.
    init() { path = "" }

    /// Any spelling of a path: `prom`, `/prom/`.
    init(_ text: String) {
        path = text.split(separator: "/").map { "/" + $0 }.joined()
    }

    /// The request as it would be without the prefix. `/` leads there; whatever else is not below it is not found.
    func strip(_ request: Request) throws(HTTPFailure) -> Request {
        guard !path.isEmpty else { return request }
        let full = request.head.path ?? "/"
        let end = full.firstIndex { $0 == "?" || $0 == "#" } ?? full.endIndex
        guard full[..<end].hasPrefix(path + "/") else {
            // With the slash at the end, from which the links of the page there start.
            guard full[..<end] != "/", full[..<end] != path else {
                throw HTTPFailure(.found, "see \(path)/", headers: [.location: path + "/"])
            }
            throw HTTPFailure(.notFound, "404 page not found: this server answers below \(path)")
        }
        var head = request.head
        head.path = String(full.dropFirst(path.count))
        return Request(head: head, body: request.body)
    }
}
