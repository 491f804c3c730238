/// Rebuilds what a disk may hold after the power went: everything that a sync covers, and of the rest any part.
///
/// Of the operations before the point of loss, those followed by a sync of their file or directory are there. Each
/// other one is there, missing, or (a write) torn: some of its 512-byte sectors arrived, and the file may or may not
/// have grown by those that did not. Since any subset may be there, every reordering by the disk is covered.
package struct PowerLoss: Sendable {
    /// Which of the unsynced operations reached the disk.
    package enum Outcome: Sendable, Hashable {
        /// None of them.
        case nothing
        /// All of them.
        case everything
        /// A choice made by a generator with this seed.
        case random(seed: UInt64)
    }

    /// Place in the journal (see `RecordingFileSystem.position`): operations from there on never happened.
    package let position: Int
    /// Which of the unsynced operations reached the disk.
    package let outcome: Outcome

    /// A power loss at a place in the journal.
    package init(at position: Int, _ outcome: Outcome) {
        self.position = position
        self.outcome = outcome
    }

    /// Every sync point of the recording with both extremes and `seeds` random outcomes.
    package static func all(of recording: RecordingFileSystem, seeds: Int) -> [PowerLoss] {
        recording.syncPoints.flatMap { point in
            [PowerLoss(at: point, .nothing), PowerLoss(at: point, .everything)]
                + (0..<seeds).map { PowerLoss(at: point, .random(seed: UInt64(point) << 16 | UInt64($0))) }
        }
    }

    /// Writes the surviving files and directories into `directory`, which must exist and be empty.
    package func rebuild(_ recording: RecordingFileSystem, into directory: String) throws(DurableError) {
        let (operations, initialTree, initialContents) = recording.journal.withLock {
            (Array($0.operations.prefix(position)), $0.initial.knowingDirectories(of: $0.tree), $0.initialContents)
        }
        var tree = initialTree
        var contents = initialContents
        var random = SplitMix64(seed: seed)
        for (operation, safe) in zip(operations, Self.safety(of: operations)) {
            let fate: Fate = safe ? .arrives : fate(of: operation, &random)
            apply(operation, fate, &tree, &contents, &random)
        }
        try write(RecordedTree.root, tree, contents, into: directory)
    }

    private enum Fate { case arrives, lost, torn }

    private var seed: UInt64 {
        if case .random(let seed) = outcome { seed } else { 0 }
    }

    /// For each operation whether a later sync made it safe.
    private static func safety(of operations: [RecordedOperation]) -> [Bool] {
        var synced: Set<Int> = []
        var safe = [Bool](repeating: false, count: operations.count)
        for index in operations.indices.reversed() {
            if case .sync(let node) = operations[index] { synced.insert(node) }
            safe[index] = operations[index].savedBySyncOf.contains(where: synced.contains)
        }
        return safe
    }

    private func fate(of operation: RecordedOperation, _ random: inout SplitMix64) -> Fate {
        switch outcome {
        case .nothing: return .lost
        case .everything: return .arrives
        case .random:
            let draw = random.next() % 3
            if draw == 2, case .write = operation { return .torn }
            return draw == 0 ? .lost : .arrives
        }
    }

    private func apply(
        _ operation: RecordedOperation, _ fate: Fate, _ tree: inout RecordedTree, _ contents: inout [Int: [UInt8]],
        _ random: inout SplitMix64
    ) {
        guard fate != .lost else { return }
        switch operation {
        case .write(let inode, let offset, let bytes):
            Self.write(bytes, at: Int(offset), torn: fate == .torn, to: &contents[inode, default: []], &random)
        case .truncate(let inode, let size):
            var content = contents[inode] ?? []
            let size = Int(size)
            if content.count > size { content.removeLast(content.count - size) }
            content += Array(repeating: 0, count: max(0, size - content.count))
            contents[inode] = content
        default:
            tree.apply(operation)
        }
    }

    private static func write(
        _ bytes: [UInt8], at offset: Int, torn: Bool, to content: inout [UInt8], _ random: inout SplitMix64
    ) {
        let growsAnyway = torn && random.next() % 2 == 0
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, ((offset + start) / 512 + 1) * 512 - offset)
            if !torn || random.next() % 2 == 0 {
                grow(&content, to: offset + end)
                content.replaceSubrange(offset + start..<offset + end, with: bytes[start..<end])
            } else if growsAnyway {
                grow(&content, to: offset + end)
            }
            start = end
        }
    }

    private static func grow(_ content: inout [UInt8], to size: Int) {
        if content.count < size { content += Array(repeating: 0, count: size - content.count) }
    }

    private func write(
        _ node: Int, _ tree: RecordedTree, _ contents: [Int: [UInt8]], into directory: String
    ) throws(DurableError) {
        let disk = DiskFileSystem()
        for (name, child) in tree.directories[node] ?? [:] {
            let path = FilePath.join(directory, name)
            if tree.directories[child] != nil {
                try disk.makeDirectory(path)
                try write(child, tree, contents, into: path)
            } else {
                try disk.open(path, .createNew).write(contents[child] ?? [], at: 0)
            }
        }
    }
}
