import MartletCore

/// A dictionary of strings that were made for one column.
package struct ListedStrings: StringDictionary {
    private var strings: [[UInt8]] = []
    private var codes: [[UInt8]: UInt32] = [:]
    /// Bytes of memory held, about.
    package private(set) var memory = 0

    /// No strings.
    package init() {}

    /// The code of a string, which is added when it is new.
    package mutating func add(_ text: [UInt8]) -> UInt32 {
        if let known = codes[text] { return known }
        let code = UInt32(strings.count)
        strings.append(text)
        codes[text] = code
        // The text with its head, and its places in list and table.
        memory += text.count + 80
        return code
    }

    package var count: Int { strings.count }

    package func code(of bytes: UnsafeRawBufferPointer) -> UInt32? { codes[Array(bytes)] }

    package func withString(_ code: UInt32, _ body: (UnsafeRawBufferPointer) -> Void) {
        strings[Int(code)].withUnsafeBytes(body)
    }
}
