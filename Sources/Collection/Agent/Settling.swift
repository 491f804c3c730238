/// Values that become safe some time after they came: what is in a queue is on the disk one sync interval later.
///
/// A position saved earlier than its lines' sync would, after a power loss, skip lines that nobody has.
package struct Settling<Value: Sendable>: Sendable {
    private let milliseconds: Int64
    private var waiting: [(since: Int64, value: Value)] = []

    /// Values are safe after so many milliseconds; 0 is at once.
    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// A newer value, which stands for all before it.
    package mutating func add(_ value: Value, now: Int64) {
        // Values that come much faster than they settle replace the last but one, else the list would grow with them.
        if waiting.count >= 2, now - waiting[waiting.count - 2].since < milliseconds / 16 { waiting.removeLast() }
        waiting.append((now, value))
    }

    /// The newest value that is safe now, once.
    package mutating func settled(now: Int64) -> Value? {
        guard let index = waiting.lastIndex(where: { now - $0.since >= milliseconds }) else { return nil }
        let value = waiting[index].value
        waiting.removeSubrange(...index)
        return value
    }

    /// The newest value of all.
    package var newest: Value? { waiting.last?.value }
}
