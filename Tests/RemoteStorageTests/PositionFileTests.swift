import Durable
import RemoteStorage
import Service
import Testing

@Suite("The file of a queue's position")
struct PositionFileTests {
    private func content(_ segment: Int) -> PositionFile.Content {
        .init(
            acknowledged: RecordPosition(segment: segment, offset: 7),
            handedOut: RecordPosition(segment: segment, offset: 1 << 40))
    }

    @Test("gives back what was saved last; a new one has nothing")
    func roundTrip() throws {
        let directory = try TemporaryDirectory()
        let path = FilePath.join(directory.path, "queue")
        do {
            var file = try PositionFile(path, on: DiskFileSystem())
            #expect(file.found == nil && !file.isDamaged)
            for segment in 1...5 { try file.save(content(segment)) }
        }
        var file = try PositionFile(path, on: DiskFileSystem())
        #expect(file.found == content(5))
        try file.save(content(6))
        #expect(try PositionFile(path, on: DiskFileSystem()).found == content(6))
    }

    @Test(
        "with one of its slots torn it gives what was saved before; with both it is damaged", arguments: [0, 20, 50])
    func torn(at offset: Int64) throws {
        let directory = try TemporaryDirectory()
        let path = FilePath.join(directory.path, "queue")
        do {
            var file = try PositionFile(path, on: DiskFileSystem())
            for segment in 1...4 { try file.save(content(segment)) }
        }
        // The fourth is in the first slot.
        let raw = try DiskFileSystem().open(path, .readWrite)
        try raw.write([0xAA], at: offset)
        #expect(try PositionFile(path, on: DiskFileSystem()).found == content(3))
        try raw.write([0xAA], at: Int64(PositionFile.slotSize) + offset)
        let damaged = try PositionFile(path, on: DiskFileSystem())
        #expect(damaged.found == nil && damaged.isDamaged)
    }

    @Test("is as a new one when a power loss left a length without content")
    func unwritten() throws {
        let directory = try TemporaryDirectory()
        let path = FilePath.join(directory.path, "queue")
        let raw = try DiskFileSystem().open(path, .create)
        try raw.write([UInt8](repeating: 0, count: PositionFile.slotSize), at: 0)
        let file = try PositionFile(path, on: DiskFileSystem())
        #expect(file.found == nil && !file.isDamaged)
    }
}
