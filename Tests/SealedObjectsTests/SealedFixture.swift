import Durable
import Logging
import MartletCore
import ObjectStorage
import SealedObjects
import Service
import Testing

/// A store whose sealed files are written down by a test.
final class FixtureStore: SealedStore {
    private let directory: String
    private let tenants = Lock<[String: [SealedFile]]>([:])
    private let gone = Lock<[String: [SealedSpan]]>([:])

    init(_ directory: String) throws {
        self.directory = directory
        try DiskFileSystem().makeDirectories(directory)
    }

    /// Seconds in nanoseconds.
    static func nanoseconds(_ seconds: Int64) -> Int64 { seconds * 1_000_000_000 }

    /// Seals a file for segments of a tenant whose records arrived within some seconds; their own times are the same unless
    /// they are given.
    func seal(
        _ tenant: String, _ segments: ClosedRange<Int>, revision: Int = 0, seconds: ClosedRange<Int64>,
        times: ClosedRange<Int64>? = nil, _ bytes: [UInt8]
    ) throws {
        let path = FilePath.join(directory, "\(tenant)-\(segments.lowerBound)-\(segments.upperBound).\(revision)")
        try AtomicFile.publish(path, bytes)
        let arrivals = Self.nanoseconds(seconds.lowerBound)...Self.nanoseconds(seconds.upperBound)
        let file = SealedFile(
            path: path, size: Int64(bytes.count),
            span: SealedSpan(segments: segments, arrivals: arrivals, revision: revision),
            times: times.map { Self.nanoseconds($0.lowerBound)...Self.nanoseconds($0.upperBound) } ?? arrivals)
        tenants.withLock { tenants in
            tenants[tenant, default: []].append(file)
            tenants[tenant]?.sort { $0.span.segments.lowerBound < $1.span.segments.lowerBound }
        }
    }

    /// Takes files away, as a merge or retention does.
    func drop(_ tenant: String, _ segments: ClosedRange<Int>) throws {
        let gone = tenants.withLock { tenants in
            let gone = (tenants[tenant] ?? []).filter {
                segments.contains($0.span.segments.lowerBound) && segments.contains($0.span.segments.upperBound)
            }
            tenants[tenant]?.removeAll { gone.contains($0) }
            return gone
        }
        for file in gone { try DiskFileSystem().unlink(file.path) }
    }

    /// Takes files away of which nothing is left.
    func lose(_ tenant: String, _ segments: ClosedRange<Int>) throws {
        let spans = sealed(now: 0)[tenant]?.files.map(\.span).filter { $0.segments == segments } ?? []
        gone.withLock { $0[tenant, default: []] += spans }
        try drop(tenant, segments)
    }

    func sealed(now: Int64) -> [String: SealedState] {
        let gone = gone.withLock { $0 }
        return tenants.withLock { tenants in
            Dictionary(
                uniqueKeysWithValues: tenants.map { name, files in
                    (name, SealedState(files: files, sealedUntil: now, gone: gone[name] ?? []))
                })
        }
    }

    func forget(_ spans: [SealedSpan], tenant: String) {
        gone.withLock { gone in gone[tenant]?.removeAll { spans.contains($0) } }
    }

    func removeLocally(_ files: [SealedFile], tenant: String) throws {
        tenants.withLock { $0[tenant]?.removeAll { files.contains($0) } }
        for file in files { try DiskFileSystem().unlink(file.path) }
    }

    /// Segments that are on the disk.
    func segments(_ tenant: String) -> [ClosedRange<Int>] {
        tenants.withLock { $0[tenant]?.map(\.span.segments) ?? [] }
    }
}

/// An object store that goes out of order when a test says so.
final class FaultyStore: ObjectStore {
    enum Fault: Sendable {
        /// Everything fails from the call of this number on.
        case after(Int)
        /// Calls for names that begin so fail.
        case prefix(String)
        /// Calls of a kind for names that begin so fail.
        case operation(String, prefix: String)
        /// Calls never end, but by cancellation.
        case hang
    }

    private let base: any ObjectStore
    private let state = Lock<(fault: Fault?, calls: Int, log: [String])>((nil, 0, []))
    private let interruption = Lock<(@Sendable () throws -> Void)?>(nil)

    init(_ base: any ObjectStore) { self.base = base }

    var label: String { "faulty" }

    /// Has calls fail from now on; none with nil.
    func set(_ fault: Fault?) { state.withLock { $0 = (fault, 0, []) } }

    /// Has something happen once, while a file is being uploaded.
    func interrupt(_ body: @escaping @Sendable () throws -> Void) { interruption.withLock { $0 = body } }

    /// Calls since the fault was set.
    var calls: [String] { state.withLock { $0.log } }

    private func check(_ operation: String, _ key: String) async throws(ObjectError) {
        let fault = state.withLock { state in
            state.calls += 1
            state.log.append("\(operation) \(key)")
            switch state.fault {
            case .after(let number) where state.calls <= number: return Fault?.none
            case .prefix(let prefix) where !key.hasPrefix(prefix): return nil
            case .operation(let kind, let prefix) where kind != operation || !key.hasPrefix(prefix): return nil
            default: return state.fault
            }
        }
        guard let fault else { return }
        if case .hang = fault {
            // Ends with the task.
            try? await Task.sleep(for: .seconds(3600))
            throw ObjectError(.cancelled, operation: operation, key: key, message: "cancelled")
        }
        throw ObjectError(.unavailable, operation: operation, key: key, message: "out of order")
    }

    func list(prefix: String) async throws(ObjectError) -> [ObjectInfo] {
        try await check("list", prefix)
        return try await base.list(prefix: prefix)
    }

    func get(_ key: String, range: Range<Int64>?, limit: Int) async throws(ObjectError) -> [UInt8] {
        try await check("get", key)
        return try await base.get(key, range: range, limit: limit)
    }

    func put(_ key: String, _ bytes: [UInt8]) async throws(ObjectError) {
        try await check("put", key)
        try await base.put(key, bytes)
    }

    func put(_ key: String, file path: String) async throws(ObjectError) {
        try await check("put", key)
        let interruption = interruption.withLock { interruption in
            defer { interruption = nil }
            return interruption
        }
        do { try interruption?() } catch {
            throw ObjectError(.unavailable, operation: "put", key: key, message: "interrupted: \(error)")
        }
        try await base.put(key, file: path)
    }

    func delete(_ key: String) async throws(ObjectError) {
        try await check("delete", key)
        try await base.delete(key)
    }
}

/// A bucket in a directory, what writes to it and what reads it.
struct SealedFixture {
    let directory: TemporaryDirectory
    let pool = BlockingPool(threads: 2)
    let bucket: FaultyStore
    let store: FixtureStore
    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init() throws {
        directory = try TemporaryDirectory("sealed")
        bucket = FaultyStore(DirectoryObjectStore(directory.file("bucket"), blocking: pool))
        store = try FixtureStore(directory.file("store"))
    }

    func reader(
        _ name: String = "reader", cache: Int = 1 << 30, patience: Duration = .seconds(20)
    ) throws -> BucketReader {
        BucketReader(
            bucket, signal: "logs",
            cache: try ObjectCache(directory.file("cache-\(name)"), store: bucket, limit: cache, patience: patience),
            interval: .seconds(30), logger: Self.quiet)
    }

    /// A writer as a start of the process makes it, on the directory of the one before.
    func writer(
        _ reader: BucketReader? = nil, in name: String = "writer",
        _ change: (inout BucketWriter.Options) -> Void = { _ in }
    ) throws -> BucketWriter {
        var options = BucketWriter.Options()
        options.grace = .seconds(100)
        change(&options)
        return try BucketWriter(
            store, signal: "logs", to: bucket, reader: try reader ?? self.reader("own"),
            directory: directory.file(name),
            options: options, blocking: pool, logger: Self.quiet)
    }

    /// Names of all objects but manifests.
    func objects() async throws -> [String] {
        try await bucket.list(prefix: "").map(\.key).filter { !$0.hasPrefix("~manifests/") }
    }

    /// The content of what a reader finds of a tenant, by the first segment.
    func contents(_ reader: BucketReader, _ tenant: String = "a") async throws -> [Int: [UInt8]] {
        try await pool.run {
            var found: [Int: [UInt8]] = [:]
            for file in try reader.files(of: tenant, overlapping: .min ... .max, beside: []) {
                #expect(found[file.span.segments.lowerBound] == nil)
                found[file.span.segments.lowerBound] = try file.file.read(count: Int(file.size), at: 0)
            }
            return found
        }
    }
}
