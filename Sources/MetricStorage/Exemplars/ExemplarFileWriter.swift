import Durable
import MartletCore

/// Writes the exemplars of a block, series by series (see `ExemplarFile`). The file is made with the first.
struct ExemplarFileWriter {
    private let path: String
    private let fileSystem: any FileSystem
    private var file: SequentialFile?
    private var table = ByteWriter()
    private var groups: UInt32 = 0
    private var first = Int64.max
    private var last = Int64.min

    /// A writer of the file in a block's directory.
    init(_ directory: String, on fileSystem: any FileSystem) {
        path = FilePath.join(directory, ExemplarFile.fileName)
        self.fileSystem = fileSystem
    }

    /// Adds the exemplars of a series, at least one and by time. Series come ascending.
    mutating func add(_ series: UInt32, _ exemplars: [StoredExemplar]) throws(DurableError) {
        var output: SequentialFile
        if let file {
            output = file
        } else {
            output = try SequentialFile(path, on: fileSystem)
            try output.append(ExemplarFile.header)
        }
        // Moved, not copied, while it is written to.
        file = nil
        table.u32BE(series)
        table.u64BE(UInt64(output.count))
        groups += 1
        var group = ByteWriter()
        group.uvarint(UInt64(exemplars.count))
        var time: Int64 = 0
        for exemplar in exemplars {
            group.varint(exemplar.time &- time)
            group.u64BE(exemplar.value)
            exemplar.labels.withUnsafeBytes { group.uvarintBytes($0) }
            time = exemplar.time
            first = min(first, time)
            last = max(last, time)
        }
        group.u32BE(group.bytes.withUnsafeBytes { CRC32C.checksum($0) })
        try output.append(group.bytes)
        file = output
    }

    /// Completes the file and syncs it, if there is one.
    mutating func finish() throws(DurableError) {
        guard var output = file else { return }
        file = nil
        let start = UInt64(output.count)
        table.u64BE(start)
        table.u32BE(groups)
        table.u64BE(UInt64(bitPattern: first))
        table.u64BE(UInt64(bitPattern: last))
        table.u32BE(table.bytes.withUnsafeBytes { CRC32C.checksum($0) })
        try output.append(table.bytes)
        try output.finish()
    }
}
