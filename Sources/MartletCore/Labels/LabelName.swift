/// The field's rules for names of metrics and labels.
package enum LabelName {
    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`
    package static func isLegacyMetricName(_ bytes: some Sequence<UInt8>) -> Bool {
        isLegacy(bytes, colon: true)
    }

    /// `[a-zA-Z_][a-zA-Z0-9_]*`
    package static func isLegacyLabelName(_ bytes: some Sequence<UInt8>) -> Bool {
        isLegacy(bytes, colon: false)
    }

    /// Any UTF-8 of at least one byte.
    package static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        !bytes.isEmpty && Bytes.isValidUTF8(bytes)
    }

    private static func isLegacy(_ bytes: some Sequence<UInt8>, colon: Bool) -> Bool {
        var first = true
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): break
            case UInt8(ascii: "0")...UInt8(ascii: "9") where !first: break
            case UInt8(ascii: ":") where colon: break
            default: return false
            }
            first = false
        }
        return !first
    }
}
