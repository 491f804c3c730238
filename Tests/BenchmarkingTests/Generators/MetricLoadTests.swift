import Benchmarking
import Compression
import MartletCore
import Testing
import Wire

@Suite("Load of samples")
struct MetricLoadTests {
    static func load(series: Int = 600, connections: Int = 2, labels: Int = 0, seed: UInt64 = 1) -> MetricLoad {
        MetricLoad(
            .init(
                series: series, batch: 100, labels: labels, rounds: 3,
                times: TimeSpread(start: 1_700_000_000_000_000_000, length: 45_000_000_000, count: 3),
                connections: connections, run: "r1", seed: seed))
    }

    private func decoded(_ push: Push) throws -> RemoteWrite.WriteRequest {
        let body = try push.body.withUnsafeBytes { try Snappy.decompress($0, limit: 1 << 24) }
        #expect(body.count == push.rawBytes)
        var request = RemoteWrite.WriteRequest()
        try body.withUnsafeBytes { try request.decode($0) }
        return request
    }

    private func round(_ load: MetricLoad, _ round: Int64) throws -> [(labels: Labels, time: Int64, value: Double)] {
        try (0..<Int64(load.pushesPerRound)).flatMap { part in
            let request = try decoded(load.push(round * Int64(load.pushesPerRound) + part, now: 0))
            return request.series.map { series in
                let sample = request.samples[series.samples.lowerBound]
                return (request.labels(series.labels), sample.timestamp, sample.value)
            }
        }
    }

    @Test("A round has one sample of each series, at one time")
    func round() throws {
        let load = Self.load()
        let samples = try round(load, 1)
        #expect(samples.count == 600)
        #expect(Set(samples.map(\.labels)).count == 600)
        #expect(Set(samples.map(\.time)) == [1_700_000_015_000])
        #expect(load.pushes == 3 * Int64(load.pushesPerRound))
    }

    @Test("Series stay apart when a function leaves their names out")
    func withoutNames() throws {
        let bare = try round(Self.load(), 0).map { sample in
            Labels(sample.labels.pairs.filter { $0.name != Labels.metricName }.map { ($0.name, $0.value) })
        }
        #expect(Set(bare).count == 600)
    }

    @Test("Labels are sorted, and say whose they are")
    func labels() throws {
        let body = Self.load(labels: 2).body(0, 0, milliseconds: 1).bytes
        var request = RemoteWrite.WriteRequest()
        try body.withUnsafeBytes { try request.decode($0) }
        let series = try #require(request.series.first)
        // The flat bytes keep the order received: only a sorted set is canonical.
        let bytes = request.withLabels(series.labels) { [UInt8]($0) }
        let labels = try #require(Labels(validating: bytes)).pairs
        #expect(labels.contains { $0 == ("job", "martlet-bench") })
        #expect(labels.contains { $0 == ("run", "r1") })
        #expect(labels.filter { $0.name.hasPrefix("tag_") }.count == 2)
    }

    @Test("The pushes of a round are a multiple of the connections", arguments: [1, 2, 3, 7])
    func stripes(connections: Int) {
        #expect(Self.load(connections: connections).pushesPerRound % connections == 0)
    }

    @Test("Counters never fall, and gauges do")
    func counters() throws {
        let load = Self.load()
        let (first, second) = (try round(load, 0), try round(load, 1))
        let pairs = zip(first, second).filter { $0.0.labels.description.contains("_total{") }
        #expect(!pairs.isEmpty)
        #expect(pairs.allSatisfy { $0.0.value <= $0.1.value })
        #expect(zip(first, second).contains { $0.0.value > $0.1.value })
    }

    @Test("The same seed gives the same pushes, another one others")
    func seeds() throws {
        let push = try Self.load().push(4, now: 0).body
        #expect(try Self.load().push(4, now: 0).body == push)
        #expect(try Self.load(seed: 2).push(4, now: 0).body != push)
    }

    @Test("The sum that a metric should have is that of its samples")
    func sums() throws {
        let load = Self.load()
        let wanted = load.series(of: "bench_api_usage_bytes", round: 2)
        let found = try round(load, 2).filter { $0.labels.description.hasPrefix("bench_api_usage_bytes{") }
        #expect(found.count == wanted.count)
        #expect(abs(found.map(\.value).reduce(0, +) - wanted.sum) < 1)
    }

    @Test("The last host has a part of its metrics only")
    func partialHost() {
        // Two whole hosts, and the first two components of a third.
        let load = Self.load(series: 2 * 276 + 46)
        #expect(load.hosts(with: "bench_api_limit") == 3)
        #expect(load.hosts(with: "bench_http_requests_total") == 2)
        #expect(load.series(ofFirst: 10) == 598)
    }
}
