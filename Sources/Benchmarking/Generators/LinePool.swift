import Durable

/// Prepared log lines of the formats that servers see most. Ids and numbers in them are filled in as they are sent.
struct LinePool: Sendable {
    /// What a line looks like.
    enum Format: String, CaseIterable, Sendable {
        /// A web server's access log.
        case access
        case json
        case logfmt
    }

    /// A prepared line.
    struct Line: Sendable {
        let text: [UInt8]
        let blanks: Blanks
        /// Whether `error` stands in it.
        let saysError: Bool
        /// Whether it is JSON whose `level` is `error`.
        let isJSONError: Bool
    }

    private static let perFormat = 512
    private static let messages = [
        "processing checkout", "payment accepted", "payment provider timeout", "cache miss", "stock checked",
        "user logged in", "connection reset by peer", "retrying request", "query finished", "order created",
    ]
    private static let paths = [
        "/", "/api/data", "/api/v1/orders", "/cart/add", "/checkout", "/health", "/static/app.js",
        "/products/\(Blanks.decimal(4))",
    ]
    private static let words = [
        "shard", "replica", "deadline", "upstream", "worker", "batch", "commit", "lease", "token", "region", "quota",
    ]

    private let lines: [Line]

    /// - Parameter lineBytes: lines are at least as long.
    init(lineBytes: Int, seed: UInt64) {
        var random = SplitMix64(seed: seed)
        lines = Format.allCases.flatMap { format in
            (0..<Self.perFormat).map { _ in Self.line(format, lineBytes, &random) }
        }
    }

    /// A line of a format.
    /// - Parameter identity: decides which.
    func line(_ format: Format, _ identity: UInt64) -> Line {
        let number = Format.allCases.firstIndex(of: format) ?? 0
        return lines[number * Self.perFormat + Mixing.below(Self.perFormat, identity)]
    }

    /// The longest line, bytes.
    var longest: Int { lines.map(\.text.count).max() ?? 0 }

    private static func line(_ format: Format, _ lineBytes: Int, _ random: inout SplitMix64) -> Line {
        func pick<T>(_ choices: [T]) -> T { choices[Int.random(in: choices.indices, using: &random)] }
        let level = pick(["debug", "info", "info", "info", "info", "warn", "error"])
        func detail(_ count: Int) -> String { count > 0 ? Self.detail(count, &random) : "" }
        var text: String
        switch format {
        case .access:
            let agent = pick(["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", "curl/8.5.0", "Go-http-client/1.1"])
            text =
                "10.\(Blanks.decimal(1)).\(Blanks.decimal(2)).\(Blanks.decimal(2)) - - \"\(pick(["GET", "GET", "GET", "POST"])) "
                + "\(pick(paths)) HTTP/1.1\" \(pick(["200", "200", "200", "200", "301", "404", "500"])) \(Blanks.decimal(5)) "
                + "\"-\" \"\(agent)\" 0.\(Blanks.decimal(3)) \(Blanks.hexadecimal(16))"
            let words = detail(lineBytes - text.utf8.count - 3)
            if !words.isEmpty { text += " \"\(words)\"" }
        case .json:
            text =
                "{\"level\":\"\(level)\",\"msg\":\"\(pick(messages))\",\"trace_id\":\"\(Blanks.hexadecimal(32))\","
                + "\"user_id\":\"user_\(Blanks.decimal(4))\",\"amount\":1\(Blanks.decimal(2)).5\(Blanks.decimal(1)),"
                + "\"country\":\"\(pick(["US", "UK", "DE", "FR", "JP", "BR", "IN"]))\",\"duration_ms\":1\(Blanks.decimal(3))"
            let words = detail(lineBytes - text.utf8.count - 13)
            text += words.isEmpty ? "}" : ",\"detail\":\"\(words)\"}"
        case .logfmt:
            text =
                "level=\(level) caller=handler.go:\(Blanks.decimal(3)) msg=\"\(pick(messages))\" "
                + "duration=1.\(Blanks.decimal(4))s component=worker-\(Blanks.decimal(1)) request_id=\(Blanks.hexadecimal(16))"
            let words = detail(lineBytes - text.utf8.count - 10)
            if !words.isEmpty { text += " detail=\"\(words)\"" }
        }
        let bytes = Array(text.utf8)
        return Line(
            text: bytes, blanks: Blanks(in: bytes), saysError: text.contains("error"),
            isJSONError: format == .json && level == "error")
    }

    /// Words of so many bytes in all.
    private static func detail(_ count: Int, _ random: inout SplitMix64) -> String {
        var text = ""
        while text.utf8.count < count {
            text += words[Int.random(in: words.indices, using: &random)] + " "
        }
        return String(text.prefix(count))
    }
}
