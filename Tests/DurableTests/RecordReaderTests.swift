import Durable
import Testing

@Suite("RecordReader follows a log")
struct RecordReaderTests {
    static func options() -> RecordLog.Options {
        var options = RecordLog.Options()
        options.segmentBytes = 32 << 10
        options.sync = .interval(seconds: 60)
        return options
    }

    @Test("it gives each record once, as they are written, across segments")
    func follows() throws {
        let directory = try TemporaryDirectory()
        let log = try RecordLog(directory.path, options: Self.options())
        var reader = try RecordReader(directory.path)
        #expect(try reader.next() == nil)
        for index in 0..<200 {
            let record = RecordLogTests.record(index, size: 700)
            try log.append(record)
            #expect(try reader.next() == record)
            #expect(try reader.next() == nil)
        }
        #expect(reader.position.segment > 2)
    }

    @Test("a saved position lets a new reader go on behind it")
    func resumes() throws {
        let directory = try TemporaryDirectory()
        let log = try RecordLog(directory.path, options: Self.options())
        let records = (0..<100).map { RecordLogTests.record($0, size: 900) }
        for record in records { try log.append(record) }
        var position = RecordPosition(segment: 0, offset: 0)
        for record in records {
            var reader = try RecordReader(directory.path, from: position)
            #expect(try reader.next() == record)
            position = reader.position
        }
    }

    @Test("a position in a dropped segment starts at the oldest there is")
    func dropped() throws {
        let directory = try TemporaryDirectory()
        let log = try RecordLog(directory.path, options: Self.options())
        for index in 0..<3 {
            try log.append([UInt8(index)])
            try log.cut()
        }
        try log.truncate(before: 2)
        var reader = try RecordReader(directory.path, from: RecordPosition(segment: 0, offset: 16))
        #expect(try reader.next() == [2])
        #expect(try reader.next() == nil)
    }

    @Test("half a record at the end is waited for, damage before a later segment is passed over")
    func damage() throws {
        let directory = try TemporaryDirectory()
        let log = try RecordLog(directory.path, options: Self.options())
        try log.append([1])
        let file = try DiskFileSystem().open(log.path(ofSegment: 0), .readWrite)
        let size = try file.size()
        try file.write([1, 0, 5, 1], at: size)
        var reader = try RecordReader(directory.path)
        #expect(try reader.next() == [1])
        #expect(try reader.next() == nil)
        #expect(reader.damaged == 0)
        let next = try RecordLog(directory.path, options: Self.options())
        try next.append([2])
        #expect(try reader.next() == [2])
        #expect(reader.damaged == 1)
    }
}
