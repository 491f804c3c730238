import Bolt
import Durable
import Testing

@Suite("A damaged bolt file")
struct DamageTests {
    private static func sample(_ directory: TemporaryDirectory) throws -> [UInt8] {
        let files = DiskFileSystem()
        let path = directory.file("sample")
        let db = try DB(path, options: .init(fileSystem: files))
        for round in 0..<3 {
            try db.update { tx in
                let bucket = try tx.createBucketIfNotExists([UInt8]("b"))
                for index in 0..<300 {
                    try bucket.put([UInt8]("key\(index)"), [UInt8](repeating: UInt8(round), count: 40))
                }
                try bucket.createBucketIfNotExists([UInt8]("inline")).put([UInt8]("x"), [UInt8]("y"))
            }
        }
        return try files.read(path, limit: 1 << 20)
    }

    @Test("a file that is cut while it is open is an error of each transaction, and nothing is written")
    func cutWhileOpen() throws {
        let directory = try TemporaryDirectory("bolt")
        let files = DiskFileSystem()
        let image = try Self.sample(directory)
        #expect(image.count > 3 * 4096)
        for pages in 0..<image.count / 4096 {
            let path = directory.file("cut \(pages)")
            let file = try files.open(path, .createNew)
            try file.write(image, at: 0)
            let db = try DB(path, options: .init(fileSystem: files))
            try file.truncate(to: Int64(pages * 4096))
            #expect(throws: BoltError.self) {
                try db.view { tx in _ = try tx.bucket([UInt8]("b"))?.get([UInt8]("key7")) }
            }
            #expect(throws: BoltError.self) {
                try db.update { tx in
                    try tx.createBucketIfNotExists([UInt8]("b")).put([UInt8]("new"), [UInt8]("value"))
                }
            }
            #expect(try file.size() == Int64(pages * 4096))
        }
    }

    /// Opens `image` and reads everything in it, as an error or not.
    private static func exercise(_ image: [UInt8], _ directory: TemporaryDirectory) throws {
        let files = DiskFileSystem()
        let path = directory.file("damaged")
        let file = try files.open(path, .truncate)
        try file.write(image, at: 0)
        do {
            let db = try DB(path, options: .init(fileSystem: files))
            _ = try db.check()
            try db.view { tx in
                for name in try tx.bucketNames() {
                    try tx.bucket(name)?.forEach { key, value in key.count + (value?.count ?? 0) >= 0 }
                    var cursor = try tx.bucket(name)?.cursor()
                    _ = try cursor?.last()
                    _ = try cursor?.seek([UInt8]("key2"))
                }
            }
            try db.update { tx in
                for name in try tx.bucketNames() { try tx.deleteBucket(name) }
                try tx.createBucket([UInt8]("new")).put([UInt8]("k"), [UInt8]("v"))
            }
        } catch is BoltError {
            // An error is the right answer; a crash is not.
        }
    }

    @Test("that is cut short gives an error at every length")
    func truncation() throws {
        let directory = try TemporaryDirectory("bolt")
        let image = try Self.sample(directory)
        for length in stride(from: 1, to: image.count, by: 509) {
            try Self.exercise(Array(image[..<length]), directory)
        }
    }

    @Test("never brings the process down, whichever bytes are wrong", arguments: [1, 2, 3, 4] as [UInt64])
    func mutation(seed: UInt64) throws {
        let directory = try TemporaryDirectory("bolt")
        let image = try Self.sample(directory)
        var generator = SplitMix64(seed: seed)
        for _ in 0..<150 {
            var damaged = image
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                // Headers and elements sit at the start of pages: aim there more often.
                let page = Int.random(in: 2..<image.count / 4096, using: &generator)
                let offset =
                    Bool.random(using: &generator)
                    ? Int.random(in: 0..<64, using: &generator) : Int.random(in: 0..<4096, using: &generator)
                damaged[page * 4096 + offset] = UInt8.random(in: 0...255, using: &generator)
            }
            try Self.exercise(damaged, directory)
        }
    }

    @Test("with one bad meta page opens with the other", arguments: [0, 1])
    func metas(page: Int) throws {
        let directory = try TemporaryDirectory("bolt")
        var image = try Self.sample(directory)
        image[page * 4096 + 16 + 20] ^= 0xFF
        let files = DiskFileSystem()
        try files.open(directory.file("one"), .truncate).write(image, at: 0)
        let db = try DB(directory.file("one"), options: .init(fileSystem: files))
        #expect(try db.view { try $0.bucket([UInt8]("b"))?.get([UInt8]("key7"))?.count } == 40)
    }

    @Test("with two bad meta pages is refused with a clear error")
    func noMeta() throws {
        let directory = try TemporaryDirectory("bolt")
        var image = try Self.sample(directory)
        image[16] ^= 1
        image[4096 + 16] ^= 1
        let files = DiskFileSystem()
        try files.open(directory.file("none"), .truncate).write(image, at: 0)
        #expect { try DB(directory.file("none"), options: .init(fileSystem: files)) } throws: {
            ($0 as? BoltError)?.code == .invalidFile
        }
    }

    @Test("without a freelist on disk finds its free pages by walking the tree")
    func noFreelist() throws {
        let directory = try TemporaryDirectory("bolt")
        let image = try Self.sample(directory)
        let reference = try ReferenceFile(image)
        var changed = image
        for meta in 0..<2 {
            let base = meta * 4096 + 16
            for byte in 0..<8 { changed[base + 32 + byte] = 0xFF }
            var hash: UInt64 = 14_695_981_039_346_656_037
            for byte in changed[base..<base + 56] { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
            for byte in 0..<8 { changed[base + 56 + byte] = UInt8(truncatingIfNeeded: hash >> (8 * UInt64(byte))) }
        }
        let files = DiskFileSystem()
        try files.open(directory.file("walk"), .truncate).write(changed, at: 0)
        let db = try DB(directory.file("walk"), options: .init(fileSystem: files))
        #expect(db.stats.freePages > 0)
        #expect(db.stats.pages == Int(reference.highWater))
        try db.update { try $0.createBucket([UInt8]("more")).put([UInt8]("k"), [UInt8](repeating: 1, count: 9000)) }
        #expect(try db.check().isEmpty)
        #expect(try ReferenceFile(files.read(directory.file("walk"), limit: 1 << 20)).content().count == 2)
    }
}
