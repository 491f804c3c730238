import MartletCore

/// One `{ … }` made ready to run: a tree of truth values over leaves, each of which can be computed for a whole table.
struct FilterPlan: Sendable {
    indirect enum Node: Sendable {
        case constant(Bool)
        case leaf(Int)
        case not(Node)
        case and(Node, Node)
        case or(Node, Node)
    }

    /// A test that does not depend on other tests.
    struct Leaf: Sendable {
        let kind: Kind
        /// Where the leaf reads: more than the span's own fields forces a walk over events or links.
        let spaces: Set<Operand.Space>
    }

    enum Kind: Sendable {
        /// An operand against a constant.
        case compare(slot: Int, BinaryOperator, Literal)
        case match(slot: Int, Regex, negated: Bool)
        case presence(slot: Int, Bool)
        /// A boolean field by itself.
        case truth(slot: Int)
        /// Whether the span has no parent id.
        case isRoot(Bool)
        /// An id against a constant: `nil` when the constant is no such id.
        case identity(slot: Int, (high: UInt64, low: UInt64)?, negated: Bool)
        /// Two computed values.
        case general(BinaryOperator, ValuePlan, ValuePlan)
    }

    let leaves: [Leaf]
    /// All of them have to hold; computed for whole columns.
    let columnar: [Node]
    /// All of them have to hold for the same event and the same link; computed row by row. Nil when there are none.
    let rowwise: Node?
    let usesEvents: Bool
    let usesLinks: Bool
}
