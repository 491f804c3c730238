import Durable
import MartletCore
import ObjectStorage
import Service

/// How files come into the bucket.
extension BucketWriter {
    static let stagingName = "uploading"

    /// Uploads files one after the other; what went wrong with the bucket before the end. A file that cannot be read is set
    /// aside, and keeps no other from being uploaded.
    func upload(_ batch: ArraySlice<Wanted>) async throws -> (any Error)? {
        guard !batch.isEmpty else { return nil }
        let generation = max(attempted, current.sequence) + 1
        let keys = batch.map { wanted in
            BucketKeys.object(
                tenant: wanted.tenant, signal: signal, arrival: wanted.file.span.arrivals.lowerBound,
                writer: state.writer, generation: generation, id: BucketKeys.random())
        }
        // Known on disk before any of them is in the bucket, so that none is forgotten there.
        var fresh = state
        fresh.pending += keys
        try await keep(fresh)
        for (wanted, key) in zip(batch, keys) {
            do {
                if let object = try await upload(wanted.file, as: key) {
                    unnamed.append((wanted.tenant, object))
                    continue
                }
            } catch let error as DurableError {
                hinder(error)
            } catch {
                // Those behind it are not on their way any more.
                let untouched = Set(keys.drop { $0 != key }.dropFirst())
                state.pending.removeAll { untouched.contains($0) }
                return error
            }
            // Nothing of it has left this disk.
            setAside.insert(wanted.file.path)
            state.pending.removeAll { $0 == key }
        }
        return nil
    }

    /// Uploads a file; nil when it is gone, since it was merged or is past retention. A `DurableError` comes before anything is in
    /// the bucket.
    private func upload(_ file: SealedFile, as key: String) async throws -> SealedObject? {
        let (fileSystem, staging) = (fileSystem, FilePath.join(directory, Self.stagingName))
        let staged = FilePath.join(staging, FilePath.name(of: file.path))
        let checksum: UInt32?
        do {
            checksum = try await blocking.run {
                // An upload that failed may have left something.
                try fileSystem.removeTree(staging)
                try fileSystem.makeDirectory(staging)
                // A name of its own: a merge may take the file's away at any time.
                try fileSystem.link(file.path, to: staged)
                return try Self.checksum(staged, size: file.size, on: fileSystem)
            }
        } catch let error as DurableError where error.code == .notFound {
            let isThere = try await blocking.run { try fileSystem.exists(file.path) }
            if isThere { throw error }
            return nil
        }
        guard let checksum else {
            throw DurableError(
                .corrupt, path: file.path, operation: "upload", message: "it has not the \(file.size) bytes that it had"
            )
        }
        try await bucket.put(key, file: staged)
        // One that stays goes before the next upload.
        _ = try? await blocking.run { try fileSystem.unlink(staged) }
        counts.withLock { counts in
            counts.uploaded += 1
            counts.uploadedBytes += file.size
            counts.pending -= 1
        }
        return SealedObject(key: key, size: file.size, checksum: checksum, span: file.span, times: file.times)
    }

    private static func checksum(
        _ path: String, size: Int64, on fileSystem: any FileSystem
    ) throws(DurableError) -> UInt32? {
        let file = try fileSystem.open(path, .read)
        var (offset, checksum): (Int64, UInt32) = (0, 0)
        while true {
            let bytes = try file.read(count: 1 << 20, at: offset)
            if bytes.isEmpty { return offset == size ? checksum : nil }
            checksum = bytes.withUnsafeBytes { CRC32C.checksum($0, seed: checksum) }
            offset += Int64(bytes.count)
        }
    }

    /// Writes what the writer knows of itself to the disk, then takes it up.
    func keep(_ fresh: WriterState) async throws {
        let (directory, fileSystem) = (directory, fileSystem)
        try await blocking.run { try fresh.publish(in: directory, on: fileSystem) }
        state = fresh
    }
}
