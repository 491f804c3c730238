import HTTPTypes
import MartletCore

/// What a path needs, whether it is traced and where it is worked on, decided before routing.
struct RoutePolicy: Sendable {
    /// What is declared of a path.
    struct Rule: Sendable {
        /// What a user or token bound to read or write must have; nil goes by the method.
        var access: Identity.Access?
        /// Whether requests become spans.
        var traced = true
        /// Whether the handler does no more than collect a body and hand it to the blocking pool.
        var isIngest = false

        /// What a request with a method needs: unless declared, read for GET, HEAD and OPTIONS, write for others.
        func access(for method: HTTPRequest.Method) -> Identity.Access {
            if let access { return access }
            switch method {
            case .get, .head, .options: return .read
            default: return .write
            }
        }
    }

    private var rules: [(prefix: [UInt8], rule: Rule)] = []
    /// What pages of other sites may read; nil is nothing.
    var crossOrigin: CrossOrigin?

    /// Declares a path and everything below it; the longest prefix rules.
    mutating func declare(_ prefix: String, _ rule: Rule) {
        var prefix = prefix
        if prefix.count > 1 && prefix.hasSuffix("/") { prefix.removeLast() }
        rules.append((Array(prefix.utf8), rule))
        rules.sort { $0.prefix.count > $1.prefix.count }
    }

    /// What is declared of a path.
    func rule(for path: String) -> Rule {
        // As the router sees it, which passes over empty segments.
        var path = path.contains("//") ? "/" + path.split(separator: "/").joined(separator: "/") : path
        return path.withUTF8 { path in
            let path = UnsafeRawBufferPointer(path)
            return rules.first { $0.prefix.withUnsafeBytes { Self.covers($0, path) } }?.rule ?? Rule()
        }
    }

    private static func covers(_ prefix: UnsafeRawBufferPointer, _ path: UnsafeRawBufferPointer) -> Bool {
        let slash = UInt8(ascii: "/")
        return Bytes.hasPrefix(path, prefix)
            && (path.count == prefix.count || path[prefix.count] == slash || prefix.last == slash)
    }
}
