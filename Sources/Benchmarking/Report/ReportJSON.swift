import MartletCore

/// A report for machines: one object. Durations are seconds, sizes bytes.
package struct ReportJSON: Sendable {
    private let report: BenchReport

    /// The document of a report.
    package init(_ report: BenchReport) {
        self.report = report
    }

    /// The document, in one line without its end.
    package var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("signal")
        writer.string(report.signal.rawValue)
        writer.key("run")
        writer.string(report.run)
        writer.key("load")
        writer.string(report.load)
        writer.key("servers")
        writer.beginArray()
        for server in report.servers { Self.write(server, report.signal, to: &writer) }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    private static func write(_ server: ServerReport, _ signal: BenchSignal, to writer: inout JSONWriter) {
        let load = server.load
        writer.beginObject()
        writer.key("url")
        writer.string(server.url)
        writer.key("unit")
        writer.string(signal.noun)
        for (key, count) in [
            ("sent", load.sent.items), ("acknowledged", load.items), ("pushes", load.pushes),
            ("raw_bytes", load.rawBytes), ("wire_bytes", load.wireBytes), ("throttled", load.throttled),
        ] {
            writer.key(key)
            writer.int(count)
        }
        for (key, number) in [
            ("seconds", load.elapsed.seconds), ("per_second", server.itemsPerSecond),
            ("raw_bytes_per_second", server.rawBytesPerSecond), ("throttled_seconds", load.waited.seconds),
        ] {
            writer.key(key)
            writer.double(number)
        }
        writer.key("push_seconds")
        write(load.latency, to: &writer)
        writer.key("problems")
        writer.beginArray()
        for problem in load.problems {
            writer.beginObject()
            writer.key("kind")
            writer.string(problem.kind)
            writer.key("count")
            writer.int(problem.count)
            writer.key("first")
            writer.string(problem.text)
            writer.endObject()
        }
        writer.endArray()
        if let process = load.process {
            writer.key("cpu_seconds")
            writer.double(process.cpuSeconds)
            writer.key("peak_rss_bytes")
            writer.int(process.peakBytes)
        }
        writer.key("interrupted")
        writer.bool(server.isInterrupted)
        writer.key("settled_seconds")
        if let settled = server.settled { writer.double(settled.seconds) } else { writer.null() }
        writer.key("queries")
        writer.beginArray()
        for query in server.queries { write(query, to: &writer) }
        writer.endArray()
        writer.endObject()
    }

    private static func write(_ query: QueryResult, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("name")
        writer.string(query.name)
        writer.key("query")
        writer.string(query.text)
        writer.key("right")
        writer.int(query.times.count)
        writer.key("wrong")
        writer.int(query.wrong)
        writer.key("seconds")
        write(query.times, to: &writer)
        switch query.outcome {
        case .right: break
        case .wrong(let got, let expected):
            writer.key("got")
            writer.string(got)
            writer.key("expected")
            writer.string(expected)
        case .refused(let reason):
            writer.key("refused")
            writer.string(reason)
        }
        writer.endObject()
    }

    private static func write(_ times: LatencyHistogram, to writer: inout JSONWriter) {
        writer.beginObject()
        for (name, share) in ReportTable.quantiles {
            guard let nanoseconds = times.quantile(share) else { continue }
            writer.key(name)
            writer.double(Double(nanoseconds) / 1e9)
        }
        if times.count > 0 {
            writer.key("max")
            writer.double(Double(times.maximum) / 1e9)
        }
        writer.endObject()
    }
}
