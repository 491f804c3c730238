import Durable
import MartletCore

/// Checks the files of head chunks: that they follow each other, every checksum, and the samples of every chunk.
struct HeadChunkVerification {
    private let directory: String
    private let fileSystem: any FileSystem
    private var chunks = ChunkVerification()

    init(_ directory: String, on fileSystem: any FileSystem) {
        self.directory = directory
        self.fileSystem = fileSystem
    }

    mutating func run(
        _ counts: inout DirectoryVerification.Counts, report: (DirectoryVerification.Problem) -> Void
    ) {
        do throws(DurableError) {
            let names = try fileSystem.list(directory).filter { $0.utf8.allSatisfy { (48...57).contains($0) } }.sorted()
            let numbers = names.compactMap { Int($0) }
            for (number, next) in zip(numbers, numbers.dropFirst()) where next != number + 1 {
                report(.init(directory, "a file between \(number) and \(next) is missing"))
            }
            for name in names { try check(FilePath.join(directory, name), &counts, report) }
        } catch {
            report(.init(error))
        }
    }

    private mutating func check(
        _ path: String, _ counts: inout DirectoryVerification.Counts, _ report: (DirectoryVerification.Problem) -> Void
    ) throws(DurableError) {
        let file = try fileSystem.map(path)
        var chunks = chunks
        file.withBytes { bytes in
            let fault = HeadChunkFiles.walk(bytes) { chunk, data in
                counts.headChunks += 1
                let encoding = chunk.encoding & ~ChunkSlab.outOfOrder
                if let fault = chunks.fault(encoding, data, from: chunk.first, to: chunk.last) {
                    report(.init(path, "at offset \(chunk.offset): series \(chunk.series): \(fault)"))
                }
            }
            if let fault { report(.init(path, "at offset \(fault.offset): \(fault.reason)")) }
        }
        self.chunks = chunks
    }
}
