import Durable

/// An object of the bucket as a file that can be read.
final class CachedObject: ReadableFile {
    private let key: String
    private let length: Int64
    private let cache: ObjectCache

    init(_ key: String, size: Int64, cache: ObjectCache) {
        self.key = key
        length = size
        self.cache = cache
    }

    var path: String { cache.path(key) }

    func size() throws(DurableError) -> Int64 { length }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(DurableError) -> Int {
        try cache.read(key, size: length, into: buffer, at: offset)
    }
}
