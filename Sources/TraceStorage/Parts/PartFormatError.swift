import MartletCore

/// Bytes of a part are not what the format says. Whoever knows the file turns it into `PartDamage`.
struct PartFormatError: Error, Sendable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }

    /// Reads with a cursor, whose errors become ones of this type.
    static func reading<Value>(
        _ body: () throws(ByteCursorError) -> Value
    ) throws(PartFormatError) -> Value {
        do throws(ByteCursorError) {
            return try body()
        } catch {
            throw PartFormatError("\(error)")
        }
    }
}
