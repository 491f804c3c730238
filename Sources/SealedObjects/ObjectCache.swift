package import Durable
import MartletCore
package import ObjectStorage
import Synchronization

/// What was read of objects, in files of the local disk that have as many bytes as the objects, and of them the pages that
/// were asked for.
///
/// When all pages are more than the limit, the files go that were not read for the longest; whoever reads one of them at
/// that moment goes on reading it. The directory is cleared at start. Reads block, within a bounded time.
package final class ObjectCache: Sendable {
    private struct Entry {
        let pages: ObjectPages
        var lastUse: Int
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var uses = 0
        /// Bytes of the pages of all entries.
        var bytes = 0
    }

    /// A fetch asks for so much at a time.
    private static let piece = 4 << 20
    /// Fetches at a time where several files are prepared.
    private static let width = 8

    private let directory: String
    private let store: any ObjectStore
    private let limit: Int
    private let patience: Duration
    private let fileSystem: any FileSystem
    private let state = Lock(State())
    private let fetched = Atomic<Int>(0)

    /// A cache in a directory, whose content from before is removed.
    ///
    /// - Parameters:
    ///   - limit: bytes on the local disk.
    ///   - patience: how long a read may wait for the bucket.
    package init(
        _ directory: String, store: any ObjectStore, limit: Int, patience: Duration = .seconds(20),
        on fileSystem: any FileSystem = DiskFileSystem()
    ) throws {
        self.directory = directory
        self.store = store
        self.limit = limit
        self.patience = patience
        self.fileSystem = fileSystem
        try fileSystem.removeTree(directory)
        try fileSystem.makeDirectories(directory)
    }

    /// Bytes on the local disk.
    package var byteCount: Int { state.withLock { $0.bytes } }
    /// Bytes fetched since the start.
    package var fetchedBytes: Int { fetched.load(ordering: .relaxed) }
    /// Objects of which something is here.
    package var objectCount: Int { state.withLock { $0.entries.count } }

    /// What errors call an object.
    func path(_ key: String) -> String { "\(store.label)/\(key)" }

    // MARK: Reading

    /// Reads bytes of an object, which are fetched where they are missing.
    func read(
        _ object: SealedObject, into buffer: UnsafeMutableRawBufferPointer, at offset: Int64
    ) throws(DurableError) -> Int {
        guard offset >= 0, offset < object.size, !buffer.isEmpty else { return 0 }
        let end = min(object.size, offset + Int64(buffer.count))
        let wanted = UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(end - offset)])
        while true {
            let pages = try pages(object.key, size: object.size)
            guard let file = try open(pages, of: object.key) else { continue }
            for run in pages.missing(offset..<end) { try fetch(object, run, into: pages, file) }
            evict(except: object.key)
            return try file.read(into: wanted, at: offset)
        }
    }

    /// What is here of an object, which may be nothing.
    private func pages(_ key: String, size: Int64) throws(DurableError) -> ObjectPages {
        let (found, number) = state.withLock { state -> (ObjectPages?, Int) in
            state.uses += 1
            state.entries[key]?.lastUse = state.uses
            return (state.entries[key]?.pages, state.uses)
        }
        if let found { return found }
        // A name of its own each time: what an eviction removes is not what is being made.
        let fresh = ObjectPages(FilePath.join(directory, "\(number)"), size: size)
        try fileSystem.open(fresh.path, .createNew).truncate(to: size)
        let known = state.withLock { state -> ObjectPages in
            if let other = state.entries[key] { return other.pages }
            state.entries[key] = Entry(pages: fresh, lastUse: number)
            return fresh
        }
        if known !== fresh { try fileSystem.unlink(fresh.path) }
        return known
    }

    /// Opens an object's file for the time of a read, so that it is no matter how many there are; nil, and the object
    /// forgotten, when it is not there any more.
    private func open(_ pages: ObjectPages, of key: String) throws(DurableError) -> (any File)? {
        do {
            return try fileSystem.open(pages.path, .readWrite)
        } catch  where error.code == .notFound {
            state.withLock { state in
                guard state.entries[key]?.pages === pages else { return }
                state.bytes -= pages.byteCount
                state.entries[key] = nil
            }
            return nil
        }
    }

    /// Fetches a run of missing bytes, piece by piece.
    private func fetch(
        _ object: SealedObject, _ run: Range<Int64>, into pages: ObjectPages, _ file: any File
    ) throws(DurableError) {
        var start = run.lowerBound
        while start < run.upperBound {
            let range = start..<min(start + Int64(Self.piece), run.upperBound)
            let bytes: [UInt8]
            do {
                let (store, patience) = (store, patience)
                bytes = try BlockingCall.run { try await Self.get(object.key, range, store, patience) }
            } catch {
                throw failure(object.key, range, error)
            }
            try take(bytes, of: object, at: range, into: pages, file)
            start = range.upperBound
        }
    }

    private static func get(
        _ key: String, _ range: Range<Int64>, _ store: any ObjectStore, _ patience: Duration
    ) async throws -> [UInt8] {
        try await withTimeLimit(patience) { try await store.get(key, range: range, limit: range.count) }
    }

    private func take(
        _ bytes: [UInt8], of object: SealedObject, at range: Range<Int64>, into pages: ObjectPages, _ file: any File
    ) throws(DurableError) {
        guard bytes.count == range.count else {
            throw DurableError(
                .corrupt, path: path(object.key), operation: "fetch", offset: range.lowerBound,
                message: "\(bytes.count) bytes came where \(range.count) were asked for")
        }
        // What comes in parts is checked by the checksums within it.
        if range == 0..<object.size {
            let checksum = bytes.withUnsafeBytes { CRC32C.checksum($0) }
            guard checksum == object.checksum else {
                throw DurableError(
                    .corrupt, path: path(object.key), operation: "fetch",
                    message: "the object is damaged: its CRC-32C is \(checksum), not \(object.checksum)")
            }
        }
        try file.write(bytes, at: range.lowerBound)
        fetched.wrappingAdd(bytes.count, ordering: .relaxed)
        state.withLock { state in
            let more = pages.note(range)
            // One that was evicted meanwhile counts no more.
            if state.entries[object.key]?.pages === pages { state.bytes += more }
        }
    }

    private func failure(_ key: String, _ range: Range<Int64>, _ error: any Error) -> DurableError {
        let reason =
            switch error {
            case let error as ObjectError where error.code == .notFound:
                "it is gone: what it had was merged or is past retention; try again"
            case let error as ObjectError where error.code == .cancelled: "not within \(patience)"
            case let error as ObjectError: error.message
            case is TimedOut, is CancellationError: "not within \(patience)"
            default: "\(error)"
            }
        let code: DurableError.Code = (error as? ObjectError)?.code == .notFound ? .notFound : .io
        return DurableError(code, path: path(key), operation: "fetch", offset: range.lowerBound, message: reason)
    }

    /// Fetches what is missing of ranges of objects, several at a time.
    func prepare(_ objects: [(file: CachedObject, range: Range<Int64>)]) throws(DurableError) {
        var wanted: [(object: SealedObject, range: Range<Int64>, pages: ObjectPages)] = []
        for (file, range) in objects {
            let object = file.object
            let pages = try pages(object.key, size: object.size)
            for run in pages.missing(range.clamped(to: 0..<object.size)) { wanted.append((object, run, pages)) }
        }
        for start in stride(from: 0, to: wanted.count, by: Self.width) {
            let group = wanted[start..<min(wanted.count, start + Self.width)]
            let (store, patience) = (store, patience)
            let requests = group.map { ($0.object.key, $0.range) }
            let answers = BlockingCall.wait {
                await withTaskGroup(of: (Int, Result<[UInt8], any Error>).self) { tasks in
                    for (place, (key, range)) in requests.enumerated() {
                        tasks.addTask {
                            do { return (place, .success(try await Self.get(key, range, store, patience))) } catch {
                                return (place, .failure(error))
                            }
                        }
                    }
                    var answers: [(Int, Result<[UInt8], any Error>)] = []
                    for await answer in tasks { answers.append(answer) }
                    return answers
                }
            }
            for (place, answer) in answers {
                let (object, range, pages) = group[group.startIndex + place]
                switch answer {
                case .success(let bytes):
                    guard let file = try open(pages, of: object.key) else { continue }
                    try take(bytes, of: object, at: range, into: pages, file)
                case .failure(let error): throw failure(object.key, range, error)
                }
            }
        }
        evict(except: nil)
    }

    // MARK: The limit

    private func evict(except key: String?) {
        let gone = state.withLock { state -> [ObjectPages] in
            var gone: [ObjectPages] = []
            guard state.bytes > limit else { return gone }
            for (name, entry) in state.entries.sorted(by: { $0.value.lastUse < $1.value.lastUse }) where name != key {
                // Some more than must go: the next ones need not sort again.
                if state.bytes <= limit - limit / 8 { break }
                state.bytes -= entry.pages.byteCount
                state.entries[name] = nil
                gone.append(entry.pages)
            }
            return gone
        }
        // What cannot be removed is cleared away at the next start.
        for pages in gone { try? fileSystem.unlink(pages.path) }
    }
}
