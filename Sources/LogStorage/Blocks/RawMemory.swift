/// Uninitialised memory with an owner, for decoded columns: its address stays the same while the owner lives.
///
/// `slack` bytes behind `count` may be read and written, so that copies and loads can run over the end.
final class RawMemory: @unchecked Sendable {
    // Sendable holds because the memory is written by the one that made it, before anybody else sees it.
    static let slack = 32

    let base: UnsafeMutableRawPointer
    let count: Int

    init(_ count: Int) {
        self.count = count
        base = .allocate(byteCount: count + RawMemory.slack, alignment: 16)
        (base + count).initializeMemory(as: UInt8.self, repeating: 0, count: RawMemory.slack)
    }

    deinit { base.deallocate() }

    /// Keeps the memory to this point, for code that reads it through `base` or `bytes`: `defer { memory.keep() }`.
    func keep() { withExtendedLifetime(self) {} }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    func pointer<T>(_ type: T.Type) -> UnsafeMutablePointer<T> { base.assumingMemoryBound(to: type) }
}
