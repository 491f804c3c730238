/// What is known of the lines that pass a pipeline: unless an entry's stream or its metadata has the label `name`, its
/// line contains one of `literals`. A source may leave out entries of which that is not true; it need not.
package struct FieldHint: Sendable, Hashable {
    /// The label.
    package let name: String
    /// Texts, none of them empty.
    package let literals: [[UInt8]]

    /// A hint.
    package init(name: String, literals: [[UInt8]]) {
        self.name = name
        self.literals = literals
    }

    /// The same as a filter on lines.
    package var filter: LineFilter { LineFilter(.contains, literals.map { .text($0) }) }
}
