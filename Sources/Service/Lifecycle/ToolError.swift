/// Why a tool could not do what it was asked, in a sentence with the cure.
package struct ToolError: Error, CustomStringConvertible {
    package let description: String

    /// An error with its sentence.
    package init(_ description: String) {
        self.description = description
    }
}
