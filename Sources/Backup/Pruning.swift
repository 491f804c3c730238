import Durable
import ObjectStorage
import Service

/// Ends old backups, and removes contents that no backup names any more.
///
/// Nothing is removed while a backup runs, since that may count on what is there. One that began a grace ago and has not ended
/// is taken for dead: its note goes first, and without the note it does not become a backup.
package struct Pruning: Sendable {
    /// When a backup or a removal that has not ended is taken for dead, in milliseconds.
    package static let graceMs: Int64 = 86_400_000

    /// What was done, or would be.
    package struct Outcome: Sendable, Equatable {
        /// Ids of the backups that went.
        package var backups: [String] = []
        /// Backups that stay.
        package var kept = 0
        /// Objects that went, and their bytes.
        package var objects = 0
        package var bytes: Int64 = 0
        /// The backup that runs, because of which objects stay.
        package var waitsFor: String?
    }

    let repository: Repository
    /// Newest backups of each store that stay.
    let keep: Int
    let graceMs: Int64
    let isDryRun: Bool

    /// Removal that keeps the newest `keep` backups of each store, and takes a backup for dead that began `graceMs` milliseconds
    /// ago and has not ended. A dry run only tells what it would do.
    package init(repository: Repository, keep: Int, graceMs: Int64 = Pruning.graceMs, isDryRun: Bool = false) {
        self.repository = repository
        self.keep = keep
        self.graceMs = graceMs
        self.isDryRun = isDryRun
    }

    /// The backups that stay of all there are: of each store the newest.
    package static func kept(_ manifests: [BackupManifest], keep: Int) -> Set<String> {
        var kept: Set<String> = []
        for store in StoreName.allCases {
            let having = manifests.filter { $0.content(of: store) != nil }.map(\.id).sorted()
            kept.formUnion(having.suffix(keep))
        }
        return kept
    }

    /// Prunes. A damaged manifest is an error: what it names is not known.
    package func run(nowMs: Int64) async throws -> Outcome {
        let id = StampedName.make(nowMs)
        if isDryRun { return try await prune(nowMs) }
        try await repository.begin(.pruning, id)
        do {
            let outcome = try await prune(nowMs)
            try await repository.end(.pruning, id)
            return outcome
        } catch {
            let repository = repository
            await Task { try? await repository.end(.pruning, id) }.value
            throw error
        }
    }

    private func prune(_ nowMs: Int64) async throws -> Outcome {
        var outcome = Outcome()
        // After the own note: a backup that begins now sees it, or is seen here.
        for activity in try await repository.activities(.running) {
            if nowMs - activity.beganMs < graceMs {
                outcome.waitsFor = activity.id
            } else if !isDryRun {
                try await repository.end(.running, activity.id)
            }
        }
        var manifests: [BackupManifest] = []
        for id in try await repository.backups() {
            // Lists of files are many times as large as all the rest.
            manifests.append(try await repository.manifest(id).withoutFiles)
        }
        let kept = Self.kept(manifests, keep: keep)
        outcome.kept = kept.count
        outcome.backups = manifests.map(\.id).filter { !kept.contains($0) }
        if !isDryRun { for id in outcome.backups { try await repository.remove(backup: id) } }
        guard outcome.waitsFor == nil else { return outcome }
        var named: Set<String> = []
        for id in kept.sorted() {
            for content in try await repository.manifest(id).stores {
                named.formUnion(content.files.lazy.map(\.digest))
            }
        }
        for (digest, size) in try await repository.contents() where !named.contains(digest) {
            if !isDryRun { try await repository.store.delete(Repository.key(of: digest)) }
            outcome.objects += 1
            outcome.bytes += size
        }
        return outcome
    }
}
