import MartletCore
import Synchronization

/// The line that a template is executed for: what `__line__` and `__timestamp__` give, and what must be compiled only once
/// for many lines.
package final class TemplateLine: Sendable {
    private struct State {
        var line = ""
        var timestamp: Int64 = 0
        var regexes: [String: Regex] = [:]
    }

    private let state = Mutex(State())
    private let clock: @Sendable () -> Int64
    /// Templates that make an expression from each line must not fill the memory.
    private static let maxRegexes = 100

    /// No line yet. `clock` gives Unix nanoseconds.
    package init(clock: @escaping @Sendable () -> Int64) { self.clock = clock }

    /// Begins a line; `timestamp` is in Unix nanoseconds.
    package func begin(_ line: String, timestamp: Int64) {
        state.withLock {
            $0.line = line
            $0.timestamp = timestamp
        }
    }

    var line: String { state.withLock(\.line) }
    var timestamp: Int64 { state.withLock(\.timestamp) }
    var now: Int64 { clock() }

    /// The compiled form of an expression.
    func regex(_ pattern: String) throws -> Regex {
        if let known = state.withLock({ $0.regexes[pattern] }) { return known }
        let regex = try Regex(pattern, anchored: false, dotMatchesNewline: false)
        state.withLock { state in
            if state.regexes.count >= Self.maxRegexes { state.regexes.removeAll() }
            state.regexes[pattern] = regex
        }
        return regex
    }
}
