/// `name="path"` of the parsers `json` and `logfmt`.
package struct LabelExtraction: Sendable, Hashable {
    /// The label that is made.
    package let name: String
    /// Where its value is.
    package let path: String
}
