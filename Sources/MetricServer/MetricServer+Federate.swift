import HTTPTypes
import Hummingbird
import MartletCore
import MetricStorage
import NIOCore
import PromQL
import SampleMath
import Scraping
import Service
import Wire

extension MetricServer {
    /// `GET /federate?match[]=…`: the newest sample of each series within the lookback, as text or as
    /// protobuf.
    func federate(_ request: Request, _ context: ServiceContext) async throws -> Response {
        let parameters = try await RequestParameters(request, context)
        let matchers: [[Matcher]]
        do throws(APIError) {
            matchers = try parameters.anyMatchers().filter { !$0.isEmpty }
        } catch {
            throw HTTPFailure(.badRequest, error.message)
        }
        let format = FederationAnswer(
            FederationFormat(accept: request.headers[.accept]), external: config.withLock { $0.global.externalLabels })
        let (store, lookback, account) = (store, engine.options.lookback, context.account)
        do {
            let text = try await queries.run(for: context) { context in
                let newest = try Self.newest(matchers, in: store, within: lookback, as: format, context)
                let text = format.write(newest)
                try account.reserve(text.count)
                return text
            }
            return Response(
                status: .ok, headers: [.contentType: format.format.contentType],
                body: .init(byteBuffer: ByteBuffer(bytes: text)))
        } catch let error as QueryError {
            let failure = APIError(error)
            throw HTTPFailure(failure.status, failure.message)
        }
    }

    /// The newest samples that the answer can tell of, by series. What they take with their text is held until the
    /// context goes.
    private static func newest(
        _ matchers: [[Matcher]], in store: MetricStore, within lookback: Int64, as format: FederationAnswer,
        _ context: QueryContext
    ) throws(QueryError) -> [Labels: (time: Int64, sample: FederationAnswer.Sample)] {
        let now = WallClock.milliseconds
        var found: [Labels: (time: Int64, sample: FederationAnswer.Sample)] = [:]
        var samples = SeriesSamples()
        for list in matchers {
            let set = try store.select(
                MetricSelection(
                    matchers: list, minTime: now - lookback, maxTime: now,
                    hints: MetricSelection.Hints(newestOnly: true)), context: context)
            defer { context.release(bytes: set.memory) }
            for index in 0..<set.count {
                if index % 256 == 0 { try context.check() }
                samples.removeAll()
                try set.read(index, into: &samples)
                guard let (time, sample) = newest(of: samples, withPowers: format.format.isProtobuf) else { continue }
                let labels = set.labels(at: index)
                if found.updateValue((time, sample), forKey: labels) == nil {
                    try context.hold(bytes: format.size(sample, of: labels))
                }
            }
        }
        return found
    }

    /// The newest sample of a series; nil when it is a staleness marker, or a histogram that the answer cannot tell.
    private static func newest(
        of samples: SeriesSamples, withPowers: Bool
    ) -> (time: Int64, sample: FederationAnswer.Sample)? {
        let floatTime = samples.floats.timestamps.last ?? .min
        if let time = samples.histograms.timestamps.last, time > floatTime {
            guard let histogram = samples.histograms.values.last, histogram.hasCustomBounds || withPowers,
                !StaleNaN.isStale(histogram.sum)
            else { return nil }
            return (time, .histogram(histogram))
        }
        guard let value = samples.floats.values.last, !StaleNaN.isStale(value) else { return nil }
        return (floatTime, .float(value))
    }
}
