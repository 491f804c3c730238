import Durable
import MartletCore
import MetricStorage
import ObjectStorage
import Synchronization

/// Fetches pages of a block's chunk segments into files that are mapped for reading. A page is fetched once.
final class BucketChunks: ChunkSource {
    private static let pageSize = 64 << 10
    /// Pages between wanted ones that are fetched with them: cheaper than another request.
    private static let gap = 4
    /// Pages of one request.
    private static let run = 64
    private static let requests = 8

    private let block: BucketBlock
    private let files: [any File]
    private let store: any ObjectStore
    /// Which pages of each segment are there.
    private let present: Lock<[[Bool]]>
    private let fetched = Atomic<Int>(0)

    /// The chunks of a block; `files` are its segments, of the right size and without bytes.
    init(_ block: BucketBlock, files: [any File], store: any ObjectStore) {
        self.block = block
        self.files = files
        self.store = store
        present = Lock(
            block.segmentSizes.map { size in
                [Bool](repeating: false, count: Int((size + Int64(Self.pageSize) - 1) / Int64(Self.pageSize)))
            })
    }

    /// Bytes fetched so far.
    var byteCount: Int { fetched.load(ordering: .relaxed) }

    /// Fetches the beginning of each segment, which opening the block looks at: then that need not wait on its thread.
    func prepare() async throws {
        for segment in files.indices where block.segmentSizes[segment] > 0 { try await fetch(segment, [0..<1]) }
    }

    func load(_ segment: Int, _ ranges: [Range<Int>]) throws(DurableError) {
        let runs = missing(segment, ranges)
        guard !runs.isEmpty else { return }
        do {
            try BlockingCall.run { try await self.fetch(segment, runs) }
        } catch let error as DurableError {
            throw error
        } catch {
            throw DurableError(.io, path: "\(store.label)/\(name(segment))", operation: "fetch", message: "\(error)")
        }
    }

    private func name(_ segment: Int) -> String {
        BucketBlock.key(block.meta.id, BucketBlock.segmentFile(segment))
    }

    /// Fetches runs of pages of a segment, some at a time.
    private func fetch(_ segment: Int, _ runs: [Range<Int>]) async throws {
        let (name, file, store) = (name(segment), files[segment], store)
        let size = Int(block.segmentSizes[segment])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, pages) in runs.enumerated() {
                if index >= Self.requests { try await group.next() }
                group.addTask {
                    let start = pages.lowerBound * Self.pageSize
                    let end = min(pages.upperBound * Self.pageSize, size)
                    let bytes = try await store.get(name, range: Int64(start)..<Int64(end), limit: end - start)
                    try file.write(bytes, at: Int64(start))
                }
            }
            try await group.waitForAll()
        }
        present.withLock { present in
            for pages in runs { for page in pages { present[segment][page] = true } }
        }
        fetched.wrappingAdd(runs.reduce(0) { $0 + $1.count } * Self.pageSize, ordering: .relaxed)
    }

    /// Runs of pages that are wanted and not there.
    private func missing(_ segment: Int, _ ranges: [Range<Int>]) -> [Range<Int>] {
        present.withLock { present in
            guard segment < present.count else { return [] }
            let count = present[segment].count
            var wanted: Set<Int> = []
            for range in ranges where range.lowerBound >= 0 && !range.isEmpty {
                let last = min((range.upperBound - 1) / Self.pageSize, count - 1)
                for page in stride(from: range.lowerBound / Self.pageSize, through: last, by: 1)
                where !present[segment][page] { wanted.insert(page) }
            }
            var runs: [Range<Int>] = []
            for page in wanted.sorted() {
                if let last = runs.last, page - last.upperBound <= Self.gap, page - last.lowerBound < Self.run {
                    runs[runs.count - 1] = last.lowerBound..<page + 1
                } else {
                    runs.append(page..<page + 1)
                }
            }
            return runs
        }
    }
}
