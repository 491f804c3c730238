/// Names that every reader of the text format takes.
enum MetricName {
    /// What Prometheus' classic syntax refuses becomes `_`.
    static func sanitise(_ name: String, colons: Bool) -> String {
        func isAllowed(_ byte: UInt8, first: Bool) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): !first
            case UInt8(ascii: ":"): colons
            default: false
            }
        }
        var isFirst = true
        var isClean = !name.isEmpty
        for byte in name.utf8 {
            isClean = isClean && isAllowed(byte, first: isFirst)
            isFirst = false
        }
        if isClean { return name }
        var bytes: [UInt8] = []
        for byte in name.utf8 {
            bytes.append(isAllowed(byte, first: bytes.isEmpty) ? byte : UInt8(ascii: "_"))
        }
        return bytes.isEmpty ? "_" : String(decoding: bytes, as: UTF8.self)
    }
}
