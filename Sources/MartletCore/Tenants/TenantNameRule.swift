/// What a tenant may be called, under Loki's, Mimir's and Tempo's rules. Such a name is safe as a directory's.
package enum TenantNameRule {
    /// Why a name is none.
    package enum Breach: Error, Hashable {
        /// It has no bytes.
        case empty
        /// It has more than `maxBytes`.
        case tooLong
        /// It is that of a directory itself, or of the one above.
        case dots
        /// It has a byte that is no letter, digit or one of `!-_.*'()`.
        case byte(UInt8)
    }

    /// Most bytes of a name.
    package static let maxBytes = 150
    private static let specials = Set("!-_.*'()".utf8)

    /// Throws when `name` is no tenant's.
    package static func check(_ name: String) throws(Breach) {
        guard !name.isEmpty else { throw .empty }
        guard name.utf8.count <= maxBytes else { throw .tooLong }
        guard name != ".", name != ".." else { throw .dots }
        for byte in name.utf8 {
            let isWord = (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
            guard isWord || specials.contains(byte) else { throw .byte(byte) }
        }
    }
}
