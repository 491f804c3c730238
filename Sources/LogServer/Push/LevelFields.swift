import MartletCore

/// The names of the fields that carry a line's level.
struct LevelFields: Sendable {
    /// Those of fewer than eight bytes, each packed with its length in the highest byte.
    private let short: [UInt64]
    private let long: NameList
    /// Bit n is set when a name has n bytes; most keys are ruled out by their length.
    private let lengths: UInt64

    init(_ names: [String]) {
        short = names.filter { $0.utf8.count < 8 }.map { name in
            var name = name
            return name.withUTF8 { Self.pack(UnsafeRawBufferPointer($0)) }
        }
        long = NameList(names.filter { $0.utf8.count >= 8 }.map(\.utf8))
        lengths = names.reduce(0) { $0 | 1 << UInt64(min($1.utf8.count, 63)) }
    }

    /// Whether `name` is one of them.
    func contains(_ name: UnsafeRawBufferPointer) -> Bool {
        guard lengths & 1 << UInt64(min(name.count, 63)) != 0 else { return false }
        return name.count < 8 ? short.contains(Self.pack(name)) : long.contains(name)
    }

    private static func pack(_ name: UnsafeRawBufferPointer) -> UInt64 {
        PackedName.pack(name) | UInt64(name.count) << 56
    }
}
