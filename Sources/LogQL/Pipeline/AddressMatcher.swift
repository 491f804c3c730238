import MartletCore

/// `ip("…")`: a single IPv4 or IPv6 address, a range `a-b`, or a CIDR block.
package struct AddressMatcher: Sendable, Hashable {
    /// An address as 128 bits; IPv4 in the low 32, told apart by `isV4`.
    struct Address: Sendable, Hashable {
        var high: UInt64
        var low: UInt64
        var isV4: Bool

        static func <= (a: Address, b: Address) -> Bool { (a.high, a.low) <= (b.high, b.low) }
    }

    /// The pattern as it was given.
    package let text: String
    private let first: Address
    private let last: Address

    /// A matcher for `text`; throws a parse error when it is neither address, range nor CIDR.
    package init(_ text: String) throws(LogQueryError) {
        self.text = text
        let bytes = Array(text.utf8)
        if let dash = bytes.firstIndex(of: UInt8(ascii: "-")) {
            guard let from = Self.parse(bytes[..<dash]), let to = Self.parse(bytes[(dash + 1)...]),
                from.isV4 == to.isV4, from <= to
            else { throw Self.invalid(text) }
            (first, last) = (from, to)
        } else if let slash = bytes.firstIndex(of: UInt8(ascii: "/")) {
            guard let base = Self.parse(bytes[..<slash]),
                let length = UInt8(String(decoding: bytes[(slash + 1)...], as: UTF8.self)),
                length <= (base.isV4 ? 32 : 128)
            else { throw Self.invalid(text) }
            (first, last) = Self.block(base, length: Int(length) + (base.isV4 ? 96 : 0))
        } else {
            guard let address = Self.parse(bytes[...]) else { throw Self.invalid(text) }
            (first, last) = (address, address)
        }
    }

    private static func invalid(_ text: String) -> LogQueryError {
        .parse("ip: invalid pattern: \(GoQuote.quote(text))")
    }

    private static func block(_ base: Address, length: Int) -> (Address, Address) {
        let highMask: UInt64 = length >= 64 ? .max : length == 0 ? 0 : .max << UInt64(64 - length)
        let lowMask: UInt64 = length <= 64 ? 0 : length == 128 ? .max : .max << UInt64(128 - length)
        return (
            Address(high: base.high & highMask, low: base.low & lowMask, isV4: base.isV4),
            Address(high: base.high | ~highMask, low: base.low | ~lowMask, isV4: base.isV4)
        )
    }

    private func contains(_ address: Address) -> Bool {
        address.isV4 == first.isV4 && first <= address && address <= last
    }

    /// Whether any address in `line` is one of these. Addresses are looked for wherever one may begin, whatever stands
    /// before it, and reach as far as their characters do.
    package func findsAddress(in line: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index < line.count {
            let isV4 = Self.mayBeginV4(line, index)
            guard isV4 || Self.mayBeginV6(line, index) else {
                index += 1
                continue
            }
            var end = index
            while end < line.count, isV4 ? Self.isV4Byte(line[end]) : Self.isV6Byte(line[end]) { end += 1 }
            // The longest address is 45 characters; longer runs are something else.
            if end - index <= 46, check(UnsafeRawBufferPointer(rebasing: line[index..<end])) { return true }
            index = end
        }
        return false
    }

    /// A run may end with a colon or a full stop that belongs to the text around it.
    private func check(_ run: UnsafeRawBufferPointer) -> Bool {
        if let address = Self.parse(run) { return contains(address) }
        var trimmed = run[...]
        while let last = trimmed.last, last == UInt8(ascii: ":") || last == UInt8(ascii: ".") {
            trimmed = trimmed.dropLast()
        }
        guard let address = Self.parse(trimmed) else { return false }
        return contains(address)
    }

    /// A digit, and a full stop among the three bytes behind it.
    private static func mayBeginV4(_ line: UnsafeRawBufferPointer, _ start: Int) -> Bool {
        line.count - start > 3 && isDigit(line[start]) && line[(start + 1)...(start + 3)].contains(UInt8(ascii: "."))
    }

    /// Up to four hexadecimal digits and a colon, or two colons and a digit.
    private static func mayBeginV6(_ line: UnsafeRawBufferPointer, _ start: Int) -> Bool {
        var index = start
        while index < line.count, index - start < 4, Hex.value(of: line[index]) != nil { index += 1 }
        guard index < line.count, line[index] == UInt8(ascii: ":") else { return false }
        guard index == start else { return true }
        return line.count - start > 2 && line[start + 1] == UInt8(ascii: ":") && Hex.value(of: line[start + 2]) != nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    private static func isV4Byte(_ byte: UInt8) -> Bool { isDigit(byte) || byte == UInt8(ascii: ".") }

    private static func isV6Byte(_ byte: UInt8) -> Bool {
        Hex.value(of: byte) != nil || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
    }

    /// The address written in `text`, or nil.
    static func parse(_ text: some BidirectionalCollection<UInt8>) -> Address? {
        text.contains(UInt8(ascii: ":")) ? parseV6(Array(text)) : parseV4(text)
    }

    private static func parseV4(_ text: some Collection<UInt8>) -> Address? {
        var value: UInt64 = 0
        var part: UInt64 = 0
        var digits = 0
        var parts = 0
        for byte in text {
            if byte == UInt8(ascii: ".") {
                guard digits > 0 else { return nil }
                value = value << 8 | part
                (part, digits) = (0, 0)
                parts += 1
            } else if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
                // Leading zeros are refused, as Go does.
                guard digits < 3, !(digits > 0 && part == 0) else { return nil }
                part = part * 10 + UInt64(byte - UInt8(ascii: "0"))
                guard part < 256 else { return nil }
                digits += 1
            } else {
                return nil
            }
        }
        guard parts == 3, digits > 0 else { return nil }
        return Address(high: 0, low: value << 8 | part, isV4: true)
    }

    private static func parseV6(_ text: [UInt8]) -> Address? {
        var groups: [UInt16] = []
        var gap: Int?
        var index = 0
        if text.starts(with: "::".utf8) {
            gap = 0
            index = 2
        }
        while index < text.count {
            let start = index
            while index < text.count, text[index] != UInt8(ascii: ":") { index += 1 }
            let part = text[start..<index]
            if part.contains(UInt8(ascii: ".")) {
                guard index == text.count, groups.count <= 6, let tail = parseV4(part) else { return nil }
                groups += [UInt16(tail.low >> 16), UInt16(tail.low & 0xFFFF)]
                break
            }
            guard (1...4).contains(part.count), let group = UInt16(String(decoding: part, as: UTF8.self), radix: 16),
                groups.count < 8
            else { return nil }
            groups.append(group)
            guard index < text.count else { break }
            index += 1
            if index < text.count, text[index] == UInt8(ascii: ":") {
                guard gap == nil else { return nil }
                gap = groups.count
                index += 1
            } else if index == text.count {
                return nil
            }
        }
        if let gap {
            guard groups.count < 8 else { return nil }
            groups.insert(contentsOf: [UInt16](repeating: 0, count: 8 - groups.count), at: gap)
        }
        guard groups.count == 8 else { return nil }
        let high = groups[..<4].reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
        let low = groups[4...].reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
        return Address(high: high, low: low, isV4: false)
    }
}
