import LogQL
import MartletCore
import Testing

@Suite("Windows over lines")
struct WindowPropertyTests {
    /// A small generator with a seed, so that a failing case can be repeated.
    struct Generator {
        var state: UInt64

        mutating func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
    }

    @Test("count what a plain count counts, for any step, range and offset", arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func counts(seed: UInt64) throws {
        var random = Generator(state: seed)
        for _ in 0..<40 {
            let lines = (0..<random.next(60)).map { _ in
                MemorySource.Line(
                    seconds: Double(random.next(100)), text: String(repeating: "x", count: random.next(5)),
                    metadata: random.next(2) == 0 ? Labels() : Labels([("m", "\(random.next(2))")]))
            }
            let source = MemorySource([([("app", "a")], lines)])
            let range = random.next(30) + 1
            let offset = random.next(20) - 10
            let start = random.next(50)
            let step = random.next(12) + 1
            let end = start + random.next(60)
            let function = ["count_over_time", "bytes_over_time"][random.next(2)]
            let shift = offset == 0 ? "" : " offset \(offset < 0 ? "-" : "")\(abs(offset))s"
            // Once over stored lines alone, once through a pipeline.
            for stage in ["", "| label_format y=z"] {
                let query = "sum(\(function)({app=\"a\"} \(stage) [\(range)s]\(shift)))"
                let matrix = try LogEngine(source).matrix(
                    QueryExpression(parsing: query), start: Int64(start) * 1_000_000_000,
                    end: Int64(end) * 1_000_000_000,
                    step: Int64(step) * 1_000_000_000, context: LogQueryContext())
                for (index, time) in stride(from: start, through: end, by: step).enumerated() {
                    let last = Double(time - offset)
                    let inside = lines.filter { $0.seconds > last - Double(range) && $0.seconds <= last }
                    let found = matrix.columns.first.map { $0[index] }
                    guard !inside.isEmpty else {
                        #expect(found.map { SeriesMatrix.isMissing($0) } ?? true, "\(query) at \(time)")
                        continue
                    }
                    let expected =
                        function == "count_over_time" ? inside.count : inside.reduce(0) { $0 + $1.text.utf8.count }
                    #expect(found == Double(expected), "\(query) at \(time), seed \(seed)")
                }
            }
        }
    }

    @Test("survive any line in any parser", arguments: [1, 2, 3] as [UInt64])
    func hostileLines(seed: UInt64) throws {
        var random = Generator(state: seed)
        let samples = [
            #"{"a":{"b":[1,{"c":"d\u00e9\n"}],"e":null},"f":-1.5e3,"g":true,"_entry":"x"}"#,
            #"level=warn msg="a \"quoted\" thing" d=1.5s size=2KiB bare key= ="x" "y"=z"#,
            "10.0.0.1 - - [01/Jan/2026] \"GET / HTTP/1.1\" 200 \u{1B}[31mred\u{1B}[0m",
        ].map { Array($0.utf8) }
        let stages = [
            "| json", #"| json x="a.b[1].c", y="a""#, "| logfmt", "| logfmt --strict --keep-empty",
            #"| logfmt z="msg""#,
            #"| pattern "<ip> - <_> [<time>] <rest>""#, #"| regexp "(?P<n>\\d+)""#, "| unpack", "| decolorize",
            "| json | f > 1 or d > 1s or size < 5KB", #"| json | logfmt | addr = ip("10.0.0.0/8")"#, #"|> "<_> - <_>""#,
            #"|= ip("10.0.0.0/8")"#,
        ]
        for _ in 0..<60 {
            var bytes = samples[random.next(samples.count)]
            for _ in 0..<random.next(4) { bytes[random.next(bytes.count)] = UInt8(random.next(256)) }
            bytes.removeLast(random.next(bytes.count))
            let source = MemorySource([
                ([("app", "a")], [.init(seconds: 1, text: String(decoding: bytes, as: UTF8.self))])
            ])
            for stage in stages { _ = try source.logs("{app=\"a\"} \(stage)") }
        }
    }
}
