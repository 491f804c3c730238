import Crypto
import Durable
import MartletCore
import Service

#if canImport(Glibc)
import Glibc
#endif

/// Files that a program writes for its user and leaves alone once the user has changed them.
///
/// `.generated` beside them remembers the SHA-256 of what was written last, one `digest name` per line.
package struct GeneratedFiles {
    private let directory: String
    private static let ledger = ".generated"

    /// What became of one file.
    package enum Outcome: Equatable {
        /// New, or new content over what was written before.
        case written
        /// Already what it should be.
        case unchanged
        /// The user's own version stays.
        case kept
    }

    /// - Parameter directory: where the files are; it must exist.
    package init(directory: String) {
        self.directory = directory
    }

    /// Writes each file unless the user has changed it since the last time.
    package func publish(_ files: [(name: String, text: String)]) throws -> [String: Outcome] {
        var known: [String: String] = [:]
        for line in (read(Self.ledger) ?? "").split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1)
            if parts.count == 2 { known[String(parts[1])] = String(parts[0]) }
        }
        var outcomes: [String: Outcome] = [:]
        for file in files {
            let present = read(file.name)
            if let present, present == file.text {
                known[file.name] = digest(file.text)
                outcomes[file.name] = .unchanged
            } else if let present, known[file.name] != digest(present) {
                outcomes[file.name] = .kept
            } else {
                try AtomicFile.publish(directory + "/" + file.name, Array(file.text.utf8))
                known[file.name] = digest(file.text)
                outcomes[file.name] = .written
            }
        }
        let ledger = known.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)\n" }.joined()
        if ledger != read(Self.ledger) {
            try AtomicFile.publish(directory + "/" + Self.ledger, Array(ledger.utf8))
        }
        return outcomes
    }

    private func read(_ name: String) -> String? {
        SmallFile.read(directory + "/" + name, limit: 16 << 20)
    }

    private func digest(_ text: String) -> String {
        Hex.text(SHA256.hash(data: Array(text.utf8)))
    }
}
