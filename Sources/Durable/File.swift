/// An open file. Closes when the last reference goes. Reads and writes carry their offset, so threads may share it.
package protocol File: AnyObject, Sendable {
    /// The path it was opened under.
    var path: String { get }
    /// Bytes of content.
    func size() throws(DurableError) -> Int64
    /// Writes all bytes at an offset. After a failure a prefix may have been written.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(DurableError)
    /// Reads up to `buffer.count` bytes; fewer only at the end of the file. Returns the number read.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(DurableError) -> Int
    /// Cuts or extends (with zeros) the file.
    func truncate(to size: Int64) throws(DurableError)
    /// `fsync`: content and all metadata survive power loss.
    func sync() throws(DurableError)
    /// `fdatasync`: content, and the size needed to read it, survive power loss.
    func syncData() throws(DurableError)
}

extension File {
    /// Writes an array at an offset.
    package func write(_ bytes: [UInt8], at offset: Int64) throws(DurableError) {
        // withUnsafeBytes rethrows untyped; the result carries the typed error out.
        let outcome = bytes.withUnsafeBytes { buffer -> Result<Void, DurableError> in
            do throws(DurableError) {
                return .success(try write(buffer, at: offset))
            } catch {
                return .failure(error)
            }
        }
        try outcome.get()
    }

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
