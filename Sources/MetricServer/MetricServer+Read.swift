import Compression
import HTTPTypes
import Hummingbird
import MartletCore
import MetricStorage
import NIOCore
import PromQL
import RemoteStorage
import Scraping
import Service
import Wire

extension MetricServer {
    /// Bytes of a request, as sent and decompressed.
    private static let readBodyLimit = 4 << 20
    /// What a byte of a request may become in memory.
    private static let readGrowth = 24

    /// `POST /api/v1/read`: samples of this store for other servers, as one message or as a stream of chunks.
    func remoteRead(_ request: Request, _ context: ServiceContext) async throws -> Response {
        let body = try await requestBody(request, context, limit: Self.readBodyLimit)
        let wanted: RemoteRead.Request
        do {
            try context.account.reserve(
                Self.readGrowth
                    * min(body.withUnsafeReadableBytes { try Snappy.decompressedSize($0) }, Self.readBodyLimit))
            let bytes = try body.withUnsafeReadableBytes { try Snappy.decompress($0, limit: Self.readBodyLimit) }
            wanted = try bytes.withUnsafeBytes { try RemoteRead.Request(protobuf: $0) }
        } catch let failure as HTTPFailure {
            throw failure
        } catch {
            throw HTTPFailure(.badRequest, "the request cannot be read: \(error)")
        }
        // Nothing said is the answer that is older.
        let types = wanted.acceptedTypes.isEmpty ? [RemoteRead.ResponseType.samples.rawValue] : wanted.acceptedTypes
        guard let type = types.lazy.compactMap(RemoteRead.ResponseType.init(rawValue:)).first else {
            let names = RemoteRead.ResponseType.allCases.map(\.name).joined(separator: ", ")
            throw HTTPFailure(
                .badRequest,
                "server does not support any of the requested response types: \(types); supported: \(names)")
        }
        let wantsStored =
            HTTPField.Name(ReadAnswer.storedLabelsHeader.name).flatMap { request.headers[$0] }
            == ReadAnswer.storedLabelsHeader.value
        let labels = wantsStored ? [] : config.withLock { $0.global.externalLabels }
        do {
            switch type {
            case .samples: return try await samples(wanted, labels, context)
            case .streamedChunks: return try await stream(wanted, labels, context)
            }
        } catch let error as QueryError {
            let failure = APIError(error)
            throw HTTPFailure(failure.status, failure.message)
        }
    }

    private func samples(
        _ wanted: RemoteRead.Request, _ labels: [(key: String, value: String)], _ request: ServiceContext
    ) async throws -> Response {
        let (store, limit) = (store, remoteFlags.readSampleLimit)
        let account = request.account
        return try await reads.run(for: request) { context in
            var writer = RemoteRead.ResponseWriter()
            var buffer = SeriesSamples()
            var count = 0
            for query in wanted.queries {
                try context.check()
                let answer = try ReadAnswer(query, from: store, externalLabels: labels, context: context)
                for position in 0..<answer.count {
                    if position % 256 == 0 { try context.check() }
                    let series = try answer.samples(position, &buffer)
                    count += series.samples.count + series.histograms.count
                    guard limit == 0 || count <= limit else {
                        throw QueryError(
                            .badData, "exceeded sample limit (\(limit)): raise --storage.remote.read-sample-limit")
                    }
                    let before = writer.count
                    if !series.samples.isEmpty || !series.histograms.isEmpty { writer.add(series) }
                    try context.hold(bytes: writer.count - before)
                }
                writer.endQuery()
            }
            let body = try writer.bytes.withUnsafeBytes { try Snappy.compress($0) }
            try account.reserve(body.count)
            return Response(
                status: .ok,
                headers: [.contentType: RemoteRead.ResponseType.samples.contentType, .contentEncoding: "snappy"],
                body: .init(byteBuffer: ByteBuffer(bytes: body)))
        }
    }

    /// The stream ends when its reader goes, not with the time of a query.
    private func stream(
        _ wanted: RemoteRead.Request, _ labels: [(key: String, value: String)], _ request: ServiceContext
    ) async throws -> Response {
        let (store, reads, frameLimit) = (store, reads, remoteFlags.readFrameSize.bytes)
        let context = reads.makeStreamContext()
        let stream = try await reads.run(in: context, for: request) {
            let answers = try wanted.queries.map {
                try context.check()
                return try ReadAnswer($0, from: store, externalLabels: labels, context: context)
            }
            return ReadStream(answers, frameLimit: frameLimit, context: context)
        }
        return Response(
            status: .ok, headers: [.contentType: RemoteRead.ResponseType.streamedChunks.contentType],
            body: ResponseBody { writer in
                while let frames = try await reads.run(in: context, for: request, { try stream.next() }) {
                    try await writer.write(ByteBuffer(bytes: frames))
                }
                try await writer.finish(nil)
            })
    }
}
