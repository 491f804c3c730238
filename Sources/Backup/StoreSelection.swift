import Service

/// What values of `--store` have in common.
enum StoreSelection {
    /// The name, and what follows its `=`.
    static func split(_ text: String) -> (name: String, rest: String?) {
        guard let sign = text.firstIndex(of: "=") else { return (text, nil) }
        return (String(text[..<sign]), String(text[text.index(after: sign)...]))
    }

    static func unknown(_ name: String) -> UsageError {
        UsageError("--store \"\(name)\" is no store: there are \(StoreName.list)")
    }

    /// Fails for a store that was named twice.
    static func checkUnique(_ names: [StoreName]) throws(UsageError) {
        for name in StoreName.allCases where names.count(where: { $0 == name }) > 1 {
            throw UsageError("--store \(name.rawValue) is given twice")
        }
    }
}
