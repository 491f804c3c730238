package import AsyncHTTPClient
package import Delivery
import Durable
import MartletCore
import Metrics
import NIOCore
import NIOHTTP1
package import Service

/// A bucket that speaks S3's protocol: AWS, SeaweedFS, Ceph, MinIO and others.
package struct S3ObjectStore: ObjectStore {
    private static let answerLimit = 16 << 20

    private struct Call {
        var operation: String
        var key: String
        var method: HTTPMethod
        var query: [(name: String, value: String)] = []
        var headers: [(name: String, value: String)] = []
        var body: [UInt8] = []
        /// Bytes that the answer may have.
        var limit = S3ObjectStore.answerLimit
    }

    private let options: S3Options
    private let credentials: S3Credentials.Source
    private let client: HTTPClient
    private let blocking: BlockingPool
    private let retry: RetryPolicy

    /// A store in a bucket.
    package init(
        _ options: S3Options, credentials: S3Credentials.Source, client: HTTPClient, blocking: BlockingPool,
        retry: RetryPolicy = RetryPolicy(initial: .milliseconds(200), maximum: .seconds(10))
    ) {
        self.options = options
        self.credentials = credentials
        self.client = client
        self.blocking = blocking
        self.retry = retry
    }

    package var label: String { "s3://\(options.endpoint)/\(options.bucket)" }

    // MARK: Operations

    package func list(prefix: String) async throws(ObjectError) -> [ObjectInfo] {
        var found: [ObjectInfo] = []
        var token: String?
        repeat {
            var call = Call(operation: "list", key: "", method: .GET)
            call.query = [("list-type", "2"), ("encoding-type", "url"), ("prefix", prefix)]
            if let token { call.query.append(("continuation-token", token)) }
            let answer = S3Answer(try await perform(call))
            guard answer["IsTruncated"] != nil else {
                throw ObjectError(.refused, operation: "list", key: prefix, message: "the answer is no listing")
            }
            for entry in answer.all("Contents") {
                guard let key = entry["Key"], let size = entry["Size"].flatMap({ Int64($0) }) else { continue }
                found.append(ObjectInfo(key: Self.decoded(key), size: size))
            }
            token = answer["IsTruncated"] == "true" ? answer["NextContinuationToken"] : nil
        } while token != nil
        return found.sorted { $0.key < $1.key }
    }

    private static func decoded(_ key: String) -> String {
        String(decoding: PercentEncoding.decode(Substring(key).utf8, plusIsSpace: true), as: UTF8.self)
    }

    package func get(_ key: String, range: Range<Int64>?, limit: Int) async throws(ObjectError) -> [UInt8] {
        var call = Call(operation: "get", key: key, method: .GET)
        call.limit = limit
        if let range {
            guard !range.isEmpty else { return [] }
            call.headers = [("Range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)")]
        }
        let bytes = try await perform(call)
        if let range, bytes.count != range.count {
            throw ObjectError(
                .refused, operation: "get", key: key,
                message: "\(bytes.count) bytes came where \(range.count) were asked for")
        }
        return bytes
    }

    package func put(_ key: String, _ bytes: [UInt8]) async throws(ObjectError) {
        var call = Call(operation: "put", key: key, method: .PUT)
        call.body = bytes
        _ = try await perform(call)
    }

    package func put(_ key: String, file path: String) async throws(ObjectError) {
        let size = try await file(path, key) { try $0.size() }
        guard size > Int64(options.partSize) else {
            return try await put(key, try await file(path, key) { try $0.read(count: Int(size), at: 0) })
        }
        var begin = Call(operation: "put", key: key, method: .POST)
        begin.query = [("uploads", "")]
        guard let upload = S3Answer(try await perform(begin))["UploadId"] else {
            throw ObjectError(.refused, operation: "put", key: key, message: "no upload of parts was begun")
        }
        do throws(ObjectError) {
            try await putParts(key, path, size, upload)
        } catch {
            var abort = Call(operation: "put", key: key, method: .DELETE)
            abort.query = [("uploadId", upload)]
            // The first failure is the one to report; buckets clear unfinished uploads away by a rule of their own.
            _ = try? await perform(abort)
            throw error
        }
    }

    package func delete(_ key: String) async throws(ObjectError) {
        do throws(ObjectError) {
            _ = try await perform(Call(operation: "delete", key: key, method: .DELETE))
        } catch  where error.code == .notFound {
            return
        }
    }

    private func putParts(_ key: String, _ path: String, _ size: Int64, _ upload: String) async throws(ObjectError) {
        // S3 takes 10,000 parts at most.
        let partSize = max(Int64(options.partSize), (size + 9999) / 10_000)
        var list = "<CompleteMultipartUpload>"
        for number in 1...Int((size + partSize - 1) / partSize) {
            let offset = Int64(number - 1) * partSize
            var part = Call(operation: "put", key: key, method: .PUT)
            part.query = [("partNumber", "\(number)"), ("uploadId", upload)]
            part.body = try await file(path, key) { try $0.read(count: Int(min(partSize, size - offset)), at: offset) }
            var tag: String?
            _ = try await perform(part) { tag = $0.headers.first(name: "ETag") }
            guard let tag else {
                throw ObjectError(.refused, operation: "put", key: key, message: "part \(number) was given no tag")
            }
            list += "<Part><PartNumber>\(number)</PartNumber><ETag>\(tag)</ETag></Part>"
        }
        var finish = Call(operation: "put", key: key, method: .POST)
        finish.query = [("uploadId", upload)]
        finish.body = Array((list + "</CompleteMultipartUpload>").utf8)
        // This call may fail although its status says that it did not.
        let answer = S3Answer(try await perform(finish))
        if let code = answer["Code"] {
            throw ObjectError(
                .unavailable, operation: "put", key: key, message: "\(code): \(answer["Message"] ?? "no reason given")")
        }
    }

    private func file<Result: Sendable>(
        _ path: String, _ key: String, _ body: @escaping @Sendable (any File) throws -> Result
    ) async throws(ObjectError) -> Result {
        do {
            return try await blocking.run { try body(try DiskFileSystem().open(path, .read)) }
        } catch {
            throw ObjectError(.local, operation: "put", key: key, message: "\(error)")
        }
    }

    // MARK: Requests

    /// Makes a call until it succeeds, fails for good, or was tried often enough.
    private func perform(
        _ call: Call, _ visit: (HTTPClientResponse) -> Void = { _ in }
    ) async throws(ObjectError) -> [UInt8] {
        var failures = 0
        var random = SystemRandomNumberGenerator()
        while true {
            do throws(ObjectError) {
                let bytes = try await attempt(call, visit)
                count(call.operation, "success")
                return bytes
            } catch {
                failures += 1
                guard error.code == .unavailable, failures < options.attempts else {
                    // What is not there is an answer, too.
                    count(call.operation, error.code == .notFound ? "success" : "failure")
                    throw error
                }
                count(call.operation, "retry")
                do {
                    try await Task.sleep(
                        for: retry.delay(failures: failures, retryAfter: error.retryAfter, using: &random))
                } catch _ {
                    throw ObjectError(.cancelled, operation: call.operation, key: call.key, message: "cancelled")
                }
            }
        }
    }

    private func count(_ operation: String, _ outcome: String) {
        Counter(
            label: "martlet_object_storage_requests_total",
            dimensions: [("operation", operation), ("outcome", outcome)]
        ).increment()
    }

    private func attempt(
        _ call: Call, _ visit: (HTTPClientResponse) -> Void
    ) async throws(ObjectError) -> [UInt8] {
        let request = try request(call)
        do {
            let response = try await client.execute(request, timeout: Self.amount(options.timeout))
            let body = response.body
            let limit = (200..<300).contains(response.status.code) ? call.limit : Self.answerLimit
            let bytes = try await withTimeLimit(options.bodyTimeout) {
                var bytes: [UInt8] = []
                for try await chunk in body {
                    bytes.append(contentsOf: chunk.readableBytesView)
                    guard bytes.count <= limit else {
                        throw ObjectError(
                            .tooLarge, operation: call.operation, key: call.key,
                            message: "the answer exceeds the limit of \(limit) bytes")
                    }
                }
                return bytes
            }
            guard (200..<300).contains(response.status.code) else { throw failure(call, response, bytes) }
            visit(response)
            return bytes
        } catch let error as ObjectError {
            throw error
        } catch is CancellationError {
            throw ObjectError(.cancelled, operation: call.operation, key: call.key, message: "cancelled")
        } catch {
            throw ObjectError(.unavailable, operation: call.operation, key: call.key, message: "\(error)")
        }
    }

    private func request(_ call: Call) throws(ObjectError) -> HTTPClientRequest {
        guard let current = credentials.current else {
            throw ObjectError(
                .denied, operation: call.operation, key: call.key, message: "there are no credentials in the file")
        }
        let host = options.usesPathStyle ? options.endpoint : "\(options.bucket).\(options.endpoint)"
        var path =
            "/" + PercentEncoding.encode(call.key) { PercentEncoding.isUnreserved($0) || $0 == UInt8(ascii: "/") }
        if options.usesPathStyle { path = "/" + PercentEncoding.encode(options.bucket) + path }
        let signer = RequestSigner(region: options.region, credentials: current)
        let headers = signer.sign(
            call.method.rawValue, host: host, path: path, query: call.query, headers: call.headers, body: call.body,
            unixSeconds: WallClock.milliseconds / 1000)
        let query = RequestSigner.canonical(call.query)
        let scheme = options.isInsecure ? "http" : "https"
        var request = HTTPClientRequest(url: "\(scheme)://\(host)\(path)" + (query.isEmpty ? "" : "?" + query))
        request.method = call.method
        for header in headers { request.headers.add(name: header.name, value: header.value) }
        // Signed as it is sent: the client would leave out the default port, as the endpoint's name does.
        request.headers.add(name: "Host", value: host)
        if !call.body.isEmpty || call.method == .PUT { request.body = .bytes(ByteBuffer(bytes: call.body)) }
        return request
    }

    private func failure(_ call: Call, _ response: HTTPClientResponse, _ body: [UInt8]) -> ObjectError {
        let answer = S3Answer(body)
        let status = response.status.code
        let code: ObjectError.Code =
            switch status {
            case 404: .notFound
            case 401, 403: .denied
            case 408, 429, 500...: .unavailable
            default: .refused
            }
        let reason = [answer["Code"], answer["Message"]].compactMap { $0 }.joined(separator: ": ")
        let after = response.headers.first(name: "Retry-After").flatMap {
            RetryAfter.parse($0, now: WallClock.milliseconds / 1000)
        }
        return ObjectError(
            code, operation: call.operation, key: call.key,
            message: "status \(status)" + (reason.isEmpty ? "" : ": \(reason)"), retryAfter: after)
    }

    private static func amount(_ duration: Duration) -> TimeAmount {
        .nanoseconds(duration.components.seconds * 1_000_000_000 + duration.components.attoseconds / 1_000_000_000)
    }
}
