/// An object of the repository that is not what it must be.
package struct DamagedObject: Error, Sendable, Hashable, CustomStringConvertible {
    package let key: String
    let reason: String

    package var description: String { "\(key) is damaged: \(reason)" }
}
