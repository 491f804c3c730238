import Durable
import MartletCore
import Service

/// `file_sd_configs`: target groups in JSON or YAML files, read again when a file changes.
package struct FileDiscovery: Sendable, Equatable {
    /// Paths; the last component may have wildcards.
    package let patterns: [String]

    /// Decodes one element of `file_sd_configs`; relative paths start from `directory`.
    init(_ node: ConfigNode, directory: String) throws {
        patterns = try node.mapping { keys in
            let files = try keys.required("files")
            keys.ignore("refresh_interval", because: "files are looked at every few seconds")
            return try files.strings().map { pattern in
                guard [".json", ".yml", ".yaml"].contains(where: pattern.hasSuffix) else {
                    throw files.error("\"\(pattern)\" must end in .json, .yml or .yaml")
                }
                return pattern.hasPrefix("/") ? pattern : FilePath.join(directory, pattern)
            }
        }
    }

    /// Discovery from these patterns.
    package init(patterns: [String]) {
        self.patterns = patterns
    }

    /// The files that the patterns match now, sorted.
    func files() -> [String] {
        Set(patterns.flatMap(FilePath.matches)).sorted()
    }

    /// Reads one file; each group gets the label `__meta_filepath`.
    static func read(_ path: String) throws -> [TargetGroup] {
        // JSON is YAML as far as target files go.
        let document = try ConfigDocument(path: path)
        return try document.root.list().map { node in
            var group = try TargetGroup(node, mayHaveURLs: true)
            group.labels["__meta_filepath"] = path
            return group
        }
    }
}
