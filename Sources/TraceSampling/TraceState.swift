import MartletCore

/// W3C Trace Context's tracestate: `key=value` pairs, separated by commas.
enum TraceState {
    /// The value under a key; nil when there is none.
    static func value(of key: [UInt8], in state: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        var found: UnsafeRawBufferPointer?
        forEachMember(of: state) { member in
            guard found == nil, let equals = Bytes.firstIndex(of: UInt8(ascii: "="), in: member) else { return }
            if key.withUnsafeBytes({ Bytes.equal($0, UnsafeRawBufferPointer(rebasing: member[..<equals])) }) {
                found = UnsafeRawBufferPointer(rebasing: member[(equals + 1)...])
            }
        }
        return found
    }

    /// The state with another value under a key, which comes first, as the standard asks of whoever changes it.
    static func setting(_ key: [UInt8], to value: [UInt8], in state: UnsafeRawBufferPointer) -> [UInt8] {
        var result = key + [UInt8(ascii: "=")] + value
        let prefix = key + [UInt8(ascii: "=")]
        forEachMember(of: state) { member in
            guard !prefix.withUnsafeBytes({ Bytes.hasPrefix(member, $0) }) else { return }
            result.append(UInt8(ascii: ","))
            result.append(contentsOf: member)
        }
        return result
    }

    /// Members without the blanks around them; empty ones are passed over.
    private static func forEachMember(of state: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        var start = 0
        while start < state.count {
            let end = Bytes.firstIndex(of: UInt8(ascii: ","), in: state, from: start) ?? state.count
            var member = start..<end
            while let first = member.first, isBlank(state[first]) { member = first + 1..<end }
            while let last = member.last, isBlank(state[last]) { member = member.lowerBound..<last }
            if !member.isEmpty { body(UnsafeRawBufferPointer(rebasing: state[member])) }
            start = end + 1
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}
