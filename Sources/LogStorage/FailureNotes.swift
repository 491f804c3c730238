/// What fails again and again: it is told when it begins, every ten minutes while it lasts, and when it is over.
package struct FailureNotes {
    private static let pauseSeconds: Int64 = 600

    private var told: [String: Int64] = [:]

    /// Nothing has failed yet.
    package init() {}

    /// Notes that something failed at `now`, Unix seconds; whether that is to be told.
    package mutating func fail(_ name: String, at now: Int64) -> Bool {
        if let last = told[name], (last..<last + Self.pauseSeconds).contains(now) { return false }
        told[name] = now
        return true
    }

    /// Notes that it went well; whether it had failed before.
    package mutating func succeed(_ name: String) -> Bool { told.removeValue(forKey: name) != nil }
}
