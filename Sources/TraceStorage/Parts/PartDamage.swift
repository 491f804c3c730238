/// A part's file is not what its format says, or lies elsewhere and cannot be had now.
struct PartDamage: Error, Sendable, CustomStringConvertible {
    /// The file.
    let path: String
    /// What is wrong, with the place where there is one.
    let reason: String
    /// Whether the file may be sound, and be read later.
    let isUnreachable: Bool

    init(path: String, reason: String, isUnreachable: Bool = false) {
        self.path = path
        self.reason = reason
        self.isUnreachable = isUnreachable
    }

    var description: String { "\(path): \(reason)" }
}
