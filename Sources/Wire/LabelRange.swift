/// Name and value of a label as ranges of the decoded body.
package struct LabelRange: Sendable, Hashable {
    /// The label's name.
    package var name: ByteRange
    /// The label's value.
    package var value: ByteRange

    /// Both parts empty unless given.
    package init(name: ByteRange = .init(), value: ByteRange = .init()) {
        self.name = name
        self.value = value
    }
}
