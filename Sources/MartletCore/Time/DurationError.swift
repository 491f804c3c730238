/// Why a duration's text was refused; the description is the original programs' own.
package struct DurationError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
