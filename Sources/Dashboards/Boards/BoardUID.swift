import HTTPTypes
import Service

/// What dashboards and folders are called in addresses.
enum BoardUID {
    /// - Returns: the text itself, which may be empty.
    /// - Throws: ``HTTPFailure`` 400 for one that Grafana would not take.
    static func check(_ text: String) throws(HTTPFailure) -> String {
        guard text.utf8.count <= Board.uidLimit else {
            throw HTTPFailure(.badRequest, "uid too long, max \(Board.uidLimit) characters")
        }
        let isPlain = text.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
        }
        guard isPlain else { throw HTTPFailure(.badRequest, "uid contains illegal characters") }
        return text
    }
}
