import HTTPTypes
import Hummingbird
import MartletCore
import MetricStorage
import NIOCore
import PromQL
import SampleMath
import Scraping
import Service

extension MetricServer {
    /// `GET /federate?match[]=…`: the newest sample of each series within the lookback, in the text format.
    func federate(_ request: Request, _ context: ServiceContext) async throws -> Response {
        let parameters = try await RequestParameters(request, context)
        let matchers: [[Matcher]]
        do throws(APIError) {
            matchers = try parameters.matchers()
        } catch {
            throw HTTPFailure(.badRequest, error.message)
        }
        let external = config.withLock { $0.global.externalLabels }
        let (store, lookback) = (store, engine.options.lookback)
        let text = try await queries.run(for: context) { context in
            let now = WallClock.milliseconds
            var newest: [Labels: (time: Int64, value: Double)] = [:]
            for list in matchers {
                let set = try store.select(
                    MetricSelection(matchers: list, minTime: now - lookback, maxTime: now), context: context)
                var columns = SampleColumns()
                for index in 0..<set.count {
                    columns.removeAll()
                    try set.read(index, into: &columns)
                    guard let time = columns.timestamps.last, let value = columns.values.last,
                        !StaleNaN.isStale(value)
                    else { continue }
                    newest[set.labels(at: index)] = (time, value)
                }
            }
            return FederationText.write(newest, external: external)
        }
        return Response(
            status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(bytes: text)))
    }
}
