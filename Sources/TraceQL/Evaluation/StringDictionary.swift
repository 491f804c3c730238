/// The distinct strings of a column: code → bytes and back.
package protocol StringDictionary: Sendable {
    /// Number of strings; codes are below it.
    var count: Int { get }
    /// Bytes of memory held, about, also where others hold them too.
    var memory: Int { get }
    /// The code of a string, if it is there.
    func code(of bytes: UnsafeRawBufferPointer) -> UInt32?
    /// Calls `body` with the bytes of a string, which live for the call.
    func withString(_ code: UInt32, _ body: (UnsafeRawBufferPointer) -> Void)
}
