import Durable

extension DB {
    /// Writes what this database holds into the new file `destination`, densely and without free pages, in commits of
    /// about `batchBytes`. The new file is complete when this returns; on an error it is of no use and may be removed.
    package func compact(to destination: String, batchBytes: Int = 4 << 20) throws {
        var options = Options(fileSystem: fileSystemForCopies)
        options.pageSize = stats.pageSize
        guard try !fileSystemForCopies.exists(destination) else {
            throw BoltError(.io, "the destination exists", path: destination)
        }
        let target = try DB(destination, options: options)
        try view { tx in
            var batch = Batch(target: target, limit: batchBytes)
            try batch.collect(tx.rootBucket, path: [])
            try batch.flush()
        }
    }

    /// Copies gathered for one commit: bucket path, key and value, in key order.
    private struct Batch {
        private enum Step {
            case bucket(path: [[UInt8]], sequence: UInt64)
            case pair(path: [[UInt8]], key: [UInt8], value: [UInt8])
        }

        let target: DB
        let limit: Int
        private var steps: [Step] = []
        private var bytes = 0

        init(target: DB, limit: Int) {
            self.target = target
            self.limit = limit
        }

        mutating func collect(_ bucket: Bucket, path: [[UInt8]]) throws {
            var cursor = bucket.cursor()
            var entry = try cursor.first()
            while let current = entry {
                if let value = current.value {
                    bytes += current.key.count + value.count
                    steps.append(.pair(path: path, key: current.key, value: value))
                } else if let child = try bucket.bucket(current.key) {
                    steps.append(.bucket(path: path + [current.key], sequence: child.sequence))
                    try collect(child, path: path + [current.key])
                }
                if bytes >= limit { try flush() }
                entry = try cursor.next()
            }
        }

        mutating func flush() throws {
            try target.update { tx in
                for step in steps {
                    switch step {
                    case .bucket(let path, let sequence):
                        try bucket(path, in: tx).setSequence(sequence)
                    case .pair(let path, let key, let value):
                        try bucket(path, in: tx).put(key, value)
                    }
                }
            }
            steps = []
            bytes = 0
        }

        private func bucket(_ path: [[UInt8]], in tx: Tx) throws -> Bucket {
            var bucket = tx.rootBucket
            for name in path { bucket = try bucket.createBucketIfNotExists(name) }
            bucket.fillPercent = 0.9
            return bucket
        }
    }
}
