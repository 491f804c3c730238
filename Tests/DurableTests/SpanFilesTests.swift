import Durable
import Testing

@Suite("Files that stand for segments of a log")
struct SpanFilesTests {
    private let files = SpanFiles(suffix: ".seg")

    @Test(
        "Their names say which segments, and how often they were written again",
        arguments: [
            (SegmentSpan(first: 3, last: 7), "00000003-00000007.seg"),
            (SegmentSpan(first: 0, last: 0, revision: 2), "00000000-00000000.2.seg"),
            (SegmentSpan(first: 123_456_789, last: 123_456_790), "123456789-123456790.seg"),
        ])
    func names(span: SegmentSpan, name: String) {
        #expect(files.name(of: span) == name)
        #expect(files.span(of: name) == span)
        #expect(files.damagedSpan(of: name + ".damaged") == span)
        #expect(files.damagedSpan(of: name) == nil)
    }

    @Test(
        "Other names are none of theirs",
        arguments: [
            "00000003-00000007.part", "3-7.seg", "00000007-00000003.seg", "00000003-00000007.0.seg",
            "00000003-00000007.1.2.seg", "00000003.seg", "00000003-00000007.seg.tmp", ".seg", "-00000003-00000007.seg",
        ])
    func strangers(name: String) { #expect(files.span(of: name) == nil) }

    @Test("A file comes in the place of those that it was merged from, and of what it was written from")
    func replacing() {
        let one = SegmentSpan(first: 1, last: 1)
        let both = SegmentSpan(first: 1, last: 2)
        #expect(both.replaces(one))
        #expect(!one.replaces(both))
        #expect(!both.replaces(both))
        #expect(both.revised.replaces(both))
        #expect(!both.replaces(both.revised))
        #expect(both.revised.replaces(one))
    }

    @Test("The log begins behind what files stand for, damaged ones too")
    func cutting() throws {
        let disk = DiskFileSystem()
        let directory = try TemporaryDirectory("spans")
        let (log, stored) = (directory.file("wal"), directory.file("segments"))
        #expect(try files.cut(log: log, behind: stored, on: disk) == 0)
        try disk.makeDirectories(log)
        for number in 0...4 { try AtomicFile.publish(log + "/0000000\(number)", []) }
        try AtomicFile.publish(stored + "/00000000-00000001.seg", [])
        try AtomicFile.publish(stored + "/00000002-00000002.seg.damaged", [])
        try AtomicFile.publish(stored + "/00000003-00000003.seg.tmp", [])
        #expect(try files.cut(log: log, behind: stored, on: disk) == 3)
        #expect(try disk.list(log).sorted() == ["00000003", "00000004"])
    }
}
