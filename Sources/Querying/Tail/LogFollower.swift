import MartletCore
import Peers
import Service

/// Shows the lines of a query as they arrive, and goes on where it was when the server has been away.
///
/// What has been missed is asked for in pages like any other lines: the socket alone would give the newest of them only.
final class LogFollower {
    private static let path = "/loki/api/v1/tail"
    /// Without it some servers leave metadata out.
    private static let fields = [(name: "X-Loki-Response-Encoding-Flags", value: "categorize-labels")]
    private static let second: Int64 = 1_000_000_000
    /// Servers take lines with times that are so far ahead.
    private static let ahead: Int64 = 600 * second
    private static let firstPause = Duration.seconds(1)
    private static let longestPause = Duration.seconds(10)

    private let server: QueriedServer
    private let query: LogLinesQuery
    private let listener: WebSocketListener
    /// Seconds that the server keeps lines back, to put them in order.
    private let delay: Int
    private let show: (LogPage, [LogPage.Line]) throws -> Void
    private var shown: ShownLines
    /// Lines that the socket will give as well as the pages that were asked for after it was opened.
    private var overlap: Set<ShownLines.Key> = []

    /// - Parameters:
    ///   - start: Unix nanoseconds; lines from then on are shown.
    ///   - delay: seconds.
    ///   - show: shows lines of a page, oldest first.
    init(
        _ query: LogLinesQuery, from start: Int64, delay: Int,
        show: @escaping (LogPage, [LogPage.Line]) throws -> Void
    ) throws {
        guard let address = ServerAddress(query.server.peer.url) else {
            throw UsageError("\"\(query.server.peer.url)\" is no URL of a server that can be followed")
        }
        server = query.server
        self.query = query
        listener = WebSocketListener(peer: server.peer, address: address)
        self.delay = delay
        self.show = show
        shown = ShownLines(from: start)
    }

    /// Shows the newest `limit` lines, all of them where that is 0, and then follows. Ends only by an error.
    func run(limit: Int) async throws -> Never {
        if limit == 0 {
            _ = try await catchUp()
        } else {
            try await history(limit)
        }
        var isAway = false
        var hasFollowed = false
        var pause = Self.firstPause
        while true {
            let begun = ContinuousClock.now
            do {
                if isAway { _ = try await catchUp() }
                let ending = try await follow {
                    if isAway { say("is back") }
                    isAway = false
                    hasFollowed = true
                }
                say("has gone away (\(ending)); waiting for it")
            } catch let trouble as ServerTrouble where trouble.mayPass && hasFollowed {
                if !isAway { say("has gone away (\(trouble)); waiting for it") }
            }
            isAway = true
            if begun.duration(to: .now) > Self.longestPause { pause = Self.firstPause }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, Self.longestPause)
        }
    }

    private func say(_ what: String) { StandardError.write("\(server.peer.url) \(what)\n") }

    // MARK: What there is already

    /// The newest lines.
    private func history(_ limit: Int) async throws {
        var pages: [(page: LogPage, lines: [LogPage.Line])] = []
        try await ask(.backward, limit: limit) { pages.append(($0, $1)) }
        for (page, lines) in pages.reversed() { try give(page, lines.reversed()) }
        if pages.reduce(0, { $0 + $1.lines.count }) == limit, let oldest = pages.last?.lines.last?.timestamp {
            shown.forget(before: oldest)
        }
    }

    /// All lines that were not shown yet. Gives what the server told.
    private func catchUp() async throws -> Set<ShownLines.Key> {
        let before = shown
        var told: Set<ShownLines.Key> = []
        try await ask(.forward, limit: 0) { page, lines in
            let fresh = lines.filter { line in
                let key = ShownLines.Key(page.streams[line.stream], line)
                told.insert(key)
                return !before.contains(key)
            }
            try give(page, fresh)
            if let edge = lines.last?.timestamp { shown.complete(until: edge) }
        }
        return told
    }

    private func ask(
        _ direction: LogPager.Direction, limit: Int, _ take: (LogPage, [LogPage.Line]) throws -> Void
    ) async throws {
        let range = shown.resume..<max(shown.resume + 1, WallClock.nanoseconds + Self.ahead)
        guard try await query.pages(range, direction, limit: limit, take) == nil else {
            throw UsageError("--tail is for lines, and this is a query for numbers")
        }
    }

    private func give(_ page: LogPage, _ lines: [LogPage.Line]) throws {
        try show(page, lines)
        for line in lines { shown.insert(ShownLines.Key(page.streams[line.stream], line)) }
    }

    // MARK: What arrives

    private func follow(opened: () -> Void) async throws -> WebSocketListener.Ending {
        // Without a limit the server would give the last hour once more; one line is the least.
        let parameters = [
            ("query", query.text), ("start", "\(shown.resume)"), ("limit", "1"), ("delay_for", "\(delay)"),
        ]
        return try await listener.run(Self.path + "?" + QueryParameter.encoded(parameters), fields: Self.fields) {
            opened()
            overlap = try await catchUp()
        } receive: { message in
            do {
                try await take(try TailMessage(message))
            } catch let error as JSONError {
                throw server.unreadable(Self.path, error)
            }
        }
    }

    private func take(_ message: TailMessage) async throws {
        let page = message.page.merged()
        try give(
            page, page.lines(.forward).filter { overlap.remove(ShownLines.Key(page.streams[$0.stream], $0)) == nil })
        shown.complete(until: WallClock.nanoseconds)
        if let warning = message.warning {
            StandardError.write("warning: \(PlainText.line(warning)); they are asked for\n")
            overlap = try await catchUp()
        }
    }
}
