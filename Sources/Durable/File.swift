/// An open file. Closes when the last reference goes. Reads and writes carry their offset, so threads may share it.
package protocol File: ReadableFile {
    /// Writes all bytes at an offset. After a failure a prefix may have been written.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(DurableError)
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
}
