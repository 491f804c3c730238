/// A whole TraceQL query.
package struct Query: Hashable, Sendable {
    /// What stands before the hints.
    package indirect enum Root: Hashable, Sendable {
        case pipeline([PipelineStage])
        /// A number in metrics arithmetic.
        case number(Double)
        /// Arithmetic between metrics queries.
        case arithmetic(BinaryOperator, Root, Root)
        /// Series that pass through further stages in parentheses.
        case staged(Root, [PipelineStage])
    }

    /// A `name=value` of `with(…)`.
    package struct Hint: Hashable, Sendable {
        /// The hint's name, as written.
        package let name: String
        /// Its value.
        package let value: Literal
    }

    /// What stands before the hints.
    package let root: Root
    /// The hints, in text order.
    package let hints: [Hint]

    /// Parses and checks query text.
    ///
    /// - Throws: `TraceQLError` with the place of the first mistake.
    package init(parsing text: String) throws(TraceQLError) {
        var parser = try Parser(Array(text.utf8))
        self = try parser.query()
        try Checker.check(self)
    }

    init(root: Root, hints: [Hint]) {
        self.root = root
        self.hints = hints
    }

    /// Whether the query answers with series instead of traces.
    package var isMetrics: Bool { root.isMetrics }
}

extension Query.Root {
    /// Whether the root answers with series.
    package var isMetrics: Bool {
        switch self {
        case .number, .arithmetic, .staged: return true
        case .pipeline(let stages):
            return stages.contains { if case .metrics = $0 { true } else { false } }
        }
    }

    /// Whether `compare()` makes the answer.
    var isComparison: Bool {
        guard case .pipeline(let stages) = self, case .metrics(let function)? = stages.last,
            case .compare = function.kind
        else { return false }
        return true
    }
}

extension Query: CustomStringConvertible {
    package var description: String {
        guard !hints.isEmpty else { return root.description }
        return "\(root) with(" + hints.map { "\($0.name)=\($0.value)" }.joined(separator: ", ") + ")"
    }
}

extension Query.Root: CustomStringConvertible {
    package var description: String {
        switch self {
        case .pipeline(let stages): PipelineStage.text(stages)
        case .number(let value): value.description
        case .staged(let root, let stages): PipelineStage.text(stages, after: Self.wrap(root))
        case .arithmetic(let symbol, let left, let right):
            "\(Self.wrap(left)) \(symbol.rawValue) \(Self.wrap(right))"
        }
    }

    private static func wrap(_ root: Query.Root) -> String {
        if case .number = root { return root.description }
        return "(\(root))"
    }
}
