/// A JMESPath expression that is not supported.
package struct JSONPathError: Error, Sendable, Equatable, CustomStringConvertible {
    /// As written.
    package let expression: String

    /// Says what is supported.
    package var description: String {
        "JMESPath expression \"\(expression)\" is not supported: names, quoted names, dots and [index] are"
    }
}
