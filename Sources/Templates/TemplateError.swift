/// Why a template cannot be parsed or executed; the description is what Go's text/template says.
package struct TemplateError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
