import MartletCore

/// Numbers of 56 bits as OpenTelemetry's probability sampling has them ("TraceState: Probability Sampling"): a span is kept
/// when its randomness is not below the threshold. 0 keeps all, 2⁵⁶ nothing.
struct SamplingThreshold: Sendable, Hashable, Comparable {
    /// Keeps everything.
    static let always = SamplingThreshold(0)
    /// Keeps nothing.
    static let never = SamplingThreshold(maximum)
    /// Hexadecimal digits of 56 bits.
    static let digits = 14
    private static let maximum: UInt64 = 1 << 56

    let value: UInt64

    init(_ value: UInt64) {
        self.value = value
    }

    /// The threshold that keeps such a share; nothing when the share is below 2⁻⁵⁶.
    ///
    /// - Parameter precision: hexadecimal digits that count, 1 to 14, beside those that are zero before them.
    init(keeping share: Double, precision: Int) {
        guard share < 1 else {
            self = .always
            return
        }
        guard share >= 0x1p-56 else {
            self = .never
            return
        }
        var precision = precision
        var rejected = 1 - share
        while rejected * 16 < 1, precision < Self.digits {
            rejected *= 16
            precision += 1
        }
        let exact = Self.maximum - UInt64((share * 0x1p56).rounded())
        let shift = UInt64(4 * (Self.digits - min(precision, Self.digits)))
        value = shift == 0 ? exact : ((exact + (1 << (shift - 1))) >> shift) << shift
    }

    /// From the text of `th`: 1 to 14 digits, zeros behind them left out; nil for anything else.
    init?(text: UnsafeRawBufferPointer) {
        guard let value = Self.hexadecimal(text) else { return nil }
        self.value = value << UInt64(4 * (Self.digits - text.count))
    }

    /// The number that the text of `rv` is: 14 digits; nil for anything else.
    static func randomness(text: UnsafeRawBufferPointer) -> UInt64? {
        text.count == digits ? hexadecimal(text) : nil
    }

    private static func hexadecimal(_ text: UnsafeRawBufferPointer) -> UInt64? {
        guard (1...digits).contains(text.count) else { return nil }
        var value: UInt64 = 0
        for byte in text {
            guard let digit = Hex.value(of: byte) else { return nil }
            value = value << 4 | UInt64(digit)
        }
        return value
    }

    /// The text of `th`.
    var text: [UInt8] {
        var digits = Self.text(ofRandomness: value)
        while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
        return digits
    }

    /// The text of `rv`.
    static func text(ofRandomness value: UInt64) -> [UInt8] {
        (0..<digits).map { place in
            let digit = UInt8(value >> UInt64(4 * (digits - 1 - place)) & 15)
            return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
        }
    }

    /// The share of spans that it keeps.
    var share: Double { Double(Self.maximum - value) / 0x1p56 }

    /// Whether it keeps a span of this randomness.
    func keeps(_ randomness: UInt64) -> Bool { randomness >= value }

    static func < (a: SamplingThreshold, b: SamplingThreshold) -> Bool { a.value < b.value }
}
