import MartletCore

/// The labels that anything after a parser looks at: parsers skip the rest.
struct WantedLabels {
    /// All names, one after the other.
    private var text: [UInt8] = []
    private var ends: [Int] = []
    private var isAll = false

    static let all: WantedLabels = {
        var all = WantedLabels([])
        all.isAll = true
        return all
    }()
    /// What a label gets behind its name when the name is taken.
    private static let suffix = Array("_extracted".utf8)

    /// Only these, also where a collision would give them the suffix `_extracted`.
    init(_ names: Set<String>) {
        for name in names {
            text += name.utf8
            ends.append(text.count)
            guard name.utf8.count >= Self.suffix.count, name.utf8.suffix(Self.suffix.count).elementsEqual(Self.suffix)
            else { continue }
            text += name.utf8.dropLast(Self.suffix.count)
            ends.append(text.count)
        }
    }

    func contains(_ name: UnsafeRawBufferPointer) -> Bool { isAll || has { Bytes.equal($0, name) } }

    /// Whether a wanted name may begin with `prefix`.
    func mayContain(prefix: UnsafeRawBufferPointer) -> Bool { isAll || has { Bytes.hasPrefix($0, prefix) } }

    private func has(_ isRight: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        text.withUnsafeBytes { text in
            var start = 0
            for end in ends {
                if isRight(UnsafeRawBufferPointer(rebasing: text[start..<end])) { return true }
                start = end
            }
            return false
        }
    }
}
