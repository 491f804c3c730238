import Durable
import MartletCore

extension MetricStore {
    /// Makes a copy of all data that stays as it is: hard links of the blocks and, unless `skipHead`, a block of what
    /// the head holds. Gives its name below `snapshots/`, in Prometheus' form.
    package func snapshot(nowMs: Int64, skipHead: Bool) throws -> String {
        let name = "\(StampedName.stamp(nowMs))-\(String(UInt64.random(in: 0 ... .max), radix: 16))"
        let target = FilePath.join(FilePath.join(path, "snapshots"), name)
        // No block comes or goes meanwhile.
        try maintenance.withLock { _ in
            try lock.check("take a snapshot of")
            try fileSystem.makeDirectories(target)
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

    /// Puts the files of a snapshot into a directory that is there: what a crash now would leave. All that was acknowledged
    /// before the call is in it, in blocks and in the log, out-of-order samples, exemplars and deletions too. Head chunks are
    /// not: the log has all that they have. Blocks on the disk.
    package func snapshot(to target: String) throws {
        try maintenance.withLock { _ in
            try lock.check("take a snapshot of")
            // A sample that comes late is in the one log and its series in the other: in this order no sample is without.
            let late = outOfOrderLog.existing
            if let late { try late.linkEnded(before: try late.cut(), to: FilePath.join(target, "wbl")) }
            let copy = FilePath.join(target, FilePath.name(of: log.directory))
            try log.linkEnded(before: try log.cut(), to: copy)
            for checkpoint in try CheckpointName.list(log.directory, on: fileSystem) {
                let name = CheckpointName.format(checkpoint)
                try LinkedCopy.make(
                    of: FilePath.join(log.directory, name), at: FilePath.join(copy, name), on: fileSystem)
            }
            for block in directory.blocks {
                try LinkedCopy.make(
                    of: block.directory, at: FilePath.join(target, block.meta.id.description), on: fileSystem)
            }
        }
        try fileSystem.syncDirectory(target)
    }
}
