import MartletCore

/// Numbers the operands of a query and compiles its expressions.
struct PlanBuilder {
    private(set) var operands: [Operand] = []
    private(set) var filters: [FilterPlan] = []
    private var slots: [Operand: Int] = [:]

    mutating func slot(of operand: Operand) -> Int {
        if let known = slots[operand] { return known }
        let slot = operands.count
        operands.append(operand)
        slots[operand] = slot
        // What a trace has from its root is read from the root's own fields.
        switch operand {
        case .intrinsic(.rootName): _ = self.slot(of: .intrinsic(.name))
        case .intrinsic(.rootServiceName): _ = self.slot(of: .serviceName)
        default: break
        }
        return slot
    }

    /// Compiles a filter; the result is its index in `filters`.
    mutating func filter(_ expression: FieldExpression?) throws(TraceQLError) -> Int {
        var leaves: [FilterPlan.Leaf] = []
        var columnar: [FilterPlan.Node] = []
        var rowwise: FilterPlan.Node?
        var spaces: Set<Operand.Space> = []
        for conjunct in expression?.conjuncts ?? [] {
            let node = try self.node(conjunct, &leaves)
            var used: Set<Operand.Space> = []
            conjunct.forEachOperand { used.insert($0.space) }
            if used.isSubset(of: [.span]) {
                columnar.append(node)
            } else {
                rowwise = rowwise.map { .and($0, node) } ?? node
                spaces.formUnion(used)
            }
        }
        filters.append(
            FilterPlan(
                leaves: leaves, columnar: columnar, rowwise: rowwise, usesEvents: spaces.contains(.event),
                usesLinks: spaces.contains(.link)))
        return filters.count - 1
    }

    mutating func value(_ expression: FieldExpression) throws(TraceQLError) -> ValuePlan {
        switch expression {
        case .literal(let literal): return .constant(Value(literal))
        case .operand(let operand): return .operand(slot: slot(of: operand))
        case .unary(.negate, let inner): return .negate(try value(inner))
        case .binary(.divide, let left, let right) where Self.isDuration(left) || Self.isDuration(right):
            // Only integers are cut off, and durations are none.
            return .arithmetic(
                .divide, .arithmetic(.multiply, try value(left), .constant(.double(1))), try value(right))
        case .binary(let symbol, let left, let right) where symbol.isArithmetic:
            return .arithmetic(symbol, try value(left), try value(right))
        default: return .condition(filter: try filter(expression))
        }
    }

    private mutating func node(
        _ expression: FieldExpression, _ leaves: inout [FilterPlan.Leaf]
    ) throws(TraceQLError) -> FilterPlan.Node {
        switch expression {
        case .literal(.bool(let value)): return .constant(value)
        case .binary(_, .literal(.nil), .literal(.nil)): return .constant(false)
        case .binary(let symbol, .literal(.string(let text)), .literal(.string(let pattern)))
        where symbol == .regex || symbol == .notRegex:
            let found = try Self.expression(pattern).matches(text)
            return .constant(found == (symbol == .regex))
        case .unary(.not, let inner): return .not(try node(inner, &leaves))
        case .binary(.and, let left, let right): return .and(try node(left, &leaves), try node(right, &leaves))
        case .binary(.or, let left, let right): return .or(try node(left, &leaves), try node(right, &leaves))
        default:
            let kind = try leaf(expression)
            var spaces: Set<Operand.Space> = []
            expression.forEachOperand { spaces.insert($0.space) }
            leaves.append(FilterPlan.Leaf(kind: kind, spaces: spaces))
            return .leaf(leaves.count - 1)
        }
    }

    private mutating func leaf(_ expression: FieldExpression) throws(TraceQLError) -> FilterPlan.Kind {
        switch expression {
        case .operand(let operand): return .truth(slot: slot(of: operand))
        case .binary(let symbol, .operand(let operand), .literal(let literal)):
            return try comparison(operand, symbol, literal)
        case .binary(let symbol, .literal(let literal), .operand(let operand)):
            return try comparison(operand, symbol.mirrored, literal)
        case .binary(let symbol, let left, let right) where symbol == .regex || symbol == .notRegex:
            throw TraceQLError(.unsupported, "\(symbol.rawValue) between \(left) and \(right): only fields are matched")
        case .binary(let symbol, let left, let right) where symbol.isComparison:
            return .general(symbol, try value(left), try value(right))
        default:
            // An arithmetic expression as a condition: true only if it is a boolean, which it never is.
            return .general(.equal, try value(expression), .constant(.bool(true)))
        }
    }

    private mutating func comparison(
        _ operand: Operand, _ symbol: BinaryOperator, _ literal: Literal
    ) throws(TraceQLError) -> FilterPlan.Kind {
        let slot = slot(of: operand)
        switch (symbol, literal) {
        case (.equal, .nil): return .presence(slot: slot, false)
        case (.notEqual, .nil): return .presence(slot: slot, true)
        case (.regex, .string(let pattern)), (.notRegex, .string(let pattern)):
            return .match(slot: slot, try Self.expression(pattern), negated: symbol == .notRegex)
        case (.less, .int(0)) where operand == .intrinsic(.nestedSetParent): return .isRoot(true)
        case (.greaterOrEqual, .int(0)) where operand == .intrinsic(.nestedSetParent): return .isRoot(false)
        case (.equal, .string(let text)), (.notEqual, .string(let text)):
            if case .intrinsic(let intrinsic) = operand, let digits = intrinsic.idDigits {
                return .identity(slot: slot, Self.id(text, digits: digits), negated: symbol == .notEqual)
            }
            return .compare(slot: slot, symbol, literal)
        default:
            return .compare(slot: slot, symbol, literal)
        }
    }

    private static func isDuration(_ expression: FieldExpression) -> Bool {
        (try? Checker.type(of: expression)) == .duration
    }

    private static func expression(_ pattern: String) throws(TraceQLError) -> Regex {
        do {
            return try Regex(pattern, anchored: true)
        } catch {
            throw TraceQLError(.type, "regular expression \"\(pattern)\": \(error)")
        }
    }

    /// The id that hex digits name; short ids count as padded with zeros on the left.
    private static func id(_ text: String, digits: Int) -> (high: UInt64, low: UInt64)? {
        var id: (high: UInt64, low: UInt64) = (0, 0)
        guard !text.isEmpty, text.utf8.count <= digits else { return nil }
        for character in text.unicodeScalars {
            guard let digit = UInt64(String(character), radix: 16) else { return nil }
            id.high = id.high << 4 | id.low >> 60
            id.low = id.low << 4 | digit
        }
        return id
    }
}
