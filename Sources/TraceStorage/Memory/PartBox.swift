import MartletCore
import TraceQL

/// A part that no longer changes, shared by the store and the queries that read it.
final class PartBox: Sendable {
    let part: MemoryPart

    init(_ part: MemoryPart) {
        self.part = part
    }
}

extension PartBox: StringDictionary {
    var count: Int { part.symbols.count }
    var memory: Int { part.symbols.memory }

    func code(of bytes: UnsafeRawBufferPointer) -> UInt32? { part.symbols.lookup(bytes) }

    func withString(_ code: UInt32, _ body: (UnsafeRawBufferPointer) -> Void) { part.symbols.withBytes(of: code, body) }
}
