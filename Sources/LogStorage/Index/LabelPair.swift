/// A label's name and value, by name, then by value, bytewise.
struct LabelPair: Hashable, Comparable {
    let name: [UInt8]
    let value: [UInt8]

    static func < (a: LabelPair, b: LabelPair) -> Bool {
        if a.name != b.name { return a.name.lexicographicallyPrecedes(b.name) }
        return a.value.lexicographicallyPrecedes(b.value)
    }

    /// Both, each with every 00 followed by FF and ended by a 00: sorts as the pair does, and none begins with another.
    var escaped: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(name.count + value.count + 2)
        for text in [name, value] {
            for byte in text {
                out.append(byte)
                if byte == 0 { out.append(0xFF) }
            }
            out.append(0)
        }
        return out
    }
}
