import Service

/// One status line per server on the terminal, redrawn in place; without a terminal one plain line per change.
package actor StatusBoard {
    /// What a server does.
    package enum Status: Equatable, Sendable {
        /// Started, not ready yet.
        case starting
        /// Wants traffic.
        case ready
        /// Died, and will be started again.
        case restarting(reason: String, seconds: Double)
        /// Told to stop.
        case stopping
        /// Gone for good.
        case stopped

        var text: String {
            switch self {
            case .starting: "starting"
            case .ready: "ready"
            case .restarting(let reason, let seconds):
                "restarting in \(seconds == seconds.rounded() ? "\(Int(seconds))" : "\(seconds)") s: \(reason)"
            case .stopping: "stopping"
            case .stopped: "stopped"
            }
        }
    }

    private let names: [String]
    private let addresses: [String: String]
    private let isTerminal: Bool
    private let write: @Sendable (String) -> Void
    private var statuses: [String: Status] = [:]
    private var drawn = 0
    private var waiters: [CheckedContinuation<Void, Never>] = []

    /// - Parameters:
    ///   - members: names and addresses in the order of the lines.
    ///   - isTerminal: true to redraw in place.
    ///   - write: gets the text; stdout unless told otherwise.
    package init(
        _ members: [(name: String, address: String)], isTerminal: Bool,
        write: (@Sendable (String) -> Void)? = nil
    ) {
        names = members.map(\.name)
        addresses = Dictionary(uniqueKeysWithValues: members.map { ($0.name, $0.address) })
        self.isTerminal = isTerminal
        self.write = write ?? { StandardOutput.write($0) }
    }

    /// Shows a server's new status.
    package func set(_ name: String, _ status: Status) {
        guard statuses[name] != status else { return }
        statuses[name] = status
        if isTerminal { draw() } else { write(line(name) + "\n") }
        if names.allSatisfy({ statuses[$0] == .ready }) {
            for waiter in waiters { waiter.resume() }
            waiters = []
        }
    }

    /// Returns once every server is ready at the same time.
    package func allReady() async {
        if names.allSatisfy({ statuses[$0] == .ready }) { return }
        await withCheckedContinuation { waiters.append($0) }
    }

    /// Text below the lines, which then stays; the lines are drawn anew beneath it.
    package func say(_ text: String) {
        drawn = 0
        write(text)
        if isTerminal { draw() }
    }

    private func draw() {
        var text = drawn > 0 ? "\u{1B}[\(drawn)A" : ""
        for name in names { text += "\r\u{1B}[2K" + line(name) + "\n" }
        drawn = names.count
        write(text)
    }

    private func line(_ name: String) -> String {
        let status = statuses[name] ?? .starting
        let padded = name + String(repeating: " ", count: max(1, 12 - name.count))
        let address = addresses[name] ?? ""
        var text = padded + address + String(repeating: " ", count: max(1, 24 - address.count)) + status.text
        // A line that wraps would spoil the redrawing.
        if isTerminal && text.count > 110 { text = String(text.prefix(109)) + "…" }
        return text
    }
}
