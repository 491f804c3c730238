import Durable
import MartletCore
import PromQL
import Rules
import Service

/// Rules that are written over HTTP: a file in Prometheus' format for each namespace, under `--rules.path`.
final class WrittenRules: Sendable {
    private static let suffix = ".yml"

    private let directory: String
    private let options: Parser.Options
    /// One change at a time: each reads a file and writes it again.
    private let changes = Lock(())

    init(directory: String, options: Parser.Options) {
        self.directory = directory
        self.options = options
    }

    /// The files there are, sorted.
    func files() -> [String] { FilePath.matches(FilePath.join(directory, "*" + Self.suffix)) }

    /// The groups of a namespace as YAML texts by name; empty when there is no such namespace.
    func groups(_ namespace: String) throws -> [(name: String, yaml: String)] {
        let path = try path(namespace)
        guard try DiskFileSystem().exists(path) else { return [] }
        let document = try ConfigDocument(path: path)
        return try document.root.mapping { try $0.list("groups") }.map { node in
            let name = try node.entries().first { try $0.key.string() == "name" }?.value.string() ?? ""
            return (name, try node.yaml())
        }
    }

    /// All namespaces, sorted.
    func namespaces() -> [String] {
        files().compactMap { Self.decoded(String(FilePath.name(of: $0).dropLast(Self.suffix.count))) }.sorted()
    }

    /// Adds a group to a namespace, or replaces the one of its name. `RuleFileError` or `ConfigError` when it is wrong.
    func put(_ namespace: String, _ yaml: String) throws {
        let document = try ConfigDocument(text: yaml, file: "the rule group")
        let group = try RuleFile.group(document, options: options)
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
    func remove(_ namespace: String, _ group: String?) throws -> Bool {
        try changes.withLock { _ in
            let groups = try groups(namespace)
            let kept = group.map { name in groups.filter { $0.name != name } } ?? []
            guard kept.count < groups.count else { return false }
            try write(namespace, kept)
            return true
        }
    }

    /// The groups as a YAML list, `indent` blanks in.
    static func list(_ groups: [(name: String, yaml: String)], indent: Int) -> String {
        let margin = String(repeating: " ", count: indent)
        var text = ""
        for group in groups {
            var isFirst = true
            for line in group.yaml.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
                text += line.isEmpty ? "\n" : margin + (isFirst ? "- " : "  ") + line + "\n"
                isFirst = false
            }
        }
        return text
    }

    private func write(_ namespace: String, _ groups: [(name: String, yaml: String)]) throws {
        let path = try path(namespace)
        guard !groups.isEmpty else { return try DiskFileSystem().unlink(path) }
        try DiskFileSystem().makeDirectories(directory)
        try AtomicFile.publish(path, Array(("groups:\n" + Self.list(groups, indent: 2)).utf8))
    }

    private func path(_ namespace: String) throws(APIError) -> String {
        let name = Self.encoded(namespace)
        guard !namespace.isEmpty, name.utf8.count <= 200 else {
            throw .badData("the namespace is empty or longer than its file's name may be")
        }
        return FilePath.join(directory, name + Self.suffix)
    }

    // MARK: File names

    /// Letters, digits, `-` and `_` as they are, all else as `%XX`.
    private static func encoded(_ namespace: String) -> String {
        var name = ""
        for byte in namespace.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                name.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                name += "%" + (digits.utf8.count == 1 ? "0" : "") + digits
            }
        }
        return name
    }

    private static func decoded(_ name: String) -> String? {
        var bytes: [UInt8] = []
        var rest = name.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
