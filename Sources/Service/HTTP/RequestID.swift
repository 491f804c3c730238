import MartletCore

/// Ids that tie a response to the lines that the server logs about it.
enum RequestID {
    /// The client's id when it is short and printable, else a random one of 16 hexadecimal digits.
    static func choose(_ offered: String?) -> String {
        if let offered, (1...128).contains(offered.utf8.count),
            offered.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") })
        {
            return offered
        }
        return Hex.text(UInt64.random(in: .min ... .max))
    }
}
