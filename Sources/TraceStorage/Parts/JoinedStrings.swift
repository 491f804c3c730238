import TraceQL

/// The strings of a dictionary, and some more behind them.
struct JoinedStrings: StringDictionary {
    private let first: any StringDictionary
    private var rest = ListedStrings()

    init(_ first: any StringDictionary) {
        self.first = first
    }

    /// The code of a string of another dictionary.
    mutating func code(of other: UInt32, in dictionary: any StringDictionary) -> UInt32 {
        var code: UInt32 = 0
        dictionary.withString(other) { bytes in
            code = first.code(of: bytes) ?? UInt32(first.count) + rest.add(Array(bytes))
        }
        return code
    }

    var count: Int { first.count + rest.count }
    var memory: Int { first.memory + rest.memory }

    func code(of bytes: UnsafeRawBufferPointer) -> UInt32? {
        first.code(of: bytes) ?? rest.code(of: bytes).map { UInt32(first.count) + $0 }
    }

    func withString(_ code: UInt32, _ body: (UnsafeRawBufferPointer) -> Void) {
        if Int(code) < first.count {
            first.withString(code, body)
        } else {
            rest.withString(code - UInt32(first.count), body)
        }
    }
}
