import Bolt
import Durable
import LogStorage
import MartletCore
import Testing

@Suite("The index of a day")
struct LogIndexTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory("index") }

    private func open(_ name: String = "day.bolt") throws -> LogIndex {
        try LogIndex(directory.file(name), fileSystem: DiskFileSystem())
    }

    private func entries(_ range: Range<Int>) -> [LogIndex.Entry] {
        range.map { number in
            let labels = Labels([
                ("app", "app-\(number % 7)"), ("pod", "pod-\(number)"), ("odd\u{0}", number % 2 == 0 ? "a\u{0}" : "a"),
            ])
            return LogIndex.Entry(id: labels.hash64, labels: labels)
        }
    }

    @Test("gives streams back, however many transactions they came with")
    func streams() throws {
        let all = entries(0..<3000)
        do {
            let index = try open()
            for part in [0..<2000, 2000..<2001, 2001..<3000] {
                var change = IndexChange()
                change.streams = Array(all[part]).shuffled()
                try index.apply(change)
            }
        }
        let index = try open()
        #expect(try index.problems().isEmpty)
        #expect(try index.allStreams() == all.sorted { $0.id < $1.id })
    }

    @Test("keeps an id that another stream's had to give way to")
    func countedUp() throws {
        let labels = Labels([("app", "web")])
        var change = IndexChange()
        change.streams = [LogIndex.Entry(id: labels.hash64 &+ 2, labels: labels)]
        let index = try open()
        try index.apply(change)
        #expect(try index.allStreams() == change.streams)
    }

    @Test("takes labels that are longer than a chunk")
    func longLabels() throws {
        let long = String(repeating: "x", count: 40_000)
        var change = IndexChange()
        change.streams = (0..<5).map { number in
            let labels = Labels([("app", long + "\(number)")])
            return LogIndex.Entry(id: labels.hash64, labels: labels)
        }
        let index = try open()
        try index.apply(change)
        #expect(try index.allStreams() == change.streams.sorted { $0.id < $1.id })
    }

    @Test(
        "tells which files have a stream in a time, and nothing of files that it does not know", arguments: [1, 2, 3])
    func holders(seed: UInt64) throws {
        var random = SeededGenerator(seed)
        let spans = (0..<6).map { SegmentSpan(first: $0, last: $0, revision: $0 % 2) }
        var rows: [SegmentSpan: [IndexChange.StreamTimes]] = [:]
        for (place, span) in spans.enumerated() {
            // Few keys come often, so that some are there twice.
            rows[span] = (0..<[0, 1, 50, 400, 3000, 20_000][place]).map { _ in
                let first = Int64.random(in: 0..<86_400, using: &random)
                return IndexChange.StreamTimes(
                    key: .random(in: 0...(place % 2 == 0 ? 5000 : .max), using: &random), first: first,
                    last: first + .random(in: 0..<600, using: &random))
            }
        }
        let index = try open()
        for span in spans {
            var change = IndexChange()
            change.added = [span: rows[span] ?? []]
            try index.apply(change)
        }
        #expect(try index.problems().isEmpty)
        #expect(try index.segmentSpans() == Set(spans))
        let stranger = SegmentSpan(first: 9, last: 9)
        for round in 0..<200 {
            let start = Int64.random(in: 0..<86_400, using: &random)
            let seconds = start...start + .random(in: 0..<2000, using: &random)
            var keys = (0..<[1, 1, 3, 40][round % 4]).map { _ in UInt32.random(in: 0...5000, using: &random) }
            if let known = rows[spans[round % 6]]?.randomElement(using: &random) { keys.append(known.key) }
            keys = Set(keys + [round % 3 == 0 ? .max : 0]).sorted()
            let found = try index.holders(of: keys, in: seconds, among: spans + [stranger])
            #expect(found[stranger] == nil)
            for span in spans {
                // Rows of one key are one span of time.
                var times: [UInt32: (Int64, Int64)] = [:]
                for row in rows[span] ?? [] {
                    let known = times[row.key] ?? (row.first, row.last)
                    times[row.key] = (min(known.0, row.first), max(known.1, row.last))
                }
                let expected = keys.contains { key in
                    times[key].map { $0.0 <= seconds.upperBound && $0.1 >= seconds.lowerBound } ?? false
                }
                #expect(found[span] == expected, "\(span)")
            }
        }
        var change = IndexChange()
        change.removed = Set(spans.prefix(5))
        change.added = [spans[5]: [], stranger: []]
        try index.apply(change)
        #expect(try index.segmentSpans() == [spans[5], stranger])
        #expect(try index.holders(of: [1], in: 0...86_400, among: spans) == [spans[5]: false])
        #expect(try index.problems().isEmpty)
    }

    @Test("does not take damaged rows for an answer")
    func damage() throws {
        let span = SegmentSpan(first: 1, last: 1)
        let streams = (0..<2000).map {
            IndexChange.StreamTimes(key: UInt32($0) << 20, first: Int64($0), last: Int64($0))
        }
        do {
            var change = IndexChange()
            change.added = [span: streams]
            try open().apply(change)
        }
        let path = directory.file("day.bolt")
        let disk = DiskFileSystem()
        let bytes = try disk.open(path, .read).read(count: Int(disk.status(path).size), at: 0)
        var random = SeededGenerator(7)
        var (sound, found) = (0, 0)
        for round in 0..<150 {
            let copy = directory.file("\(round).bolt")
            var damaged = bytes
            damaged[Int.random(in: 8192..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            try disk.open(copy, .createNew).write(damaged, at: 0)
            guard let index = try? LogIndex(copy, fileSystem: disk) else {
                found += 1
                continue
            }
            for stream in streams where Int(stream.first) % 97 == round % 97 {
                do {
                    let answer = try index.holders(of: [stream.key], in: stream.first...stream.first, among: [span])
                    // Not known is looked at; an answer must be the right one.
                    #expect(answer[span] != false, "\(stream)")
                    sound += 1
                } catch {
                    found += 1
                }
            }
        }
        #expect(sound > 0 && found > 0)
    }
}
