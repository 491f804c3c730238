import MartletCore
import Wire

/// What has a value.
indirect enum OTTLOperand: Sendable {
    case literal(OTTLValue)
    case field(OTTLField)
    /// The entry of the span's tracestate under a key; an empty text when there is none.
    case traceStateEntry([UInt8])
    case element(OTTLOperand, OTTLKey)
    case list([OTTLOperand])
    case negated(OTTLOperand)
    case arithmetic(OTTLArithmetic, OTTLOperand, OTTLOperand)
    case call(OTTLFunction, [OTTLOperand])
    /// `IsMatch`: whether an expression matches somewhere in a text; false for `nil`.
    case isMatch(OTTLOperand, Regex)
    case now
    /// The bytes of an id in hexadecimal.
    case hex(OTTLOperand)
    /// The word at a number's place; an empty text beyond the last.
    case word(OTTLOperand, [String])

    /// The value, when it depends on nothing.
    var constant: OTTLValue? { if case .literal(let value) = self { value } else { nil } }

    func value(_ subject: OTTLSubject) throws(OTTLFailure) -> OTTLValue {
        switch self {
        case .literal(let value): return value
        case .field(let field): return subject.span.value(of: field, event: subject.event)
        case .traceStateEntry(let key):
            guard case .text(let state) = subject.span.value(of: .traceState, event: nil) else { return .none }
            return .text(state.withBytes { TraceState.value(of: key, in: $0).map { ByteString(copying: $0) } ?? "" })
        case .element(let operand, let key): return try operand.value(subject).element(key)
        case .list(let operands): return .list(try Self.values(operands, subject))
        case .negated(let operand):
            switch try operand.value(subject) {
            case .int(let number): return .int(0 &- number)
            case .double(let number): return .double(-number)
            case let other: throw OTTLFailure("\(other.typeName) cannot be negated")
            }
        case .arithmetic(let operation, let left, let right):
            return try operation.apply(try left.value(subject), try right.value(subject))
        case .call(let function, let operands): return try function.apply(try Self.values(operands, subject))
        case .isMatch(let operand, let expression):
            guard let text = try operand.value(subject).textLike() else { return .bool(false) }
            return .bool(text.withBytes { expression.matches($0) })
        case .now: return .time(Int64(clamping: subject.now))
        case .hex(let operand):
            guard case .id(let bytes) = try operand.value(subject) else { return .none }
            return .text(OTTLValue.hex(bytes))
        case .word(let operand, let words):
            let number = Int(clamping: try operand.value(subject).int())
            return .text(words.indices.contains(number) ? ByteString(words[number]) : "")
        }
    }

    private static func values(
        _ operands: [OTTLOperand], _ subject: OTTLSubject
    ) throws(OTTLFailure) -> [OTTLValue] {
        var values: [OTTLValue] = []
        values.reserveCapacity(operands.count)
        for operand in operands { values.append(try operand.value(subject)) }
        return values
    }
}
