import MartletCore
import Peers
import Service

/// Moves lines from a server that speaks Loki's API into one that takes Loki's pushes: each page is pushed while the next is
/// read, and what was taken is written down before the next push begins.
struct LogMove {
    /// Bytes of a push before compression.
    private static let pushBytes = 2 << 20
    /// Filters that a query may have to tell lines of one nanosecond apart.
    private static let splitDepth = 64

    let source: LokiPeer
    let target: MoveTarget
    let file: MoveFile
    let patience: Patience
    /// Seconds beyond which the target takes no lines; nil where it does not say.
    let kept: Int64?
    /// Whether lines that the target refuses for good end the move.
    let stopsAtRefusal: Bool
    /// Is told of a sentence for the user.
    let say: (String) -> Void
    private(set) var state: LogMoveState
    private var bar: ProgressBar
    private var saysMixed = false

    init(
        from source: LokiPeer, to target: MoveTarget, file: MoveFile, state: LogMoveState, patience: Patience,
        kept: Int64?, stopsAtRefusal: Bool, bar: ProgressBar, say: @escaping (String) -> Void
    ) {
        self.source = source
        self.target = target
        self.file = file
        self.state = state
        self.patience = patience
        self.kept = kept
        self.stopsAtRefusal = stopsAtRefusal
        self.bar = bar
        self.say = say
    }

    /// Lines that were read and not yet pushed, and the time before which all is done with them.
    private struct Held: Sendable {
        var page: LogPage
        var next: Int64
    }

    /// What a push has come to.
    private struct Pushed: Sendable {
        var days: [Int64: Int64] = [:]
        var refused: Int64 = 0
        var reason: String?
    }

    /// Moves all that is left.
    mutating func run(limit: Int) async throws {
        var limit = limit
        while !state.isDone {
            try await move(state.groups[state.group], limit: &limit)
            state.group += 1
            state.next = state.from * 1_000_000_000
            try file.publish(state.members)
        }
        bar.finish(state.done, state.lines, "lines")
    }

    private mutating func move(_ selector: String, limit: inout Int) async throws {
        // What has grown too old for the target since the move began would be refused.
        if let kept { state.next = max(state.next, min(Self.horizon(kept), state.until) * 1_000_000_000) }
        var plan = PagePlan(from: state.next, until: state.until * 1_000_000_000, limit: limit)
        var held: Held?
        while let step = plan.step {
            let target = target
            let stops = stopsAtRefusal
            let waiting = held
            async let pushed = Self.push(waiting?.page, to: target, stopsAtRefusal: stops)
            let read: Held
            switch step {
            case .page:
                read = try await self.page(selector, &plan)
            case .moment(let time):
                // The lines of a crowded moment may be many: they are pushed as they are read.
                try record(try await pushed, waiting)
                held = nil
                try await moment(selector, time, limit: plan.pageLimit)
                plan.readMoment()
                state.next = plan.next
                try file.publish(state.members)
                continue
            }
            try record(try await pushed, waiting)
            held = read
        }
        try record(try await Self.push(held?.page, to: target, stopsAtRefusal: stopsAtRefusal), held)
        limit = plan.pageLimit
    }

    /// Unix seconds of the oldest lines that get in where they may be so old, with a minute to get there.
    static func horizon(_ kept: Int64) -> Int64 { WallClock.milliseconds / 1000 - kept + 60 }

    /// The next whole page.
    private mutating func page(_ selector: String, _ plan: inout PagePlan) async throws -> Held {
        var patience = patience
        while case .page(let from, let until, let limit)? = plan.step {
            do {
                switch try await source.page(selector, from: from, until: until, limit: limit) {
                case .lineLimit(let most): try heed(&plan) { $0.allow(most) }
                case .rangeLimit(let range): try heed(&plan) { $0.allow(range: range) }
                case .page(var page):
                    patience.succeed()
                    noteMixing(page)
                    let whole = plan.read(count: page.lines.count, last: page.last)
                    page.cut(before: whole)
                    return Held(page: page, next: whole)
                }
            } catch let failure as Peer.Failure {
                if failure.isAboutSize { _ = plan.shrink() }
                try await patience.wait(failure.reason, after: failure.after)
            }
        }
        return Held(page: LogPage(), next: plan.next)
    }

    /// Asks for less by `change`; fails when the server names a limit that was kept, since it would name it for ever.
    private func heed(_ plan: inout PagePlan, _ change: (inout PagePlan) -> Void) throws {
        let before = plan.step
        change(&plan)
        guard plan.step == before else { return }
        throw ToolError("\(source.peer.url) names a limit that the question was within; it cannot be read from")
    }

    /// Moves all lines of one nanosecond, of which one answer cannot have all.
    private mutating func moment(_ selector: String, _ time: Int64, limit: Int) async throws {
        var patience = patience
        var queries: [[String]] = [[]]
        while let filters = queries.popLast() {
            let query = ([selector] + filters).joined(separator: " ")
            do {
                guard case .page(let page) = try await source.page(query, from: time, until: time + 1, limit: limit)
                else {
                    throw ToolError("\(source.peer.url) has changed its limits; run the same command again")
                }
                patience.succeed()
                if page.lines.count < limit {
                    let pushed = try await Self.push(page, to: target, stopsAtRefusal: stopsAtRefusal)
                    try note(pushed)
                } else if filters.count < Self.splitDepth, let split = LineSplit.filters(page) {
                    queries.append(filters + [split.without])
                    queries.append(filters + [split.with])
                } else {
                    throw ToolError(
                        "\(selector) has more than \(limit) lines at \(RFC3339.format(unixNanoseconds: time)) that no query tells "
                            + "apart; raise max_entries_limit_per_query of the old server, and --lines here")
                }
            } catch let failure as Peer.Failure {
                queries.append(filters)
                try await patience.wait(failure.reason, after: failure.after)
            }
        }
    }

    private mutating func noteMixing(_ page: LogPage) {
        guard !page.isCategorized, !page.lines.isEmpty, !saysMixed else { return }
        saysMixed = true
        say(
            "\(source.peer.url) does not tell structured metadata from labels (Loki before 3.0): where it has any, it arrives as "
                + "labels of the streams")
    }

    // MARK: Pushing

    /// Pushes lines, in order; a push that is too large is parted.
    private static func push(
        _ page: LogPage?, to target: MoveTarget, stopsAtRefusal: Bool
    ) async throws -> Pushed? {
        guard let page, !page.lines.isEmpty else { return nil }
        var pushed = Pushed()
        for line in page.lines { pushed.days[LogMoveState.day(of: line.timestamp), default: 0] += 1 }
        for body in page.pushes(limit: pushBytes) {
            switch try await target.send(body) {
            case .taken: break
            case .refused(_, let reason):
                guard !stopsAtRefusal else {
                    throw ToolError(
                        "the new server refuses lines: \(reason.prefix(600)). Raise that limit there and run the same command "
                            + "again, or leave such lines behind with --skip-refused")
                }
                pushed.reason = reason
                pushed.refused += 1
            }
        }
        return pushed
    }

    /// Writes down that lines were taken.
    private mutating func record(_ pushed: Pushed?, _ held: Held?) throws {
        guard let held else { return }
        if let pushed { try note(pushed) }
        state.next = held.next
        try file.publish(state.members)
        bar.update(state.done, state.lines, "lines")
    }

    private mutating func note(_ pushed: Pushed?) throws {
        guard let pushed else { return }
        for (day, count) in pushed.days { state.days[day, default: 0] += count }
        state.refused += pushed.refused
        if let reason = pushed.reason { say("a push was not taken in full: \(reason.prefix(600))") }
        bar.update(state.done, state.lines, "lines")
    }
}

extension LogMoveState {
    /// The Unix day of a time in nanoseconds.
    static func day(of nanoseconds: Int64) -> Int64 {
        let (quotient, remainder) = nanoseconds.quotientAndRemainder(dividingBy: 86_400_000_000_000)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
