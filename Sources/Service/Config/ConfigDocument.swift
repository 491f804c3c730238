import MartletCore
import Yams

#if canImport(Glibc)
import Glibc
#endif

/// A YAML configuration file with the position of everything in it.
///
/// Duplicate keys are errors; so is a document that aliases blow up beyond ``nodeLimit``.
/// Decode with ``root``: ``ConfigNode/mapping(_:)`` reads the keys it knows and refuses the others.
package struct ConfigDocument {
    /// Largest file that is read, in bytes.
    package static let sizeLimit = 16 << 20
    /// Values that a document may have once every alias counts as what it stands for.
    package static let nodeLimit = 1_000_000
    /// Deepest nesting that is read.
    package static let depthLimit = 100

    /// The file as the user named it.
    package let file: String
    /// The top value; null for an empty file.
    package let root: ConfigNode

    private let notes: ConfigNotes

    /// Reads and parses a file.
    /// - Throws: ``ConfigError``
    package init(path: String) throws(ConfigError) {
        try self.init(text: Self.read(path), file: path)
    }

    /// Parses text.
    /// - Parameters:
    ///   - text: the YAML document.
    ///   - file: name for error messages.
    package init(text: String, file: String) throws(ConfigError) {
        try self.init(text: text, file: file, notes: ConfigNotes())
    }

    init(text: String, file: String, notes: ConfigNotes) throws(ConfigError) {
        self.file = file
        self.notes = notes
        let node: Node
        do {
            let parser = try Parser(yaml: text)
            node = try parser.singleRoot() ?? Node("", .implicit, .plain)
        } catch let error as YamlError {
            throw Self.positioned(error, file: file)
        } catch {
            throw ConfigError(file: file, message: "\(error)")
        }
        root = ConfigNode(node: node, path: "", file: file, notes: notes)
        var remaining = Self.nodeLimit
        try Self.measure(node, depth: 0, remaining: &remaining, file: file)
    }

    /// One line for each key that is read but has no meaning here, in the order of decoding.
    package var warnings: [String] { notes.all }

    /// The text of a file, as long as it may be.
    static func read(_ path: String) throws(ConfigError) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            throw ConfigError(
                file: path, message: "cannot read the configuration file: \(String(cString: strerror(errno)))")
        }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else {
                throw ConfigError(
                    file: path, message: "cannot read the configuration file: \(String(cString: strerror(errno)))")
            }
            if count == 0 { break }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= sizeLimit else {
                throw ConfigError(file: path, message: "the file is larger than \(ByteSize.format(sizeLimit))")
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ConfigError(file: path, message: "the file is not valid UTF-8")
        }
        return text
    }

    /// Walks the expanded tree; aliases share their nodes in memory, so only the walk shows a bomb.
    private static func measure(_ node: Node, depth: Int, remaining: inout Int, file: String) throws(ConfigError) {
        remaining -= 1
        guard remaining > 0 else {
            throw ConfigError(
                file: file, line: node.mark?.line, column: node.mark?.column,
                message: "the document has more than \(nodeLimit) values once its aliases are expanded")
        }
        guard depth < depthLimit else {
            throw ConfigError(
                file: file, line: node.mark?.line, column: node.mark?.column,
                message: "values are nested deeper than \(depthLimit) levels")
        }
        switch node {
        case .mapping(let mapping):
            for (key, value) in mapping {
                try measure(key, depth: depth + 1, remaining: &remaining, file: file)
                try measure(value, depth: depth + 1, remaining: &remaining, file: file)
            }
        case .sequence(let sequence):
            for value in sequence { try measure(value, depth: depth + 1, remaining: &remaining, file: file) }
        case .scalar, .alias:
            break
        }
    }

    private static func positioned(_ error: YamlError, file: String) -> ConfigError {
        func at(_ mark: Mark, _ message: String) -> ConfigError {
            ConfigError(file: file, line: mark.line, column: mark.column, message: message)
        }
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return at(mark, problem)
        case .duplicatedKeysInMapping(let duplicates, let context):
            return at(context.mark, "key \"\(duplicates.first ?? "")\" is given twice in the same mapping")
        case .reader(let problem, let offset, _, _):
            return ConfigError(file: file, message: problem + (offset.map { " at byte \($0)" } ?? ""))
        default:
            return ConfigError(file: file, message: "\(error)")
        }
    }
}

/// Warnings gathered while a document is decoded.
final class ConfigNotes: Sendable {
    private let lines = Lock<[String]>([])
    /// What is gathered beside them for a survey; nil when a server reads its configuration.
    let survey: SurveyNotes?

    init(survey: SurveyNotes? = nil) { self.survey = survey }

    var all: [String] { lines.withLock { $0 } }

    func add(_ line: String) {
        lines.withLock { $0.append(line) }
    }
}
