/// A part's file is not what its format says.
struct PartDamage: Error, Sendable, CustomStringConvertible {
    /// The file.
    let path: String
    /// What is wrong, with the place where there is one.
    let reason: String

    var description: String { "\(path): \(reason)" }
}
