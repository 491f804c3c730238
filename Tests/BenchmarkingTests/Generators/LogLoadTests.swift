import Benchmarking
import Compression
import Testing
import Wire

@Suite("Load of lines")
struct LogLoadTests {
    static func load(streams: Int = 12, lineBytes: Int = 0, seed: UInt64 = 1) -> LogLoad {
        LogLoad(
            .init(
                streams: streams, batch: 300, lineBytes: lineBytes, labels: 1, lines: 1000,
                times: TimeSpread(start: 1_700_000_000_000_000_000, length: 60_000_000_000, count: 1000), run: "r1",
                seed: seed))
    }

    private func decoded(_ push: Push) throws -> LokiPush.PushRequest {
        let body = try push.body.withUnsafeBytes { try Snappy.decompress($0, limit: 1 << 24) }
        return try LokiPush.PushRequest(protobuf: body)
    }

    private func lines(_ request: LokiPush.PushRequest) -> [String] {
        request.bytes.withUnsafeBytes { buffer in request.entries.map { $0.line.text(in: buffer) } }
    }

    @Test("All pushes together have as many lines as were asked for, the last one the rest")
    func count() throws {
        let load = Self.load()
        let pushes = try #require(load.pushes)
        let counts = try (0..<pushes).map { try decoded(load.push($0, now: 0)).entries.count }
        #expect(counts == [300, 300, 300, 100])
    }

    @Test("Streams are marked, and all of them have their turn")
    func streams() throws {
        let load = Self.load()
        var found: Set<String> = []
        for number in 0..<4 as Range<Int64> {
            let request = try decoded(load.push(number, now: 0))
            request.bytes.withUnsafeBytes { buffer in
                for stream in request.streams { found.insert(stream.labels.text(in: buffer)) }
            }
        }
        #expect(found.count == 12)
        #expect(found.allSatisfy { $0.contains("job=\"martlet-bench\"") && $0.contains("run=\"r1\"") })
    }

    @Test("Times ascend within a stream and lie in the range")
    func times() throws {
        let push = try Self.load().push(1, now: 0)
        let request = try decoded(push)
        for stream in request.streams {
            let times = request.entries[stream.entries].map(\.timestamp)
            #expect(times == times.sorted())
        }
        #expect(request.entries.map(\.timestamp).min() == push.times.lowerBound)
        #expect(request.entries.map(\.timestamp).max() == push.times.upperBound)
    }

    @Test("The tally says what is in the lines")
    func tally() throws {
        let push = try Self.load().push(0, now: 0)
        let lines = lines(try decoded(push))
        #expect(push.tally.items == 300)
        #expect(push.tally.part(LogLoad.Part.errors) == Int64(lines.filter { $0.contains("error") }.count))
        #expect(
            push.tally.part(LogLoad.Part.jsonErrors)
                == Int64(lines.filter { $0.contains("\"level\":\"error\"") }.count))
        #expect(push.rawBytes == lines.reduce(0) { $0 + $1.utf8.count })
    }

    @Test("Blanks are filled: no control characters, and no two lines alike")
    func blanks() throws {
        let lines = lines(try decoded(Self.load().push(2, now: 0)))
        #expect(lines.allSatisfy { $0.utf8.allSatisfy { $0 >= 0x20 } })
        #expect(Set(lines).count == lines.count)
    }

    @Test("The id of a push stands in one of its lines, and in none of another push")
    func needle() throws {
        let load = Self.load()
        let needle = load.needle(in: 1)
        #expect(needle.utf8.count >= 16)
        #expect(lines(try decoded(load.push(1, now: 0))).filter { $0.contains(needle) }.count == 1)
        #expect(lines(try decoded(load.push(2, now: 0))).filter { $0.contains(needle) }.isEmpty)
    }

    @Test("Of a push with fewer lines than streams there is an id, too")
    func needleOfFew() throws {
        var options = Self.load().options
        options.lines = 2
        let load = LogLoad(options)
        let lines = lines(try decoded(load.push(0, now: 0)))
        #expect(lines.count == 2)
        #expect(lines.filter { $0.contains(load.needle(in: 0)) }.count == 1)
    }

    @Test("Lines are as long as asked for, and JSON stays JSON")
    func length() throws {
        let lines = lines(try decoded(Self.load(lineBytes: 400).push(0, now: 0)))
        #expect(lines.allSatisfy { $0.utf8.count >= 400 })
        #expect(lines.filter { $0.hasPrefix("{") }.allSatisfy { $0.hasSuffix("\"}") })
    }

    @Test("The same seed gives the same pushes, another one others")
    func seeds() throws {
        let push = try Self.load().push(1, now: 0).body
        #expect(try Self.load().push(1, now: 0).body == push)
        #expect(try Self.load(seed: 2).push(1, now: 0).body != push)
    }

    @Test("Without a range lines are of the present")
    func live() throws {
        var options = Self.load().options
        options.times = nil
        options.lines = nil
        let push = try LogLoad(options).push(7, now: 1_700_000_000_000_000_000)
        #expect(push.tally.items == 300)
        #expect(push.times == 1_700_000_000_000_000_000...1_700_000_000_000_299_000)
    }
}
