/// Times as RFC 3339 writes them, on bytes: `2006-01-02T15:04:05.999999999Z`, `…+02:00`.
package enum RFC3339 {
    /// A moment: whole seconds since 1970 and nanoseconds (0…999,999,999) after them.
    package struct Moment: Hashable, Sendable {
        package var seconds: Int64
        package var nanosecond: Int

        package init(seconds: Int64, nanosecond: Int) {
            self.seconds = seconds
            self.nanosecond = nanosecond
        }

        /// Nanoseconds since 1970; nil outside 1677…2262, where they do not fit.
        package var unixNanoseconds: Int64? {
            let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
            let (sum, carried) = product.addingReportingOverflow(Int64(nanosecond))
            return overflow || carried ? nil : sum
        }

        /// Nanoseconds since 1970; the nearest that fits for times outside 1677…2262.
        package var nearestUnixNanoseconds: Int64 { unixNanoseconds ?? (seconds < 0 ? .min : .max) }

        /// Milliseconds since 1970, the rest cut off.
        package var unixMilliseconds: Int64 { seconds * 1000 + Int64(nanosecond / 1_000_000) }
    }

    /// Reads a whole buffer; nil when it is not a time or names a day that does not exist. Digits beyond nanoseconds
    /// are cut off. A blank or lower-case `t` between date and time is accepted, as RFC 3339 allows.
    package static func parse(_ text: UnsafeRawBufferPointer) -> Moment? {
        guard text.count >= 20,
            let year = number(text, 0, 4), text[4] == UInt8(ascii: "-"),
            let month = number(text, 5, 2), text[7] == UInt8(ascii: "-"),
            let day = number(text, 8, 2), isSeparator(text[10]),
            let hour = number(text, 11, 2), text[13] == UInt8(ascii: ":"),
            let minute = number(text, 14, 2), text[16] == UInt8(ascii: ":"),
            let second = number(text, 17, 2)
        else { return nil }
        guard month >= 1, month <= 12, day >= 1, day <= CivilTime.daysInMonth(year: year, month: month),
            hour < 24, minute < 60, second < 60
        else { return nil }
        var index = 19
        var nanosecond = 0
        if text[index] == UInt8(ascii: ".") || text[index] == UInt8(ascii: ",") {
            index += 1
            let start = index
            var scale = 100_000_000
            while index < text.count, text[index] >= UInt8(ascii: "0"), text[index] <= UInt8(ascii: "9") {
                nanosecond += Int(text[index] - UInt8(ascii: "0")) * scale
                scale /= 10
                index += 1
            }
            if index == start { return nil }
        }
        guard index < text.count, let offset = zone(text, index) else { return nil }
        let civil = CivilTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        return Moment(seconds: civil.unixSeconds - Int64(offset), nanosecond: nanosecond)
    }

    /// Reads a whole string.
    package static func parse(_ text: String) -> Moment? {
        Bytes.of(text) { parse($0) }
    }

    /// How the fraction of a second is written.
    package enum Fraction: Sendable {
        /// No fraction.
        case none
        /// Always three digits.
        case milliseconds
        /// Up to nine digits without trailing zeros, no point when there is none: Go's RFC3339Nano.
        case shortest
        /// Always nine digits.
        case nanoseconds
    }

    /// Appends a time in UTC (`…Z`).
    package static func append(
        seconds: Int64, nanosecond: Int = 0, fraction: Fraction = .shortest, to out: inout [UInt8]
    ) {
        let civil = CivilTime(unixSeconds: seconds)
        pad(civil.year, 4, to: &out)
        out.append(UInt8(ascii: "-"))
        pad(civil.month, 2, to: &out)
        out.append(UInt8(ascii: "-"))
        pad(civil.day, 2, to: &out)
        out.append(UInt8(ascii: "T"))
        pad(civil.hour, 2, to: &out)
        out.append(UInt8(ascii: ":"))
        pad(civil.minute, 2, to: &out)
        out.append(UInt8(ascii: ":"))
        pad(civil.second, 2, to: &out)
        appendFraction(nanosecond, fraction, to: &out)
        out.append(UInt8(ascii: "Z"))
    }

    /// The text of a time given in nanoseconds since 1970.
    package static func format(unixNanoseconds: Int64, fraction: Fraction = .shortest) -> String {
        var seconds = unixNanoseconds / 1_000_000_000
        var rest = unixNanoseconds % 1_000_000_000
        if rest < 0 {
            rest += 1_000_000_000
            seconds -= 1
        }
        var out: [UInt8] = []
        append(seconds: seconds, nanosecond: Int(rest), fraction: fraction, to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    private static func appendFraction(_ nanosecond: Int, _ fraction: Fraction, to out: inout [UInt8]) {
        switch fraction {
        case .none: return
        case .milliseconds:
            out.append(UInt8(ascii: "."))
            pad(nanosecond / 1_000_000, 3, to: &out)
        case .nanoseconds:
            out.append(UInt8(ascii: "."))
            pad(nanosecond, 9, to: &out)
        case .shortest:
            if nanosecond == 0 { return }
            out.append(UInt8(ascii: "."))
            pad(nanosecond, 9, to: &out)
            while out.last == UInt8(ascii: "0") { out.removeLast() }
        }
    }

    private static func pad(_ value: Int, _ width: Int, to out: inout [UInt8]) {
        var scale = 1
        for _ in 1..<width { scale *= 10 }
        var rest = value
        if rest < 0 {
            out.append(UInt8(ascii: "-"))
            rest = -rest
        }
        while rest >= scale * 10 { scale *= 10 }
        while scale > 0 {
            out.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest / scale))
            rest %= scale
            scale /= 10
        }
    }

    private static func number(_ text: UnsafeRawBufferPointer, _ offset: Int, _ count: Int) -> Int? {
        var value = 0
        for index in offset..<offset + count {
            let byte = text[index]
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return value
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "T") || byte == UInt8(ascii: "t") || byte == UInt8(ascii: " ")
    }

    /// Seconds east of UTC.
    private static func zone(_ text: UnsafeRawBufferPointer, _ index: Int) -> Int? {
        let sign = text[index]
        if sign == UInt8(ascii: "Z") || sign == UInt8(ascii: "z") { return index + 1 == text.count ? 0 : nil }
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), text.count == index + 6,
            let hours = number(text, index + 1, 2), text[index + 3] == UInt8(ascii: ":"),
            let minutes = number(text, index + 4, 2), hours < 24, minutes < 60
        else { return nil }
        let offset = hours * 3600 + minutes * 60
        return sign == UInt8(ascii: "-") ? -offset : offset
    }
}
