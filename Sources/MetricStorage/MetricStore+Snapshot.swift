import Durable
import MartletCore

extension MetricStore {
    /// Makes a copy of all data that stays as it is: hard links of the blocks and, unless `skipHead`, a block of what
    /// the head holds. Gives its name below `snapshots/`, in Prometheus' form.
    package func snapshot(nowMs: Int64, skipHead: Bool) throws -> String {
        let name = "\(Self.stamp(nowMs))-\(String(UInt64.random(in: 0 ... .max), radix: 16))"
        let target = FilePath.join(FilePath.join(path, "snapshots"), name)
        try fileSystem.makeDirectories(target)
        // No block comes or goes meanwhile.
        try maintenance.withLock { _ in
            for block in directory.blocks {
                try LinkedCopy.make(
                    of: block.directory, at: FilePath.join(target, block.meta.id.description), on: fileSystem)
            }
            guard !skipHead else { return }
            let (start, end) = head.withLock { (max($0.head.oldest, $0.head.minTime), $0.head.maxTime) }
            guard start <= end else { return }
            let meta = BlockMeta(id: newBlockID(nowMs), times: start..<end)
            var cut = HeadCut(head, start...end)
            _ = try cut.write(meta, in: target, on: fileSystem)
        }
        try fileSystem.syncDirectory(target)
        return name
    }

    /// `20060102T150405Z`.
    private static func stamp(_ nowMs: Int64) -> String {
        RFC3339.format(unixNanoseconds: nowMs / 1000 * 1_000_000_000).filter { $0 != "-" && $0 != ":" }
    }
}
