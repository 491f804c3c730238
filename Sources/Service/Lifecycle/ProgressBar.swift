import MartletCore

/// How far something has come: one line of the terminal, or a line of the log now and then where nobody is looking.
package struct ProgressBar: Sendable {
    /// What the total is made of.
    package enum Measure: Sendable {
        /// Bytes that are read; the rate is theirs.
        case bytes
        /// Some way to go, such as a range of time; the rate is that of the things counted.
        case way
    }

    private static let width = 30
    private static let step = Duration.milliseconds(100)

    private let total: Int64?
    private let measure: Measure
    private let isTerminal: Bool
    private let interval: Duration?
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    /// What was done before, which says nothing about the rate.
    private let before: (done: Int64, count: Int64)
    private var drawn: ContinuousClock.Instant

    /// - Parameters:
    ///   - total: how much there is to do; nil when that is not known.
    ///   - measure: what `total` is made of.
    ///   - before: what was done, and counted, when this run began.
    ///   - isTerminal: whether the line is drawn in place.
    ///   - interval: time between two lines where it is not; nil for none.
    package init(
        total: Int64?, of measure: Measure = .bytes, before: (done: Int64, count: Int64) = (0, 0),
        isTerminal: Bool = StandardError.isTerminal, interval: Duration? = nil
    ) {
        self.total = total
        self.measure = measure
        self.before = before
        self.isTerminal = isTerminal
        self.interval = interval
        start = clock.now
        drawn = isTerminal ? start - Self.step : start
    }

    /// Says how much is done, and how many `noun` (`samples`, `lines`) there were in it.
    package mutating func update(_ done: Int64, _ count: Int64, _ noun: String) {
        let now = clock.now
        guard let pause = isTerminal ? Self.step : interval, now - drawn >= pause else { return }
        drawn = now
        draw(done, count, noun)
    }

    /// Shows the last state and leaves it there.
    package mutating func finish(_ done: Int64, _ count: Int64, _ noun: String) {
        guard isTerminal else { return }
        draw(done, count, noun)
        StandardError.write("\n")
    }

    private func draw(_ done: Int64, _ count: Int64, _ noun: String) {
        let line = text(done, count, noun, after: clock.now - start)
        // Erases what a longer line left.
        StandardError.write(isTerminal ? "\r" + line + "\u{1B}[K" : line + "\n")
    }

    /// The line, `elapsed` after the beginning.
    package func text(_ done: Int64, _ count: Int64, _ noun: String, after elapsed: Duration) -> String {
        var line = ""
        if let total, total > 0 {
            let share = Double(min(max(done, 0), total)) / Double(total)
            if isTerminal {
                let filled = Int(share * Double(Self.width))
                line += "[" + String(repeating: "#", count: filled)
                line += String(repeating: ".", count: Self.width - filled) + "] "
            }
            line += "\(Int(share * 100))%"
        }
        if measure == .bytes {
            line += (line.isEmpty ? "" : " ") + "of " + ByteSize.format(Int(total ?? done))
        }
        line += (line.isEmpty ? "" : ", ") + "\(count) \(noun)"
        let seconds = max(elapsed / .seconds(1), 0.001)
        switch measure {
        case .bytes: line += ", \(ByteSize.format(Int(Double(done - before.done) / seconds)))/s"
        case .way: line += ", \(Int64(Double(count - before.count) / seconds))/s"
        }
        if let total, total > done, done > before.done, seconds >= 1 {
            let left = Double(total - done) * seconds / Double(done - before.done)
            line += ", about \(Self.time(left)) left"
        }
        return line
    }

    /// `2d4h`, `3h20m`, `5m`, `40s`.
    private static func time(_ seconds: Double) -> String {
        let seconds = Int64(min(seconds, 1e9))
        let exact = seconds < 60 ? seconds : seconds < 86_400 ? seconds / 60 * 60 : seconds / 3600 * 3600
        return PrometheusDuration.format(exact * 1000)
    }
}
