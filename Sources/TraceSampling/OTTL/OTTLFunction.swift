import MartletCore
import Wire

/// The converters that conditions may call.
///
/// Source: `pkg/ottl/ottlfuncs` of opentelemetry-collector-contrib.
enum OTTLFunction: String, Sendable, CaseIterable {
    case bool = "Bool"
    case coalesce = "Coalesce"
    case concat = "Concat"
    case containsValue = "ContainsValue"
    case double = "Double"
    case duration = "Duration"
    case hasPrefix = "HasPrefix"
    case hasSuffix = "HasSuffix"
    case hours = "Hours"
    case int = "Int"
    case isBool = "IsBool"
    case isDouble = "IsDouble"
    case isInt = "IsInt"
    case isList = "IsList"
    case isMap = "IsMap"
    case isMatch = "IsMatch"
    case isRootSpan = "IsRootSpan"
    case isString = "IsString"
    case len = "Len"
    case microseconds = "Microseconds"
    case milliseconds = "Milliseconds"
    case minutes = "Minutes"
    case nanoseconds = "Nanoseconds"
    case now = "Now"
    case seconds = "Seconds"
    case spanID = "SpanID"
    case split = "Split"
    case string = "String"
    case substring = "Substring"
    case toLowerCase = "ToLowerCase"
    case toUpperCase = "ToUpperCase"
    case traceID = "TraceID"
    case trim = "Trim"
    case trimPrefix = "TrimPrefix"
    case trimSuffix = "TrimSuffix"
    case unixMicro = "UnixMicro"
    case unixMilli = "UnixMilli"
    case unixNano = "UnixNano"
    case unixSeconds = "UnixSeconds"

    /// How many arguments it takes.
    var arity: ClosedRange<Int> {
        switch self {
        case .isRootSpan, .now: 0...0
        case .concat, .containsValue, .hasPrefix, .hasSuffix, .isMatch, .split, .trimPrefix, .trimSuffix: 2...2
        case .substring: 3...3
        case .trim: 1...2
        default: 1...1
        }
    }

    /// Whether it can stand where a condition is needed.
    var mayBeTruth: Bool {
        switch self {
        case .bool, .coalesce, .containsValue, .hasPrefix, .hasSuffix, .isBool, .isDouble, .isInt, .isList, .isMap,
            .isMatch, .isRootSpan, .isString:
            true
        default: false
        }
    }

    /// The result for as many arguments as it takes. Of those that are more than functions of their arguments, `IsRootSpan`
    /// gets the parent's id; `IsMatch` and `Now` are no business of this one.
    func apply(_ arguments: [OTTLValue]) throws(OTTLFailure) -> OTTLValue {
        do throws(OTTLFailure) {
            return try result(arguments)
        } catch {
            throw OTTLFailure("\(rawValue): \(error.message)")
        }
    }

    private func result(_ arguments: [OTTLValue]) throws(OTTLFailure) -> OTTLValue {
        let first = arguments.first ?? .none
        let second = arguments.count > 1 ? arguments[1] : .none
        switch self {
        case .bool, .double, .int, .string: return try converted(first)
        case .isBool: if case .bool = first { return .bool(true) } else { return .bool(false) }
        case .isDouble: if case .double = first { return .bool(true) } else { return .bool(false) }
        case .isInt: if case .int = first { return .bool(true) } else { return .bool(false) }
        case .isList: if case .list = first { return .bool(true) } else { return .bool(false) }
        case .isMap: if case .map = first { return .bool(true) } else { return .bool(false) }
        case .isString: if case .text = first { return .bool(true) } else { return .bool(false) }
        case .isRootSpan:
            guard case .id(let parent) = first else { return .bool(true) }
            return .bool(parent.array.allSatisfy { $0 == 0 })
        case .coalesce: return try first.list().first { $0 != .none } ?? .none
        case .containsValue:
            return .bool(try first.list().contains { OTTLComparison.equal.holds($0, second) })
        case .concat, .hasPrefix, .hasSuffix, .len, .split, .substring, .toLowerCase, .toUpperCase, .trim, .trimPrefix,
            .trimSuffix:
            return try OTTLTexts.result(of: self, arguments)
        case .traceID: return try Self.id(first, bytes: 16)
        case .spanID: return try Self.id(first, bytes: 8)
        case .duration:
            do throws(DurationError) { return .duration(try GoDuration.parse(try Self.string(first))) } catch {
                throw OTTLFailure(error.description)
            }
        case .hours: return .double(Double(try first.duration()) / 3.6e12)
        case .minutes: return .double(Double(try first.duration()) / 6e10)
        case .seconds: return .double(Double(try first.duration()) / 1e9)
        case .milliseconds: return .int(try first.duration() / 1_000_000)
        case .microseconds: return .int(try first.duration() / 1000)
        case .nanoseconds: return .int(try first.duration())
        case .unixSeconds: return .int(try first.time() / 1_000_000_000)
        case .unixMilli: return .int(try first.time() / 1_000_000)
        case .unixMicro: return .int(try first.time() / 1000)
        case .unixNano: return .int(try first.time())
        case .isMatch, .now: throw OTTLFailure("it has no value of its own")
        }
    }

    private static func string(_ value: OTTLValue) throws(DurationError) -> String {
        guard case .text(let text) = value else {
            throw DurationError("a text is needed, not \(value.typeName)")
        }
        return text.string
    }

    /// The same value in another type; `nil` where there is none.
    private func converted(_ value: OTTLValue) throws(OTTLFailure) -> OTTLValue {
        switch (self, value) {
        case (.string, _): return try value.textLike().map { .text($0) } ?? .none
        case (.bool, .bool), (.int, .int), (.double, .double): return value
        case (.bool, .int(let number)): return .bool(number != 0)
        case (.bool, .double(let number)): return .bool(number != 0)
        case (.bool, .text(let text)):
            switch text.string {
            case "1", "t", "T", "true", "TRUE", "True": return .bool(true)
            case "0", "f", "F", "false", "FALSE", "False": return .bool(false)
            default: return .none
            }
        case (.int, .bool(let flag)): return .int(flag ? 1 : 0)
        case (.int, .double(let number)): return Int64(exactly: number.rounded(.towardZero)).map { .int($0) } ?? .none
        case (.int, .text(let text)): return Int64(text.string).map { .int($0) } ?? .none
        case (.double, .bool(let flag)): return .double(flag ? 1 : 0)
        case (.double, .int(let number)): return .double(Double(number))
        case (.double, .text(let text)): return Double(text.string).map { .double($0) } ?? .none
        default: return .none
        }
    }

    /// An id, of its bytes or its hexadecimal text.
    private static func id(_ value: OTTLValue, bytes count: Int) throws(OTTLFailure) -> OTTLValue {
        var bytes: [UInt8]?
        switch value {
        case .bytes(let given): bytes = given.array
        case .text(let text): bytes = OTTLLexer.bytes(hex: text.array[...])
        default: break
        }
        guard let bytes, bytes.count == count else {
            throw OTTLFailure("\(count) bytes are needed, as 0x… or as a text of \(2 * count) hexadecimal digits")
        }
        return .id(ByteString(bytes))
    }
}
