/// One condition on a label's value, as in `{name="value"}`. A label that is not there has the empty value.
package struct Matcher: Sendable, Hashable {
    /// How the value is compared.
    package enum Kind: String, Sendable, Hashable {
        case equal = "="
        case notEqual = "!="
        case regex = "=~"
        case notRegex = "!~"
    }

    package let kind: Kind
    package let name: String
    package let value: String
    /// The compiled expression of `.regex` and `.notRegex`.
    package let regex: Regex?
    private let valueBytes: [UInt8]

    /// Compiles the expression where the kind asks for one; it must match the whole value.
    package init(_ kind: Kind, _ name: String, _ value: String) throws(RegexError) {
        self.kind = kind
        self.name = name
        self.value = value
        valueBytes = Array(value.utf8)
        switch kind {
        case .equal, .notEqual: regex = nil
        case .regex, .notRegex: regex = try Regex(value, anchored: true)
        }
    }

    /// An equality matcher, which cannot fail to compile.
    package init(equal name: String, _ value: String) {
        kind = .equal
        self.name = name
        self.value = value
        valueBytes = Array(value.utf8)
        regex = nil
    }

    /// True when the value passes.
    package func matches(_ candidate: UnsafeRawBufferPointer) -> Bool {
        switch kind {
        case .equal: return valueBytes.withUnsafeBytes { Bytes.equal($0, candidate) }
        case .notEqual: return valueBytes.withUnsafeBytes { !Bytes.equal($0, candidate) }
        case .regex: return regex?.matches(candidate) ?? false
        case .notRegex: return !(regex?.matches(candidate) ?? false)
        }
    }

    /// True when the label set's value of `name` (empty when it is not there) passes.
    package func matches(_ labels: Labels) -> Bool {
        labels.withValue(of: name) { matches($0) } ?? matchesEmpty
    }

    /// True when a series without the label passes.
    package var matchesEmpty: Bool {
        matches(UnsafeRawBufferPointer(start: nil, count: 0))
    }

    /// For `=` and for expressions that are plain alternations: all values that pass. Nil when not known.
    package var setMatches: [String]? {
        switch kind {
        case .equal: return [value]
        case .regex: return regex?.setMatches
        case .notEqual, .notRegex: return nil
        }
    }

    /// For `=~`: the bytes every passing value begins with, empty when not known.
    package var prefix: [UInt8] { kind == .regex ? regex?.prefix ?? [] : [] }

    package static func == (a: Matcher, b: Matcher) -> Bool {
        a.kind == b.kind && a.name.utf8.elementsEqual(b.name.utf8) && a.value.utf8.elementsEqual(b.value.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(kind)
        Bytes.of(name) { hasher.combine(bytes: $0) }
        hasher.combine(0 as UInt8)
        Bytes.of(value) { hasher.combine(bytes: $0) }
    }
}

extension Matcher: CustomStringConvertible {
    /// `name="value"` with the field's quoting.
    package var description: String {
        let nameText = LabelName.isLegacyLabelName(name.utf8) ? name : GoQuote.quote(name)
        return nameText + kind.rawValue + GoQuote.quote(value)
    }
}
