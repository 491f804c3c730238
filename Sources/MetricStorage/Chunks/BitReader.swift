/// Reads what `BitBuffer` writes. Beyond the end all bits are zero, and `isOverrun` tells.
struct BitReader {
    private let base: UnsafeRawBufferPointer
    private var position: Int

    /// Reads from a byte on. The bytes must outlive the reader.
    init(_ bytes: UnsafeRawBufferPointer, fromByte offset: Int) {
        base = bytes
        position = offset * 8
    }

    /// Whether more was read than there is.
    var isOverrun: Bool { position > base.count * 8 }
    /// Whether at least so many bits are left: to be asked before memory is taken for as many numbers.
    func hasBits(_ count: Int) -> Bool { count <= base.count * 8 - position }

    mutating func bits(_ width: Int) -> UInt64 {
        var result: UInt64 = 0
        var left = width
        while left > 0 {
            let used = position & 7
            let taken = min(left, 8 - used)
            let byte = position >> 3 < base.count ? base[position >> 3] : 0
            result = result << UInt64(taken) | UInt64((byte << UInt8(used)) >> UInt8(8 - taken))
            position += taken
            left -= taken
        }
        return result
    }

    mutating func bit() -> Bool { bits(1) != 0 }

    /// A number with sign.
    mutating func varbit() -> Int64 {
        let width = varbitWidth()
        if width == 0 { return 0 }
        let raw = bits(width)
        if width == 64 { return Int64(bitPattern: raw) }
        return raw > 1 << UInt64(width - 1) ? Int64(bitPattern: raw &- 1 << UInt64(width)) : Int64(raw)
    }

    /// A number without sign.
    mutating func uvarbit() -> UInt64 { bits(varbitWidth()) }

    private mutating func varbitWidth() -> Int {
        var ones = 0
        while ones < 8, bit() { ones += 1 }
        return ones == 0 ? 0 : ones == 8 ? 64 : Varbit.widths[ones - 1]
    }

    /// LEB128 with sign, as the first time of a chunk is written.
    mutating func varint() -> Int64 {
        let raw = uvarint()
        return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
    }

    mutating func uvarint() -> UInt64 {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 70 {
            let byte = bits(8)
            result |= (byte & 0x7F) << shift
            if byte < 0x80 { break }
            shift += 7
        }
        return result
    }

    /// Changes the value as the bits say; false when they name a window that cannot be.
    mutating func xor(_ value: inout UInt64, _ window: inout XORWindow) -> Bool {
        guard bit() else { return true }
        if bit() {
            return newWindow(&value, &window)
        }
        return inWindow(&value, window)
    }

    /// Reads a window and the bits in it.
    mutating func newWindow(_ value: inout UInt64, _ window: inout XORWindow) -> Bool {
        let leading = Int(bits(5))
        let significant = Int(bits(6))
        let width = significant == 0 ? 64 : significant
        guard leading + width <= 64 else { return false }
        window = XORWindow(leading: UInt8(leading), trailing: UInt8(64 - leading - width))
        return inWindow(&value, window)
    }

    /// Reads the bits in the window.
    mutating func inWindow(_ value: inout UInt64, _ window: XORWindow) -> Bool {
        guard window.isSet else { return false }
        value ^= bits(window.width) << UInt64(window.trailing)
        return true
    }
}
