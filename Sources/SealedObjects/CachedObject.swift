import Durable

/// An object of the bucket as a file that can be read.
final class CachedObject: ReadableFile {
    let object: SealedObject
    private let cache: ObjectCache

    init(_ object: SealedObject, cache: ObjectCache) {
        self.object = object
        self.cache = cache
    }

    var path: String { cache.path(object.key) }

    func size() throws(DurableError) -> Int64 { object.size }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(DurableError) -> Int {
        try cache.read(object, into: buffer, at: offset)
    }
}
