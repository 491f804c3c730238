import MartletCore

/// Ids of silences: random UUIDs (version 4) in lower case.
package enum SilenceID {
    /// A new one.
    package static func random() -> String {
        var bytes = (0..<16).map { _ in UInt8.random(in: 0...255) }
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        var text = ""
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text += "-" }
            text += Hex.text(byte)
        }
        return text
    }

    /// True for a UUID of any version.
    package static func isValid(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.map(\.utf8.count) == [8, 4, 4, 4, 12]
            && parts.allSatisfy { part in part.utf8.allSatisfy { Hex.value(of: $0) != nil } }
    }
}
