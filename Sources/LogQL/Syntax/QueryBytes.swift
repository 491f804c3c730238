import MartletCore

/// Sizes in queries: `20MB`, `1.5KiB`.
enum QueryBytes {
    /// The spellings that a query may use; label values may use any case.
    private static let queryNames: Set<String> = [
        "B", "kB", "KB", "MB", "GB", "TB", "PB", "KiB", "MiB", "GiB", "TiB", "PiB",
    ]

    /// Bytes written in a query, or nil.
    static func parse(_ text: String) -> Double? {
        let number = text.prefix { $0.isASCII && ($0.isWholeNumber || $0 == ".") }
        return queryNames.contains(String(text[number.endIndex...])) ? try? ByteCountText.parse(text) : nil
    }
}
