import Durable
import Logging
import MartletCore

/// The blocks of a data directory, open for reading.
///
/// A directory whose block is damaged is renamed to `<id>.damaged` and left out; the others stay readable.
final class BlockDirectory: Sendable {
    private static let damagedSuffix = ".damaged"
    private static let deletionSuffix = ".tmp-for-deletion"

    let path: String
    let fileSystem: any FileSystem
    private let logger: Logger
    private let opened = Lock<[Block]>([])

    /// Clears away what writers left unfinished, and opens all blocks.
    init(_ path: String, logger: Logger, on fileSystem: any FileSystem) throws(DurableError) {
        self.path = path
        self.logger = logger
        self.fileSystem = fileSystem
        for name in try fileSystem.list(path) {
            let isLeftOver = [BlockWriter.temporarySuffix, Self.deletionSuffix].contains { name.hasSuffix($0) }
            if isLeftOver { remove(FilePath.join(path, name)) }
        }
        try load(settingAside: true)
        let blocks = blocks
        if !blocks.isEmpty {
            logger.info(
                "blocks opened",
                metadata: [
                    "blocks": "\(blocks.count)", "from": "\(TimestampMs(blocks.first?.meta.minTime ?? 0))",
                    "to": "\(TimestampMs(end))",
                ])
        }
    }

    /// All blocks, by time.
    var blocks: [Block] { opened.withLock { $0 } }

    /// The time up to which the blocks have all samples, and from which on the head takes over; the minimum without
    /// blocks. Prometheus' rule: the latest end of all blocks but those of out-of-order samples.
    var end: Int64 {
        blocks.map(\.meta).filter { !$0.isOutOfOrder }.map(\.maxTime).max() ?? .min
    }

    /// Opens the blocks that somebody put into the directory. One that cannot be opened may still be on its way and is
    /// tried again the next time.
    func reload() throws(DurableError) { try load(settingAside: false) }

    /// Opens the blocks that are not open, and removes those that others replace.
    private func load(settingAside: Bool) throws(DurableError) {
        let known = Set(blocks.map(\.meta.id))
        var found: [Block] = []
        for id in try fileSystem.list(path).compactMap(BlockID.init) where !known.contains(id) {
            if let block = try open(id, settingAside: settingAside) { found.append(block) }
        }
        guard !found.isEmpty else { return }
        let all = blocks + found
        let replaced = Set(all.flatMap(\.meta.parents).map(\.id))
        try replace(all.filter { replaced.contains($0.meta.id) || $0.meta.deletable }, with: found)
    }

    /// Opens a block that was just published.
    func add(_ id: BlockID) throws(DurableError) { try replace([], with: id) }

    /// Takes a published block in the place of others, for queries all at once, and removes those.
    func replace(_ old: [Block], with id: BlockID?) throws(DurableError) {
        var fresh: [Block] = []
        if let id { fresh.append(try Block(FilePath.join(path, id.description), on: fileSystem)) }
        try replace(old, with: fresh)
    }

    private func replace(_ old: [Block], with fresh: [Block]) throws(DurableError) {
        let gone = Set(old.map(\.meta.id))
        opened.withLock { blocks in
            let all = (blocks + fresh).filter { !gone.contains($0.meta.id) }
            blocks = all.sorted {
                let (a, b) = ($0.meta, $1.meta)
                return (a.minTime, a.maxTime, a.id) < (b.minTime, b.maxTime, b.id)
            }
        }
        for block in old {
            // Under another name first, so that no half of a block is ever found under its own.
            let doomed = block.directory + Self.deletionSuffix
            do throws(DurableError) {
                try fileSystem.rename(block.directory, to: doomed)
                try fileSystem.syncDirectory(path)
            } catch {
                // Nobody reads it any more; the next reload finds that others replace it, and tries again.
                logger.error("a block cannot be removed", metadata: ["block": "\(block.meta.id)", "error": "\(error)"])
                continue
            }
            remove(doomed)
        }
    }

    /// Removes what nobody looks at; a failure costs disk only, and the next start tries again.
    private func remove(_ path: String) {
        do throws(DurableError) {
            try fileSystem.removeTree(path)
        } catch {
            logger.warning("leftovers cannot be removed", metadata: ["path": "\(path)", "error": "\(error)"])
        }
    }

    /// Opens a block; nil when it is damaged or not complete, which is reported.
    private func open(_ id: BlockID, settingAside: Bool) throws(DurableError) -> Block? {
        let directory = FilePath.join(path, id.description)
        do throws(DurableError) {
            return try Block(directory, on: fileSystem)
        } catch {
            let isDamaged = error.code == .corrupt || error.code == .notFound || error.code == .tooLarge
            if settingAside, !isDamaged { throw error }
            guard settingAside else {
                logger.warning("a block cannot be opened", metadata: ["block": "\(id)", "error": "\(error)"])
                return nil
            }
            let aside = directory + Self.damagedSuffix
            try fileSystem.removeTree(aside)
            try fileSystem.rename(directory, to: aside)
            try fileSystem.syncDirectory(path)
            logger.error(
                "a block is damaged: it was set aside, its samples are missing from answers",
                metadata: ["block": "\(id)", "kept_as": "\(aside)", "error": "\(error)"])
            return nil
        }
    }
}
