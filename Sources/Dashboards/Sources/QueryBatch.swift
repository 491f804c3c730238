import HTTPTypes
import Hummingbird
import MartletCore
import NIOCore
import Service

/// Many queries of a page in one request. A browser opens six connections to a server; a board has a hundred queries.
///
/// The request is `{"queries": [{"uid", "path", "form"}]}`: the source, the path behind the proxy's own with its query,
/// and the body of a POST, if it is one. Answers are streamed as they come, each as a line `index status encoding
/// length` and then that many bytes, in the source's own encoding (`identity` or `gzip`).
struct QueryBatch: Sendable {
    /// Most queries in one request.
    static let countLimit = 500
    /// Queries at a time; with ``answerLimit`` this bounds the memory of a batch.
    static let concurrency = 8
    /// Largest answer; a larger one is a 413, and the page asks for it alone.
    static let answerLimit = 8 << 20

    /// One of the queries.
    struct Query: Sendable {
        /// Its place in the request.
        let index: Int
        let question: Question
    }

    /// What a source is asked.
    struct Question: Sendable, Hashable {
        let source: DataSource
        /// Percent-encoded, with the query.
        let path: String
        /// Body of a POST; nil for a GET.
        let form: String?

        func hash(into hasher: inout Hasher) {
            hasher.combine(source.uid)
            hasher.combine(path)
            hasher.combine(form)
        }
    }

    /// What a source said to one of them.
    struct Content: Sendable {
        let status: Int
        let encoding: String
        let body: ByteBuffer
    }

    let queries: [Query]
    let proxy: DataSourceProxy

    /// - Parameters:
    ///   - body: the request's JSON.
    ///   - sources: those that may be asked.
    init(_ body: JSONValue, sources: [DataSource], proxy: DataSourceProxy) throws(HTTPFailure) {
        guard let list = body["queries"]?.array, list.count <= Self.countLimit else {
            throw HTTPFailure(.badRequest, "the body needs queries, at most \(Self.countLimit)")
        }
        var queries: [Query] = []
        for (index, item) in list.enumerated() {
            guard let uid = item["uid"]?.string, let path = item["path"]?.string else {
                throw HTTPFailure(.badRequest, "query \(index) needs uid and path")
            }
            guard let source = sources.first(where: { $0.uid == uid }) else {
                throw HTTPFailure(.notFound, "Data source not found")
            }
            let question = Question(source: source, path: path, form: item["form"]?.string)
            queries.append(Query(index: index, question: question))
        }
        self.queries = queries
        self.proxy = proxy
    }

    /// The answers, streamed. They end early when the browser leaves.
    func response(_ context: ServiceContext) -> Response {
        var headers: HTTPFields = [.contentType: "application/octet-stream", .cacheControl: "no-store"]
        SecurityHeaders.data.add(to: &headers)
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                try await withThrowingTaskGroup(of: (index: Int, content: Content).self) { group in
                    group.addTask {
                        while context.isClientConnected { try await Task.sleep(for: .milliseconds(250)) }
                        throw CancellationError()
                    }
                    var waiting = queries[...]
                    for query in waiting.prefix(Self.concurrency) {
                        group.addTask { (query.index, await proxy.answer(query)) }
                    }
                    waiting = waiting.dropFirst(Self.concurrency)
                    for _ in queries {
                        guard let answer = try await group.next() else { break }
                        try await writer.write(Self.framed(answer.index, answer.content))
                        if let query = waiting.popFirst() { group.addTask { (query.index, await proxy.answer(query)) } }
                    }
                    group.cancelAll()
                }
                try await writer.finish(nil)
            })
    }

    private static func framed(_ index: Int, _ answer: Content) -> ByteBuffer {
        var frame = ByteBuffer(
            string: "\(index) \(answer.status) \(answer.encoding) \(answer.body.readableBytes)\n")
        frame.writeImmutableBuffer(answer.body)
        return frame
    }
}
