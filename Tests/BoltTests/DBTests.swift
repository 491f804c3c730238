import Bolt
import Durable
import Testing

@Suite("A bolt database")
struct DBTests {
    let directory: TemporaryDirectory
    let files = DiskFileSystem()

    init() throws { directory = try TemporaryDirectory("bolt") }

    private func open(_ name: String = "index", _ change: (inout DB.Options) -> Void = { _ in }) throws -> DB {
        var options = DB.Options(fileSystem: files)
        change(&options)
        return try DB(directory.file(name), options: options)
    }

    private func bytes(_ name: String = "index") throws -> [UInt8] {
        try files.read(directory.file(name), limit: 1 << 28)
    }

    @Test("makes a new file of two metas, an empty freelist and an empty leaf")
    func newFile() throws {
        let db = try open()
        let file = try bytes()
        #expect(file.count == 4 * 4096)
        let reference = try ReferenceFile(file)
        #expect(reference.txid == 1)
        #expect(reference.root == 3)
        #expect(reference.freelist == 2)
        #expect(reference.highWater == 4)
        #expect(try reference.content().isEmpty)
        #expect(try db.check().isEmpty)
    }

    @Test("keeps values, nested buckets and sequences over a reopen")
    func reopen() throws {
        do {
            let db = try open()
            try db.update { tx in
                let streams = try tx.createBucket([UInt8]("streams"))
                try streams.put([UInt8]("a"), [UInt8]("1"))
                let nested = try streams.createBucket([UInt8]("nested"))
                try nested.put([UInt8]("x"), [UInt8](repeating: 7, count: 20_000))
                #expect(try nested.nextSequence() == 1)
                #expect(try nested.nextSequence() == 2)
            }
        }
        let db = try open()
        try db.view { tx in
            let streams = try #require(try tx.bucket([UInt8]("streams")))
            #expect(try streams.get([UInt8]("a")) == [UInt8]("1"))
            #expect(try streams.get([UInt8]("b")) == nil)
            #expect(try streams.get([UInt8]("nested")) == nil, "a bucket is no value")
            let nested = try #require(try streams.bucket([UInt8]("nested")))
            #expect(try nested.get([UInt8]("x"))?.count == 20_000)
            #expect(nested.sequence == 2)
        }
        #expect(try db.check().isEmpty)
    }

    @Test("undoes everything when the writer's body throws")
    func rollback() throws {
        struct Stop: Error {}
        let db = try open()
        try db.update { _ = try $0.createBucket([UInt8]("kept")) }
        let before = try bytes()
        #expect(throws: Stop.self) {
            try db.update { tx in
                try tx.deleteBucket([UInt8]("kept"))
                throw Stop()
            }
        }
        #expect(try bytes() == before)
        #expect(try db.view { try $0.bucketNames() } == [[UInt8]("kept")])
    }

    @Test("shows a reader the state it began with while writers go on")
    func isolation() throws {
        let db = try open()
        let name = [UInt8]("b")
        try db.update { try $0.createBucket(name).put([UInt8]("k"), [UInt8]("0")) }
        try db.view { old in
            for round in 1...50 {
                try db.update { tx in
                    let bucket = try #require(try tx.bucket(name))
                    try bucket.put([UInt8]("k"), [UInt8]("\(round)"))
                    try bucket.put([UInt8]("big\(round)"), [UInt8](repeating: UInt8(round), count: 9_000))
                }
                #expect(try old.bucket(name)?.get([UInt8]("k")) == [UInt8]("0"))
            }
            #expect(db.stats.pendingPages > 50, "the reader pins what it may still read")
        }
        try db.update { try $0.bucket(name)?.put([UInt8]("k"), [UInt8]("end")) }
        #expect(db.stats.pendingPages < 20)
        #expect(db.stats.readers == 0)
        #expect(try db.view { try $0.bucket(name)?.get([UInt8]("k")) } == [UInt8]("end"))
        #expect(try db.check().isEmpty)
    }

    @Test("reuses freed pages: rewriting the same key does not grow the file")
    func reuse() throws {
        let db = try open()
        for round in 0..<200 {
            try db.update {
                try $0.createBucketIfNotExists([UInt8]("b")).put(
                    [UInt8]("k"), [UInt8](repeating: UInt8(round), count: 3000))
            }
        }
        #expect(db.stats.pages < 16)
        #expect(try bytes().count == 32 << 10, "the file grows in doublings from 32 KiB")
    }

    @Test(
        "refuses what does not fit the format",
        arguments: [
            ([UInt8](), [UInt8](), BoltError.Code.invalidKey),
            ([UInt8](repeating: 1, count: 32769), [UInt8](), .invalidKey),
            ([UInt8]("sub"), [UInt8](), .incompatibleValue),
        ])
    func refusals(key: [UInt8], value: [UInt8], code: BoltError.Code) throws {
        let db = try open()
        try db.update { tx in
            let bucket = try tx.createBucket([UInt8]("b"))
            try bucket.createBucket([UInt8]("sub"))
            #expect { try bucket.put(key, value) } throws: { ($0 as? BoltError)?.code == code }
        }
    }

    @Test("answers misuse with errors: closed, read-only, missing, existing")
    func misuse() throws {
        let db = try open()
        var kept: Bucket?
        try db.update { tx in
            let bucket = try tx.createBucket([UInt8]("b"))
            try bucket.put([UInt8]("k"), [])
            kept = bucket
            #expect { try tx.createBucket([UInt8]("b")) } throws: { ($0 as? BoltError)?.code == .bucketExists }
            #expect { try tx.deleteBucket([UInt8]("c")) } throws: { ($0 as? BoltError)?.code == .bucketNotFound }
            #expect { try bucket.deleteBucket([UInt8]("k")) } throws: {
                ($0 as? BoltError)?.code == .incompatibleValue
            }
            let gone = try bucket.createBucket([UInt8]("gone"))
            try bucket.deleteBucket([UInt8]("gone"))
            #expect { try gone.get([UInt8]("x")) } throws: { ($0 as? BoltError)?.code == .closed }
        }
        #expect { try kept?.get([UInt8]("k")) } throws: { ($0 as? BoltError)?.code == .closed }
        try db.view { tx in
            #expect { try tx.createBucket([UInt8]("x")) } throws: { ($0 as? BoltError)?.code == .readOnly }
        }
    }

    @Test("keeps other processes out as bolt does: one writer, or several read-only opens")
    func locking() throws {
        do {
            let db = try open()
            #expect(db.stats.pages == 4)
            #expect { try open() } throws: { ($0 as? BoltError)?.code == .locked }
            #expect { try open("index") { $0.isReadOnly = true } } throws: { ($0 as? BoltError)?.code == .locked }
        }
        let first = try open("index") { $0.isReadOnly = true }
        let second = try open("index") { $0.isReadOnly = true }
        #expect(first.stats == second.stats)
        #expect { try first.update { _ in } } throws: { ($0 as? BoltError)?.code == .readOnly }
    }

    @Test("walks by cursor in key order, both ways, and over its own deletes")
    func cursor() throws {
        let db = try open()
        let keys = (0..<2000).map { [UInt8]("key\(1_000_000 + $0 * 2)") }
        try db.update { tx in
            let bucket = try tx.createBucket([UInt8]("b"))
            for key in keys.shuffled() { try bucket.put(key, key) }
        }
        try db.view { tx in
            var cursor = try #require(try tx.bucket([UInt8]("b"))).cursor()
            var seen: [[UInt8]] = []
            var entry = try cursor.first()
            while let current = entry {
                seen.append(current.key)
                entry = try cursor.next()
            }
            #expect(seen == keys)
            entry = try cursor.last()
            seen = []
            while let current = entry {
                seen.append(current.key)
                entry = try cursor.prev()
            }
            #expect(seen == keys.reversed())
            #expect(try cursor.seek([UInt8]("key1000003"))?.key == keys[2])
            #expect(try cursor.prev()?.key == keys[1])
            #expect(try cursor.seek([UInt8]("key9")) == nil)
            #expect(try cursor.seek([])?.key == keys[0])
        }
        try db.update { tx in
            var cursor = try #require(try tx.bucket([UInt8]("b"))).cursor()
            var entry = try cursor.first()
            var index = 0
            while entry != nil {
                if index % 3 != 0 { try cursor.delete() }
                index += 1
                entry = try cursor.next()
            }
            #expect(index == keys.count)
        }
        #expect(try db.check().isEmpty)
        let content = try ReferenceFile(bytes()).content()
        guard case .bucket(_, let kept)? = content[[UInt8]("b")] else {
            Issue.record("the bucket is gone")
            return
        }
        #expect(Set(kept.keys) == Set(keys.enumerated().filter { $0.offset % 3 == 0 }.map(\.element)))
    }

    @Test("finds the elements under a prefix without a copy")
    func prefix() throws {
        let db = try open()
        try db.update { tx in
            let bucket = try tx.createBucket([UInt8]("b"))
            for key in ["a", "app=x", "app=y", "apple", "b"] { try bucket.put([UInt8](key), [UInt8](key)) }
        }
        let found = try db.view { tx in
            var found: [String] = []
            try tx.bucket([UInt8]("b"))?.forEach(prefix: [UInt8]("app=")) { key, value in
                #expect(value?.count == key.count)
                found.append(String(decoding: key, as: UTF8.self))
                return true
            }
            return found
        }
        #expect(found == ["app=x", "app=y"])
    }

    @Test("writes and reads a freelist of more than 65 535 pages")
    func longFreelist() throws {
        do {
            let db = try open { $0.pageSize = 4096 }
            try db.update { tx in
                let bucket = try tx.createBucket([UInt8]("b"))
                try bucket.put([UInt8]("big"), [UInt8](repeating: 1, count: 70_000 * 4096))
            }
            try db.update { try $0.deleteBucket([UInt8]("b")) }
        }
        let db = try open()
        #expect(db.stats.freePages > 65_535)
        #expect(try db.check().isEmpty)
        try db.update { try $0.createBucket([UInt8]("c")).put([UInt8]("k"), [UInt8](repeating: 2, count: 100_000)) }
        #expect(try db.check().isEmpty)
    }

    @Test("compacts into a dense file with the same content")
    func compaction() throws {
        let db = try open()
        var generator = SplitMix64(seed: 11)
        try db.update { tx in
            let bucket = try tx.createBucket([UInt8]("b"))
            try bucket.setSequence(42)
            for index in 0..<3000 {
                try bucket.put(
                    [UInt8]("k\(index)"), [UInt8](repeating: 0, count: Int.random(in: 0..<300, using: &generator)))
            }
            try bucket.createBucket([UInt8]("nested")).put([UInt8]("x"), [UInt8]("y"))
        }
        try db.update { tx in
            let bucket = try #require(try tx.bucket([UInt8]("b")))
            for index in 0..<3000 where index % 4 != 0 { try bucket.delete([UInt8]("k\(index)")) }
        }
        try db.compact(to: directory.file("dense"), batchBytes: 10_000)
        let before = try ReferenceFile(bytes())
        let after = try ReferenceFile(bytes("dense"))
        #expect(try before.content() == after.content())
        #expect(after.highWater < before.highWater / 2)
        #expect { try db.compact(to: directory.file("dense")) } throws: { ($0 as? BoltError)?.code == .io }
    }

    @Test("copies the last commit to a file that opens by itself")
    func snapshot() throws {
        let db = try open()
        try db.update { try $0.createBucket([UInt8]("b")).put([UInt8]("k"), [UInt8]("v")) }
        try db.copy(to: directory.file("copy"))
        try db.update { try $0.deleteBucket([UInt8]("b")) }
        let copy = try open("copy")
        #expect(try copy.view { try $0.bucket([UInt8]("b"))?.get([UInt8]("k")) } == [UInt8]("v"))
        #expect(try copy.check().isEmpty)
        try copy.update { try $0.bucket([UInt8]("b"))?.put([UInt8]("k2"), []) }
        #expect(try copy.check().isEmpty)
    }
}
