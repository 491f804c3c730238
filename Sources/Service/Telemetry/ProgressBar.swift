/// How far something has come, on one line of the terminal; nothing at all where nobody is looking.
package struct ProgressBar: Sendable {
    private static let width = 30
    private static let step = Duration.milliseconds(100)

    private let total: Int64?
    private let isShown: Bool
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var drawn: ContinuousClock.Instant?

    /// A bar for something of `total` bytes; nil when that is not known. `isShown` is false where nobody is looking.
    package init(total: Int64?, isShown: Bool) {
        self.total = total
        self.isShown = isShown
        start = clock.now
    }

    /// Says how many bytes are done, and `what` was done.
    package mutating func update(_ done: Int64, _ what: String) {
        let now = clock.now
        guard isShown, drawn.map({ now - $0 >= Self.step }) ?? true else { return }
        drawn = now
        draw(done, what)
    }

    /// Shows the last state and leaves it there.
    package mutating func finish(_ done: Int64, _ what: String) {
        guard isShown else { return }
        draw(done, what)
        StandardError.write("\n")
    }

    private func draw(_ done: Int64, _ what: String) {
        var line = "\r"
        if let total, total > 0 {
            let filled = Int(min(done, total) * Int64(Self.width) / total)
            line += "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: Self.width - filled)
            line += "] \(min(done, total) * 100 / total)% "
        }
        line += "of " + (total.map { ByteSize.format(Int($0)) } ?? ByteSize.format(Int(done)))
        let seconds = Double((clock.now - start).components.seconds) + 0.001
        line += ", \(what), \(ByteSize.format(Int(Double(done) / seconds)))/s"
        // Erases what a longer line left.
        StandardError.write(line + "\u{1B}[K")
    }
}
