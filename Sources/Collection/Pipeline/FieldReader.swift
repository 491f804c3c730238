/// Reads the pieces of a written timestamp one after the other.
struct FieldReader {
    private let bytes: [UInt8]
    private var at = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { at == bytes.count }

    mutating func skip(_ literal: [UInt8]) -> Bool {
        guard bytes[at...].starts(with: literal) else { return false }
        at += literal.count
        return true
    }

    /// A decimal number of so many digits, as many as there are.
    mutating func digits(_ width: ClosedRange<Int>) -> Int? {
        var value = 0
        var count = 0
        while count < width.upperBound, at < bytes.count, (0x30...0x39).contains(bytes[at]) {
            value = value * 10 + Int(bytes[at] - 0x30)
            at += 1
            count += 1
        }
        return count >= width.lowerBound ? value : nil
    }

    /// Nanoseconds of `.123`, nil (and nothing read) when no digit follows a point or comma.
    mutating func fraction() -> Int? {
        guard at + 1 < bytes.count, bytes[at] == 0x2E || bytes[at] == 0x2C, (0x30...0x39).contains(bytes[at + 1]) else {
            return nil
        }
        at += 1
        var value = 0
        var scale = 1_000_000_000
        while at < bytes.count, (0x30...0x39).contains(bytes[at]) {
            if scale > 1 {
                scale /= 10
                value += Int(bytes[at] - 0x30) * scale
            }
            at += 1
        }
        return value
    }

    /// The index of the name that stands here, its first three letters unless `full`; letters' case does not matter.
    mutating func name(_ names: [String], full: Bool) -> Int? {
        for (index, name) in names.enumerated() {
            let wanted = full ? Array(name.utf8) : Array(name.utf8.prefix(3))
            guard bytes.count - at >= wanted.count else { continue }
            let found = bytes[at..<(at + wanted.count)]
            if zip(found, wanted).allSatisfy({ $0 | 0x20 == $1 | 0x20 }) {
                at += wanted.count
                return index
            }
        }
        return nil
    }

    /// True for PM, false for AM.
    mutating func meridiem() -> Bool? {
        guard at + 1 < bytes.count, bytes[at + 1] | 0x20 == 0x6D else { return nil }
        let letter = bytes[at] | 0x20
        guard letter == 0x61 || letter == 0x70 else { return nil }
        at += 2
        return letter == 0x70
    }

    /// A zone's abbreviation. Only UTC, GMT and Z say how far it is off; others count as UTC, as Go does without a location.
    mutating func zoneName() -> Bool {
        let start = at
        while at < bytes.count, at - start < 5, (0x41...0x5A).contains(bytes[at]) { at += 1 }
        return at - start >= 1
    }

    /// Seconds east of UTC.
    mutating func zone(colon: Bool, seconds: Bool, utcIsZ: Bool, short: Bool) -> Int? {
        if utcIsZ, at < bytes.count, bytes[at] == 0x5A {
            at += 1
            return 0
        }
        guard at < bytes.count, bytes[at] == 0x2B || bytes[at] == 0x2D else { return nil }
        let sign = bytes[at] == 0x2B ? 1 : -1
        at += 1
        guard let hours = digits(2...2) else { return nil }
        if short { return sign * hours * 3600 }
        if colon, !skip([0x3A]) { return nil }
        guard let minutes = digits(2...2) else { return nil }
        var total = hours * 3600 + minutes * 60
        if seconds {
            if colon, !skip([0x3A]) { return nil }
            guard let rest = digits(2...2) else { return nil }
            total += rest
        }
        return sign * total
    }
}
