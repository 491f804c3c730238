package import Durable
package import LogQL
package import Logging
import MartletCore

/// What tenants asked to be deleted. Answers leave these lines out from the moment that a request is stored, which is before
/// it is acknowledged, until they are gone from wherever answers come from: then the request is processed, and stays for who
/// asks for it.
///
/// Each tenant has a file `deletes/<tenant>.json`, replaced as a whole. All calls that change something block.
package final class DeleteRequests: Sendable {
    private struct Entry {
        var request: DeleteRequest
        let deletion: LogDeletion
        /// Whether its lines are gone from the disk, though not from everywhere. A new process looks again.
        var isPurged = false
    }

    /// Requests of one tenant; each that is not processed costs every query something.
    static let maxPerTenant = 1000
    /// Bytes that they take: all are written again with each change.
    static let maxBytes = 4 << 20
    private static let fileLimit = 64 << 20
    /// Requests that a line of the log names.
    private static let mostTold = 10

    private static let directoryName = "deletes"

    private let directory: String
    private let fileSystem: any FileSystem
    private let logger: Logger
    private let maxTenants: Int
    private let tenants = Lock<[String: [Entry]]>([:])
    /// One change at a time, file and memory together.
    private let changes = Lock(())

    /// Opens the requests below a data directory, of at most `maxTenants` tenants. What cannot be read is an error: lines that
    /// were to be gone would come back.
    package init(_ storage: String, maxTenants: Int = 1000, fileSystem: any FileSystem, logger: Logger) throws {
        self.maxTenants = maxTenants
        directory = FilePath.join(storage, Self.directoryName)
        self.fileSystem = fileSystem
        self.logger = logger
        guard try fileSystem.exists(directory) else { return }
        var found: [String: [Entry]] = [:]
        for name in try fileSystem.list(directory) where name.hasSuffix(".json") {
            let path = FilePath.join(directory, name)
            let json = try JSONValue(parsing: try fileSystem.read(path, limit: Self.fileLimit))
            found[String(name.dropLast(5))] = try (json.array ?? []).map { item in
                guard let request = DeleteRequest(item) else {
                    throw LogQueryError(.storage, "\(path) holds something that is no delete request")
                }
                return Entry(request: request, deletion: try request.deletion())
            }
        }
        let all = found.filter { !$0.value.isEmpty }
        tenants.withLock { $0 = all }
    }

    /// Puts second names of the files into a directory that is there, laid out as the data directory. Blocks.
    package func snapshot(to target: String) throws(DurableError) {
        try changes.withLock { (_) throws(DurableError) in
            guard try fileSystem.exists(directory) else { return }
            try LinkedCopy.make(of: directory, at: FilePath.join(target, Self.directoryName), on: fileSystem) {
                $0.hasSuffix(".json")
            }
        }
    }

    /// What a tenant's answers must leave out.
    func deletions(_ tenant: String) -> [LogDeletion] {
        tenants.withLock { $0[tenant] ?? [] }.filter { !$0.request.isProcessed }.map(\.deletion)
    }

    /// A tenant's requests, oldest first.
    func requests(_ tenant: String) -> [DeleteRequest] { tenants.withLock { $0[tenant] ?? [] }.map(\.request) }

    /// All requests, by tenant.
    var all: [String: [DeleteRequest]] { tenants.withLock { $0.mapValues { $0.map(\.request) } } }

    /// How many requests a tenant has.
    package func count(tenant: String) -> Int { tenants.withLock { $0[tenant]?.count ?? 0 } }

    /// What came of adding a request.
    enum Added {
        case added
        /// The tenant has as many as it may have.
        case tooMany
        /// Other tenants have some, as many as may be kept.
        case tooManyTenants(limit: Int)
    }

    /// Stores a request, which means the lines of `deletion`; it holds from now on.
    func add(_ request: DeleteRequest, _ deletion: LogDeletion, tenant: String) throws -> Added {
        let entry = Entry(request: request, deletion: deletion)
        return try changes.withLock { _ in
            var (entries, others) = tenants.withLock { ($0[tenant] ?? [], $0.count) }
            // Names of tenants are the clients' choice.
            guard !entries.isEmpty || others < maxTenants else { return .tooManyTenants(limit: maxTenants) }
            // What is done makes place.
            if entries.count >= Self.maxPerTenant, let done = entries.firstIndex(where: \.request.isProcessed) {
                entries.remove(at: done)
            }
            entries.append(entry)
            guard entries.count <= Self.maxPerTenant, Self.json(entries).count <= Self.maxBytes else { return .tooMany }
            try store(entries, tenant)
            return .added
        }
    }

    /// Takes a request back; its lines are there again.
    func cancel(_ id: String, tenant: String) throws {
        try changes.withLock { _ in
            let entries = tenants.withLock { $0[tenant] ?? [] }
            try store(entries.filter { $0.request.id != id }, tenant)
        }
    }

    /// Forgets requests about times before `milliseconds` of which nothing is stored any more. Lines are kept for a
    /// time from when they came, which may be long after their own: `oldestTime` gives the earliest time of a tenant's
    /// lines in nanoseconds, nil when it has none.
    package func forget(before milliseconds: Int64, oldestTime: (_ tenant: String) -> Int64?) {
        for (tenant, entries) in tenants.withLock({ $0 })
        where entries.contains(where: { $0.request.end < milliseconds }) {
            let oldest = oldestTime(tenant) ?? .max
            let isOver = { (entry: Entry) in entry.request.end < milliseconds && entry.deletion.end < oldest }
            guard entries.contains(where: isOver) else { continue }
            do {
                try changes.withLock { _ in
                    let entries = tenants.withLock { $0[tenant] ?? [] }
                    try store(entries.filter { !isOver($0) }, tenant)
                }
            } catch {
                logger.warning(
                    "cannot forget old delete requests; it will be tried again",
                    metadata: ["tenant": "\(tenant)", "error": "\(error)"])
            }
        }
    }

    /// Has the lines of requests that were made before `milliseconds` removed from the disk: `purge` does it for a tenant,
    /// and says whether they are all gone. Requests are processed when nothing is elsewhere, either, that may have such lines.
    package func process(
        createdBefore milliseconds: Int64, _ purge: (_ tenant: String, [LogDeletion]) throws -> Bool,
        isElsewhere: (_ tenant: String) -> (LogDeletion) -> Bool = { _ in { _ in false } }
    ) {
        for (tenant, entries) in tenants.withLock({ $0 }) {
            let due = entries.filter { !$0.request.isProcessed && $0.request.created < milliseconds }
            do {
                var purged = due.filter(\.isPurged)
                let others = due.filter { !$0.isPurged }
                if !others.isEmpty, try purge(tenant, others.map(\.deletion)) {
                    purged += others
                    notePurged(Set(others.map(\.request.id)), tenant)
                }
                guard !purged.isEmpty else { continue }
                let isElsewhere = isElsewhere(tenant)
                let ids = Set(purged.filter { !isElsewhere($0.deletion) }.map(\.request.id))
                guard !ids.isEmpty else { continue }
                try changes.withLock { _ in
                    var entries = tenants.withLock { $0[tenant] ?? [] }
                    for place in entries.indices where ids.contains(entries[place].request.id) {
                        entries[place].request.isProcessed = true
                    }
                    try store(entries, tenant)
                }
                logger.notice(
                    "deleted lines are gone",
                    metadata: [
                        "tenant": "\(tenant)", "count": "\(ids.count)",
                        "requests": "\(ids.sorted().prefix(Self.mostTold))",
                    ])
            } catch {
                logger.warning(
                    "cannot remove deleted lines from the disk; it will be tried again",
                    metadata: ["tenant": "\(tenant)", "error": "\(error)"])
            }
        }
    }

    private func notePurged(_ ids: Set<String>, _ tenant: String) {
        changes.withLock { _ in
            tenants.withLock { tenants in
                guard var entries = tenants[tenant] else { return }
                for place in entries.indices where ids.contains(entries[place].request.id) {
                    entries[place].isPurged = true
                }
                tenants[tenant] = entries
            }
        }
    }

    private static func json(_ entries: [Entry]) -> [UInt8] { JSONValue.array(entries.map(\.request.json)).bytes }

    private func store(_ entries: [Entry], _ tenant: String) throws {
        let path = FilePath.join(directory, tenant + ".json")
        try fileSystem.makeDirectories(directory)
        try AtomicFile.publish(path, Self.json(entries), on: fileSystem)
        tenants.withLock { $0[tenant] = entries.isEmpty ? nil : entries }
        // Should its name come back after a power loss, there is nothing in it.
        if entries.isEmpty { try fileSystem.unlink(path) }
    }
}
