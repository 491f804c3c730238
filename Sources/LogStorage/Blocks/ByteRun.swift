import Compression
import MartletCore

/// A run of bytes inside a block: stored as it is, repeated, or packed with Zstandard, whichever is smallest.
///
/// Its directory entry: u8 storage, uvarint bytes unpacked, for packed runs uvarint bytes packed; a repeated byte, or the
/// content of a short run, follows in the directory itself; other contents follow each other in the block's data.
enum ByteRun {
    fileprivate enum Storage: UInt8 {
        case repeated = 0
        case inline = 1
        case plain = 2
        case packed = 3
    }

    /// Shorter runs lie in the directory, which is packed as a whole.
    private static let shortest = 192

    /// Writes runs: the directory, and the data beside it.
    struct Writer {
        var directory = ByteWriter()
        private(set) var data: [UInt8] = []

        /// Adds a run; `bits` is its `ByteEntropy`, if that is known.
        mutating func append(_ bytes: UnsafeRawBufferPointer, bits: Double? = nil) throws(CompressionError) {
            if let first = bytes.first, ByteRun.isRepeated(bytes) {
                directory.u8(Storage.repeated.rawValue)
                directory.uvarint(UInt64(bytes.count))
                directory.u8(first)
                return
            }
            if bytes.count < ByteRun.shortest {
                directory.u8(Storage.inline.rawValue)
                directory.uvarintBytes(bytes)
                return
            }
            if ByteRun.isWorthPacking(bytes, bits) {
                let packed = try Zstd.compress(bytes)
                if packed.count < bytes.count - bytes.count / 64 {
                    directory.u8(Storage.packed.rawValue)
                    directory.uvarint(UInt64(bytes.count))
                    directory.uvarint(UInt64(packed.count))
                    data += packed
                    return
                }
            }
            directory.u8(Storage.plain.rawValue)
            directory.uvarint(UInt64(bytes.count))
            data.append(contentsOf: bytes)
        }

        mutating func append(_ bytes: [UInt8], bits: Double? = nil) throws(CompressionError) {
            // The array's own accessor keeps the error's type.
            try bytes.withUnsafeBufferPointer { (raw) throws(CompressionError) in
                try append(UnsafeRawBufferPointer(raw), bits: bits)
            }
        }
    }

    /// Where a run's bytes are.
    struct Place {
        fileprivate let storage: Storage
        /// Bytes, unpacked.
        let count: Int
        /// The stored bytes: those of the run, those of its frame, or the one that is repeated.
        fileprivate let stored: UnsafeRawBufferPointer
    }

    /// Reads the directory entries of runs, front to back.
    struct Reader {
        var directory: ByteCursor
        private var data: ByteCursor
        /// Bytes that runs may still unpack to: a bound on what a block can make its reader allocate.
        private(set) var budget: Int

        init(directory: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer, budget: Int) {
            self.directory = ByteCursor(directory)
            self.data = ByteCursor(data)
            self.budget = budget
        }

        mutating func next() throws -> Place {
            guard let storage = Storage(rawValue: try directory.u8()) else {
                throw LogStorageError.corruptBlock("a run of unknown storage")
            }
            let size = try directory.uvarint()
            guard size <= UInt64(budget) else { throw LogStorageError.corruptBlock("a run of \(size) bytes") }
            let count = Int(size)
            budget -= count
            let stored: UnsafeRawBufferPointer
            switch storage {
            case .repeated: stored = try directory.bytes(1)
            case .inline: stored = try directory.bytes(count)
            case .plain: stored = try data.bytes(count)
            case .packed: stored = try data.bytes(Int(clamping: try directory.uvarint()))
            }
            return Place(storage: storage, count: count, stored: stored)
        }

        /// A run that must unpack to `count` bytes.
        mutating func next(count: Int) throws -> Place {
            let place = try next()
            guard place.count == count else { throw LogStorageError.corruptBlock("a run of a wrong length") }
            return place
        }
    }

    /// Unpacks a run to `out`, which has room for it.
    static func unpack(_ place: Place, to out: UnsafeMutableRawPointer) throws {
        switch place.storage {
        case .repeated: out.initializeMemory(as: UInt8.self, repeating: place.stored[0], count: place.count)
        case .inline, .plain:
            if let base = place.stored.baseAddress { out.copyMemory(from: base, byteCount: place.count) }
        case .packed:
            try Zstd.decompress(place.stored, into: UnsafeMutableRawBufferPointer(start: out, count: place.count))
        }
    }

    /// A run's bytes for reading: the stored ones where they are the run's own. The block's bytes must outlive it, and so must
    /// whoever reads from it: `defer { view.keep() }`.
    struct View {
        let bytes: UnsafeRawBufferPointer
        fileprivate let memory: RawMemory?

        func keep() { memory?.keep() }
    }

    /// The bytes of a run, copied only where they are packed or repeated.
    static func view(_ place: Place) throws -> View {
        switch place.storage {
        case .inline, .plain: return View(bytes: place.stored, memory: nil)
        case .repeated, .packed:
            let memory = try unpack(place)
            return View(bytes: memory.bytes, memory: memory)
        }
    }

    /// Unpacks a run.
    static func unpack(_ place: Place) throws -> RawMemory {
        let memory = RawMemory(place.count)
        try unpack(place, to: memory.base)
        return memory
    }

    private static func isRepeated(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count == 1
            || Bytes.equal(
                UnsafeRawBufferPointer(rebasing: bytes.dropFirst()), UnsafeRawBufferPointer(rebasing: bytes.dropLast()))
    }

    /// Whether the bytes are uneven enough that packing can gain. Ids and the low bytes of numbers are not, and are
    /// neither packed nor unpacked ever.
    private static func isWorthPacking(_ bytes: UnsafeRawBufferPointer, _ bits: Double?) -> Bool {
        bytes.count < 1024 || bits ?? ByteEntropy.bits(bytes) < 7.85 * Double(bytes.count)
    }
}
