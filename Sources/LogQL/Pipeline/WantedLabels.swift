import MartletCore

/// The labels that anything after a parser looks at: parsers skip the rest. Nil names mean all.
struct WantedLabels {
    private let names: [[UInt8]]?

    static let all = WantedLabels(names: nil)
    /// What a label gets behind its name when the name is taken.
    private static let suffix = Array("_extracted".utf8)

    private init(names: [[UInt8]]?) { self.names = names }

    /// Only these, also where a collision would give them the suffix `_extracted`.
    init(_ names: Set<String>) {
        self.names = names.map { Array($0.utf8) }
    }

    func contains(_ name: UnsafeRawBufferPointer) -> Bool {
        guard let names else { return true }
        for wanted in names {
            if wanted.count == name.count, wanted.withUnsafeBytes({ Bytes.equal($0, name) }) { return true }
            if wanted.count == name.count + Self.suffix.count, wanted.withUnsafeBytes({ Bytes.hasPrefix($0, name) }),
                wanted.suffix(Self.suffix.count).elementsEqual(Self.suffix)
            {
                return true
            }
        }
        return false
    }

    /// Whether a wanted name may begin with `prefix`.
    func mayContain(prefix: UnsafeRawBufferPointer) -> Bool {
        guard let names else { return true }
        return names.contains { $0.withUnsafeBytes { Bytes.hasPrefix($0, prefix) } }
    }
}
