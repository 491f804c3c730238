/// Checks that a Histogram message of either version is well formed without decoding it.
enum HistogramCheck {
    static func check(_ message: ProtoCursor) throws(WireError) {
        var cursor = message
        while try cursor.next() {
            switch cursor.field {
            case 1, 6, 14, 15, 17: _ = try cursor.uint64()
            case 2, 3, 5, 7: _ = try cursor.double()
            case 4: _ = try cursor.sint32()
            case 8, 11:
                var span = try cursor.message()
                while try span.next() {
                    switch span.field {
                    case 1, 2: _ = try span.uint32()
                    default: try span.skip()
                    }
                }
            case 9, 12: try cursor.checkVarints()
            case 10, 13, 16: try cursor.checkDoubles()
            default: try cursor.skip()
            }
        }
    }
}
