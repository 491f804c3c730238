/// What can be read at any offset: an open file, one that is opened when it is read, or one that lies elsewhere.
package protocol ReadableFile: AnyObject, Sendable {
    /// What errors call it: a file's path.
    var path: String { get }
    /// Bytes of content.
    func size() throws(DurableError) -> Int64
    /// Reads up to `buffer.count` bytes; fewer only at the end of the file. Returns the number read.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(DurableError) -> Int
}

extension ReadableFile {
    /// Reads `count` bytes, fewer at the end of the file.
    package func read(count: Int, at offset: Int64) throws(DurableError) -> [UInt8] {
        var failure: DurableError?
        let bytes = [UInt8](unsafeUninitializedCapacity: max(count, 0)) { buffer, initialized in
            do throws(DurableError) {
                initialized = try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }
}
