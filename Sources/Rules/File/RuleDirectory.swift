import Durable
import MartletCore
import Service

/// A directory of rule files in Prometheus' format, one for each namespace, whose groups are read and written over HTTP.
package final class RuleDirectory: Sendable {
    private let directory: String
    /// At the end of every file's name. Without one every file counts, its name as it is.
    private let suffix: String
    private let language: any RuleLanguage
    /// One change at a time: each reads a file and writes it again.
    private let changes = Lock(())

    /// The files of a directory that end in `suffix`. It need not be there before something is written.
    package init(_ directory: String, suffix: String, language: any RuleLanguage) {
        self.directory = directory
        self.suffix = suffix
        self.language = language
    }

    /// The files there are, sorted: neither hidden ones nor what editors and unfinished writes leave behind. None where
    /// there is no directory; a name that cannot be looked at is an error, as its rules would be gone.
    package func files() throws -> [String] {
        let disk = DiskFileSystem()
        guard try disk.exists(directory) else { return [] }
        return try disk.list(directory).filter { name in
            name.hasSuffix(suffix) && !name.hasPrefix(".") && !name.hasSuffix("~")
                && !name.hasSuffix(AtomicFile.temporarySuffix)
        }.map { FilePath.join(directory, $0) }.filter { try !disk.isDirectory($0) }
    }

    /// The namespace of one of the files.
    package func namespace(of file: String) -> String? {
        QueryParameters.decoded(name: String(FilePath.name(of: file).dropLast(suffix.count)))
    }

    /// The groups of a namespace as YAML texts by name; empty when there is no such namespace.
    package func groups(_ namespace: String) throws -> [(name: String, yaml: String)] {
        let path = try path(namespace)
        guard try DiskFileSystem().exists(path) else { return [] }
        return try Self.groups(in: path)
    }

    private static func groups(in path: String) throws -> [(name: String, yaml: String)] {
        let document = try ConfigDocument(path: path)
        return try document.root.mapping { try $0.list("groups") }.map { node in
            let name = try node.entries().first { try $0.key.string() == "name" }?.value.string() ?? ""
            return (name, try node.yaml())
        }
    }

    /// All namespaces, sorted, each with its groups as `groups` gives them. Lists the directory once.
    package func all() throws -> [(namespace: String, groups: [(name: String, yaml: String)])] {
        // Of several files that name one namespace the first is it.
        let paths = Dictionary(try files().compactMap { file in namespace(of: file).map { ($0, file) } }) { first, _ in
            first
        }
        return try paths.sorted { $0.key < $1.key }.map { ($0.key, try Self.groups(in: $0.value)) }
    }

    /// Adds a group to a namespace, or replaces the one of its name. `RuleFileError` or `ConfigError` when it is wrong, or
    /// what `check` throws.
    package func put(
        _ namespace: String, _ yaml: String, check: (RuleGroupDefinition) throws -> Void = { _ in }
    ) throws {
        let document = try ConfigDocument(text: yaml, file: "the rule group")
        let group = try RuleFile.group(document, language: language)
        try check(group)
        let text = try document.root.yaml()
        try changes.withLock { _ in
            var groups = try groups(namespace)
            if let index = groups.firstIndex(where: { $0.name == group.name }) {
                groups[index].yaml = text
            } else {
                groups.append((group.name, text))
            }
            try write(namespace, groups)
        }
    }

    /// Removes a group, or all of a namespace; false when there is none.
    package func remove(_ namespace: String, _ group: String?) throws -> Bool {
        try changes.withLock { _ in
            let groups = try groups(namespace)
            let kept = group.map { name in groups.filter { $0.name != name } } ?? []
            guard kept.count < groups.count else { return false }
            try write(namespace, kept)
            return true
        }
    }

    /// A namespace with its groups as an entry of a YAML mapping.
    package static func yaml(_ namespace: String, _ groups: [(name: String, yaml: String)]) -> String {
        "\(GoQuote.quote(namespace)):\n" + list(groups)
    }

    /// The groups as a YAML list.
    private static func list(_ groups: [(name: String, yaml: String)]) -> String {
        var text = ""
        for group in groups {
            var isFirst = true
            for line in group.yaml.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
                text += line.isEmpty ? "\n" : "  " + (isFirst ? "- " : "  ") + line + "\n"
                isFirst = false
            }
        }
        return text
    }

    private func write(_ namespace: String, _ groups: [(name: String, yaml: String)]) throws {
        let path = try path(namespace)
        guard !groups.isEmpty else { return try DiskFileSystem().unlink(path) }
        try DiskFileSystem().makeDirectories(directory)
        try AtomicFile.publish(path, Array(("groups:\n" + Self.list(groups)).utf8))
    }

    /// The file of a namespace: the one that somebody has named so, or the one that is written.
    private func path(_ namespace: String) throws -> String {
        if let file = try files().first(where: { self.namespace(of: $0) == namespace }) { return file }
        let name = encoded(namespace)
        guard !namespace.isEmpty, name.utf8.count <= 200 else {
            throw RuleFileError(["the namespace is empty or longer than its file's name may be"])
        }
        return FilePath.join(directory, name + suffix)
    }

    // MARK: File names

    /// Letters, digits, `-` and `_` as they are, all else as `%XX`. Where there is no suffix dots stay as well, since names
    /// have extensions, except where they would hide the file.
    private func encoded(_ namespace: String) -> String {
        let keepsDots =
            suffix.isEmpty && !namespace.hasPrefix(".") && !namespace.hasSuffix(AtomicFile.temporarySuffix)
        return PercentEncoding.encode(namespace) { byte in
            switch byte {
            case UInt8(ascii: "."): keepsDots
            case UInt8(ascii: "~"): false
            default: PercentEncoding.isUnreserved(byte)
            }
        }
    }
}
