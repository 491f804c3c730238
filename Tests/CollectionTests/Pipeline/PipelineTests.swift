import Collection
import MartletCore
import Service
import Testing

/// Runs the pipeline of a promtail configuration over lines, as one file's.
private struct Run {
    private var pipeline: Pipeline
    private var offset: UInt64 = 0

    init(_ stages: String) throws {
        let config = try PromtailConfig(
            ConfigDocument(
                text:
                    "scrape_configs:\n- job_name: j\n  static_configs: [{labels: {__path__: /x}}]\n  pipeline_stages:\n"
                    + stages, file: "config.yml"))
        pipeline = try #require(config.jobs.first).pipeline
    }

    mutating func feed(_ lines: String..., labels: [String: String] = ["job": "j"]) -> [PipelineEntry] {
        var out: [PipelineEntry] = []
        for line in lines {
            pipeline.process(
                PipelineEntry(labels: labels, timestamp: 1000, line: Array(line.utf8), offset: offset), into: &out)
            offset += UInt64(line.utf8.count + 1)
        }
        return out
    }

    mutating func tick(_ now: Int64) -> [PipelineEntry] {
        var out: [PipelineEntry] = []
        pipeline.tick(now: now, into: &out)
        return out
    }

    var heldSince: UInt64? { pipeline.heldSince }
}

private func text(_ entries: [PipelineEntry]) -> [String] { entries.map { String(decoding: $0.line, as: UTF8.self) } }

@Suite("Pipeline stages do as Promtail's")
struct PipelineTests {
    @Test("regex and labels")
    func regex() throws {
        var run = try Run(
            """
              - regex: {expression: '^(?P<level>\\w+) (?P<rest>.*)$'}
              - labels: {level: , message: rest}
            """)
        let out = run.feed("warn disk full", "nothing")
        #expect(out.map(\.labels) == [["job": "j", "level": "warn", "message": "disk full"], ["job": "j"]])
    }

    @Test("json, with paths, types and a source")
    func json() throws {
        var run = try Run(
            """
              - json: {expressions: {level: , user: 'a.b[0]."x-y"', n: n, flag: flag, obj: o, none: z, inner: inner}}
              - json: {expressions: {deep: d}, source: inner}
              - labels: {level: , user: , n: , flag: , obj: , none: , deep: }
            """)
        let out = run.feed(
            #"{"level":"info","a":{"b":[{"x-y":"u"}]},"n":1.5,"flag":true,"o":{"k":[1]},"z":null,"inner":"{\"d\":\"e\"}"}"#,
            "no json")
        #expect(
            out.first?.labels
                == [
                    "job": "j", "level": "info", "user": "u", "n": "1.5", "flag": "true", "obj": #"{"k":[1]}"#,
                    "deep": "e",
                ])
        #expect(out.count == 2)
    }

    @Test("logfmt")
    func logfmt() throws {
        var run = try Run("  - logfmt: {mapping: {level: , who: user}}\n  - labels: {level: , who: }\n")
        let out = run.feed(#"level=info user="A \"B\"" rest"#)
        #expect(out.first?.labels == ["job": "j", "level": "info", "who": #"A "B""#])
    }

    @Test(
        "timestamp in the layouts that logs have",
        arguments: [
            ("RFC3339", "2026-11-21T04:07:56Z", "2026-11-21T04:07:56Z"),
            ("RFC3339Nano", "2026-11-21T04:07:56.123456789+02:00", "2026-11-21T02:07:56.123456789Z"),
            ("2006-01-02 15:04:05.000", "2026-11-21 04:07:56.250", "2026-11-21T04:07:56.25Z"),
            // As in Go, zeros want their number of digits, nines and no fraction at all take any.
            ("2006-01-02 15:04:05.000", "2026-11-21 04:07:56.25", nil),
            ("2006-01-02 15:04:05.999", "2026-11-21 04:07:56.25", "2026-11-21T04:07:56.25Z"),
            ("2006-01-02 15:04:05", "2026-11-21 04:07:56,25", "2026-11-21T04:07:56.25Z"),
            ("02/Jan/2006:15:04:05 -0700", "21/Nov/2026:04:07:56 -0130", "2026-11-21T05:37:56Z"),
            ("Mon Jan _2 15:04:05 2006", "Sat Nov  7 04:07:56 2026", "2026-11-07T04:07:56Z"),
            ("3:04PM 2006-002", "4:07PM 2026-032", "2026-02-01T16:07:00Z"),
            ("Unix", "1795234076.5", "2026-11-21T04:07:56.5Z"), ("UnixMs", "1795234076250", "2026-11-21T04:07:56.25Z"),
            ("UnixNs", "1795234076000000001", "2026-11-21T04:07:56.000000001Z"), ("2006-01-02", "2026-02-30", nil),
            ("2006-01-02", "2026-13-01", nil), ("RFC3339", "soon", nil), ("RFC3339", "2262-04-11T23:47:16.9Z", nil),
            ("RFC3339", "9999-12-31T23:59:59Z", nil), ("UnixMs", "9223372036854775807", nil),
        ])
    func timestamp(_ layout: String, _ value: String, _ expected: String?) throws {
        var run = try Run(
            """
              - regex: {expression: '^(?P<t>.*)$'}
              - timestamp: {source: t, format: '\(layout)', action_on_failure: skip}
            """)
        let wanted = try expected.map { try #require(RFC3339.parse($0)?.unixNanoseconds) } ?? 1000
        #expect(run.feed(value).map(\.timestamp) == [wanted])
    }

    @Test("A line without its timestamp follows the one before")
    func fudge() throws {
        var run = try Run("  - regex: {expression: '^t=(?P<t>\\d+)'}\n  - timestamp: {source: t, format: UnixNs}\n")
        #expect(run.feed("t=5", "x", "y", "t=9").map(\.timestamp) == [5, 6, 7, 9])
    }

    @Test("timestamps from the ends of time harm no stage", arguments: [Int64.min, .max])
    func farTimes(time: Int64) throws {
        var run = try Run(
            """
              - regex: {expression: '^t=(?P<t>\\S+)'}
              - timestamp: {source: t, format: UnixNs}
              - multiline: {firstline: '^t', max_wait_time: 2s}
            """)
        #expect(run.feed("t=\(time)", "x").isEmpty)
        #expect(run.tick(1_900_000_000_000_000_000).map(\.timestamp) == [time])
    }

    @Test("drop knows the age of lines from the ends of time", arguments: [(Int64.min, 0), (.max, 1)])
    func farAges(time: Int64, kept: Int) throws {
        var run = try Run(
            """
              - regex: {expression: '^t=(?P<t>\\S+)'}
              - timestamp: {source: t, format: UnixNs}
              - drop: {older_than: 24h}
            """)
        #expect(run.feed("t=\(time)").count == kept)
    }

    @Test("output, static_labels, labeldrop, labelallow, structured_metadata, decolorize")
    func small() throws {
        var run = try Run(
            """
              - regex: {expression: 'm=(?P<m>\\S+)'}
              - output: {source: m}
              - static_labels: {a: '1', b: '2'}
              - structured_metadata: {m: }
              - labeldrop: [b]
              - decolorize:
            """)
        let out = run.feed("x m=\u{1B}[31mred\u{1B}[0m")
        #expect(text(out) == ["red"])
        #expect(out.first?.labels == ["job": "j", "a": "1"])
        #expect(out.first?.metadata["m"]?.hasPrefix("\u{1B}") == true)
        var allow = try Run("  - labelallow: [job]\n")
        #expect(allow.feed("x", labels: ["job": "j", "c": "d"]).first?.labels == ["job": "j"])
    }

    @Test("match keeps to its selector, or drops")
    func match() throws {
        var run = try Run(
            """
              - match: {selector: '{job="j"} |= "err" !~ `x\\d`', stages: [{static_labels: {found: 'yes'}}]}
              - match: {selector: '{job=~"j|k"} |~ "noise"', action: drop, drop_counter_reason: noisy}
            """)
        #expect(run.feed("an err", "err x1", "noise", "other").map { $0.labels["found"] ?? "-" } == ["yes", "-", "-"])
    }

    @Test(
        "drop by any of its conditions",
        arguments: [
            ("{expression: 'debug'}", ["a debug b", "keep"], ["keep"]),
            ("{longer_than: 3b}", ["1234", "123"], ["123"]),
            ("{source: m, value: x}", ["m=x", "m=y", "z"], ["m=y", "z"]),
            ("{source: [m, n], expression: '^x;y$'}", ["m=x n=y", "m=x n=z"], ["m=x n=z"]),
            ("{source: m}", ["m=x", "z"], ["z"]),
        ])
    func drop(_ conditions: String, _ lines: [String], _ kept: [String]) throws {
        var run = try Run("  - logfmt: {mapping: {m: , n: }}\n  - drop: \(conditions)\n")
        #expect(lines.flatMap { text(run.feed($0)) } == kept)
    }

    @Test("multiline joins a block and holds its place in the file until it goes on")
    func multiline() throws {
        var run = try Run("  - multiline: {firstline: '^\\d', max_wait_time: 2s, max_lines: 3}\n")
        #expect(text(run.feed("before", "1 first", " at a")) == ["before"])
        #expect(run.heldSince == 7)
        #expect(text(run.feed("2 second")) == ["1 first\n at a"])
        #expect(run.tick(1000).isEmpty)
        #expect(text(run.tick(2_000_001_000)) == ["2 second"])
        #expect(run.heldSince == nil)
        #expect(text(run.feed("3 a", "b", "c", "d")) == ["3 a\nb\nc", "d"])
    }

    @Test("multiline keeps the blocks of streams apart")
    func multilineStreams() throws {
        var run = try Run("  - multiline: {firstline: '^\\d', max_wait_time: 2s}\n")
        let (a, b) = (["unit": "a"], ["unit": "b"])
        #expect(run.feed("1 of a", labels: a).isEmpty)
        #expect(run.feed("1 of b", " more", labels: b).isEmpty)
        #expect(text(run.feed(" more", "2 of a", labels: a)) == ["1 of a\n more"])
        #expect(run.heldSince == 7)
        let out = run.tick(2_000_001_000)
        #expect(text(out) == ["1 of b\n more", "2 of a"])
        #expect(out.map(\.labels) == [b, a])
    }

    @Test("docker and cri undo their wrapping")
    func containers() throws {
        var docker = try Run("  - docker: {}\n")
        let line = docker.feed(#"{"log":"hello\n","stream":"stderr","time":"2026-11-21T04:07:56Z"}"#)
        #expect(text(line) == ["hello"])
        #expect(line.first?.labels["stream"] == "stderr")
        var cri = try Run("  - cri: {}\n")
        let out = cri.feed(
            "2026-11-21T04:07:56Z stdout P par", "2026-11-21T04:07:56Z stderr F other",
            "2026-11-21T04:07:57Z stdout F tial", "plain")
        #expect(text(out) == ["other", "partial", "plain"])
    }

    @Test("cri counts the partial lines that wait, not those that were")
    func partialLines() throws {
        var run = try Run("  - cri: {max_partial_lines: 3}\n")
        let time = "2026-11-21T04:07:56Z"
        for _ in 0..<5 {
            #expect(text(run.feed("\(time) stdout P par", "\(time) stdout F tial")) == ["partial"])
        }
        #expect(text(run.feed("\(time) stdout P a", "\(time) stderr P x", "\(time) stdout P b")) == ["x", "ab"])
        #expect(run.heldSince == nil)
    }
}
