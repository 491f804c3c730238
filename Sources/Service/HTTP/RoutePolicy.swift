import HTTPTypes

/// What a path needs and whether it is traced, decided before routing.
///
/// Undeclared paths: GET, HEAD and OPTIONS need read access, other methods write access, and all are traced.
struct RoutePolicy: Sendable {
    private struct Rule: Sendable {
        let prefix: String
        let access: Identity.Access?
        let traced: Bool
    }

    private var rules: [Rule] = []
    /// What pages of other sites may read; nil is nothing.
    var crossOrigin: CrossOrigin?

    /// Declares a path and everything below it; the longest prefix rules.
    mutating func declare(_ prefix: String, access: Identity.Access?, traced: Bool) {
        var prefix = prefix
        if prefix.count > 1 && prefix.hasSuffix("/") { prefix.removeLast() }
        rules.append(Rule(prefix: prefix, access: access, traced: traced))
        rules.sort { $0.prefix.utf8.count > $1.prefix.utf8.count }
    }

    func access(for method: HTTPRequest.Method, path: String) -> Identity.Access {
        if let access = rule(for: path)?.access { return access }
        switch method {
        case .get, .head, .options: return .read
        default: return .write
        }
    }

    /// Whether a path may be read by a page of another site, with queries in bodies too.
    func admits(_ origin: String?, to method: HTTPRequest.Method, _ path: String) -> Bool {
        guard let crossOrigin, let origin, method == .post, crossOrigin.covers(path), crossOrigin.admits(origin)
        else { return false }
        return access(for: method, path: path) == .read
    }

    func isTraced(_ path: String) -> Bool {
        rule(for: path)?.traced ?? true
    }

    private func rule(for path: String) -> Rule? {
        // As the router sees it, which passes over empty segments.
        let path = path.contains("//") ? "/" + path.split(separator: "/").joined(separator: "/") : path
        return rules.first { rule in
            guard path.utf8.starts(with: rule.prefix.utf8) else { return false }
            let rest = path.utf8.dropFirst(rule.prefix.utf8.count)
            return rest.isEmpty || rest.first == UInt8(ascii: "/") || rule.prefix.hasSuffix("/")
        }
    }
}
