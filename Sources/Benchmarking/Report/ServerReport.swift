/// What was measured of a server.
package struct ServerReport: Sendable {
    /// Its URL.
    package let url: String
    /// What became of the load.
    package let load: LoadResult
    /// How long it took until all that was acknowledged was in answers; nil when it never was, or nobody asked.
    package var settled: Duration?
    /// In the order in which they were asked.
    package var queries: [QueryResult] = []
    /// Whether somebody interrupted the load or the queries.
    package var isInterrupted = false

    /// A report of a load alone.
    package init(_ url: String, _ load: LoadResult) {
        self.url = url
        self.load = load
    }

    /// Items a second.
    package var itemsPerSecond: Double { perSecond(load.items) }
    /// Bytes before compression a second.
    package var rawBytesPerSecond: Double { perSecond(load.rawBytes) }

    private func perSecond(_ count: Int64) -> Double {
        let seconds = load.elapsed.seconds
        return seconds > 0 ? Double(count) / seconds : 0
    }

    /// What went wrong, and what to do about it; nil when nothing did.
    package var failure: String? {
        if load.items == 0 { return nothingSent }
        if case .unreachable(let reason) = load.end {
            return "\(url) stopped answering (\(reason)) after \(load.items) were acknowledged: its log may say why"
        }
        let bad = queries.filter { $0.outcome != .right }
        return bad.isEmpty ? nil : "\(url) has not answered rightly: \(bad.map(\.name).joined(separator: ", "))"
    }

    private var nothingSent: String {
        switch load.end {
        case .unreachable(let reason):
            return "\(url): \(reason): does the server run, and are host and port right?"
        case .refused(let status, let reason):
            let cure =
                switch status {
                case 401: "it wants a login, or another one: use --token or --basic-auth"
                case 403: "this login may not write: use --token or --basic-auth with one that may"
                case 404, 405:
                    "is it a server for this kind of data? A URL that ends with the path of the pushes is taken as it is"
                case 413: "pushes are too large for it: use a smaller --batch"
                default: "what it refuses stands in its own log, too"
                }
            return "\(url) answers \(status) to all pushes\(reason.isEmpty ? "" : " (\(reason))"): \(cure)"
        case nil:
            return
                "\(url) has taken nothing\(load.problems.first.map { " (\($0.kind)\($0.text.isEmpty ? "" : ": \($0.text)"))" } ?? "")"
                + ": give it more time with --duration, or less with --rate and --batch"
        }
    }
}
