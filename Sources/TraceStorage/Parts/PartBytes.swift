import Durable

/// The bytes of a part: of a file that is mapped, or of one that lies elsewhere and is read piece by piece.
enum PartBytes: Sendable {
    case mapped(MappedFile)
    case remote(any ReadableFile, size: Int, pages: RemotePages)

    var count: Int {
        switch self {
        case .mapped(let file): file.count
        case .remote(_, let size, _): size
        }
    }

    /// Gives a range that lies in the file, for the time of the call.
    func withBytes<Result>(
        _ range: Range<Int>, path: String, _ body: (UnsafeRawBufferPointer) throws(PartDamage) -> Result
    ) throws(PartDamage) -> Result {
        switch self {
        case .mapped(let file):
            return try file.withBytes { bytes throws(PartDamage) in
                try body(UnsafeRawBufferPointer(rebasing: bytes[range]))
            }
        case .remote(let file, _, _):
            let bytes: [UInt8]
            do throws(DurableError) {
                bytes = try file.read(count: range.count, at: Int64(range.lowerBound))
            } catch {
                throw PartDamage(path: path, reason: error.message, isUnreachable: error.code != .corrupt)
            }
            guard bytes.count == range.count else { throw PartDamage(path: path, reason: "the file ends early") }
            // The array's own accessor keeps the error's type.
            return try bytes.withUnsafeBufferPointer { bytes throws(PartDamage) in
                try body(UnsafeRawBufferPointer(bytes))
            }
        }
    }
}
