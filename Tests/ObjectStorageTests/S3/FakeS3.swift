import AsyncHTTPClient
import Delivery
import Hummingbird
import MartletCore
import NIOCore
import NIOPosix
import ObjectStorage
import Service

/// A bucket `b` in memory that speaks as much of S3's protocol as the client does, and fails as it is told.
final class FakeS3: Sendable {
    enum Fault: Sendable {
        case status(Int, String)
        case silence
    }

    struct State {
        var objects: [String: [UInt8]] = [:]
        var parts: [Int: [UInt8]] = [:]
        var uploads: Set<String> = []
        /// What the next requests get.
        var faults: [Fault] = []
        /// Method and path with query, in order.
        var requests: [String] = []
        var pageSize = 1000
    }

    let state = Lock(State())
    private let server: EmbeddedServer
    private let client = HTTPClient(eventLoopGroup: .singletonMultiThreadedEventLoopGroup)

    init() async throws {
        let router = Daemon.makeRouter()
        let state = state
        for method in [HTTPRequest.Method.get, .put, .post, .delete] {
            router.on("/b", method: method) { request, context in try await Self.answer(request, context, state) }
            router.on("/b/**", method: method) { request, context in try await Self.answer(request, context, state) }
        }
        server = try await EmbeddedServer(router: router)
    }

    func stop() async throws {
        await server.stop()
        try await client.shutdown()
    }

    /// A client that hardly waits between attempts.
    func store(
        attempts: Int = 4, partSize: Int = 16 << 20, timeout: Duration = .seconds(60)
    ) -> S3ObjectStore {
        var options = S3Options(bucket: "b", endpoint: "\(server.address)")
        options.isInsecure = true
        options.attempts = attempts
        options.partSize = partSize
        options.timeout = timeout
        return S3ObjectStore(
            options, credentials: .fixed(S3Credentials(accessKey: "key", secretKey: Secret("secret"))), client: client,
            blocking: BlockingPool(threads: 1), retry: RetryPolicy(initial: .milliseconds(1), maximum: .milliseconds(2))
        )
    }

    private static func answer(
        _ request: Request, _ context: ServiceContext, _ state: Lock<State>
    ) async throws -> Response {
        let body = [UInt8](buffer: try await request.body.collect(upTo: 64 << 20))
        let fault = state.withLock { state -> Fault? in
            state.requests.append("\(request.method) \(request.uri)")
            return state.faults.isEmpty ? nil : state.faults.removeFirst()
        }
        switch fault {
        case .status(let code, let reason):
            let text = "<Error><Code>\(reason)</Code><Message>told &amp; done</Message></Error>"
            return Response(status: .init(code: code), body: .init(byteBuffer: ByteBuffer(string: text)))
        case .silence: try await Task.sleep(for: .seconds(3))
        case nil: break
        }
        let key = String(request.uri.path.dropFirst("/b/".count))
        let query = Dictionary(QueryParameters(request).pairs.map { ($0.name, $0.value) }) { first, _ in first }
        return state.withLock { respond(request, key, query, body, &$0) }
    }

    private static func respond(
        _ request: Request, _ key: String, _ query: [String: String], _ body: [UInt8], _ state: inout State
    ) -> Response {
        func text(_ text: String) -> Response {
            Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: text)))
        }
        if query["list-type"] == "2" {
            let from = query["continuation-token"] ?? ""
            let keys = state.objects.keys.filter { $0.hasPrefix(query["prefix"] ?? "") && $0 > from }.sorted()
            let page = keys.prefix(state.pageSize)
            let entries = page.map {
                "<Contents><Key>\($0)</Key><Size>\(state.objects[$0]?.count ?? 0)</Size></Contents>"
            }
            let next =
                keys.count > page.count ? page.last.map { "<NextContinuationToken>\($0)</NextContinuationToken>" } : nil
            return text(
                "<ListBucketResult><IsTruncated>\(next != nil)</IsTruncated>\(entries.joined())\(next ?? "")</ListBucketResult>"
            )
        }
        switch request.method {
        case .post where query["uploads"] != nil:
            state.uploads.insert("up")
            state.parts = [:]
            return text("<InitiateMultipartUploadResult><UploadId>up</UploadId></InitiateMultipartUploadResult>")
        case .post:
            state.uploads.remove("up")
            state.objects[key] = state.parts.sorted { $0.key < $1.key }.flatMap(\.value)
            return text("<CompleteMultipartUploadResult></CompleteMultipartUploadResult>")
        case .put:
            if let number = query["partNumber"].flatMap({ Int($0) }) {
                state.parts[number] = body
                return Response(status: .ok, headers: [.eTag: "\"\(number)\""])
            }
            state.objects[key] = body
            return Response(status: .ok)
        case .delete:
            if query["uploadId"] != nil { state.uploads.remove("up") } else { state.objects[key] = nil }
            return Response(status: .noContent)
        default:
            guard let object = state.objects[key] else { return Response(status: .notFound) }
            guard let range = request.headers[.range]?.dropFirst("bytes=".count).split(separator: "-"),
                range.count == 2,
                let first = Int(range[0]), let last = Int(range[1])
            else { return Response(status: .ok, body: .init(byteBuffer: ByteBuffer(bytes: object))) }
            let part = object[min(first, object.count)..<min(last + 1, object.count)]
            return Response(status: .partialContent, body: .init(byteBuffer: ByteBuffer(bytes: part)))
        }
    }
}
