import MartletCore
import Yams

/// One value of a configuration file, with its place and the path of keys that leads to it.
///
/// Accessors throw a ``ConfigError`` at the value's position when the value has another type.
package struct ConfigNode {
    let node: Node
    /// Keys from the root: `scrape_configs[0].static_configs[1].targets`; empty for the root.
    package let path: String
    let file: String
    let notes: ConfigNotes
    /// True for the key of an entry, whose path is that of the value.
    private let isKey: Bool

    init(node: Node, path: String, file: String, notes: ConfigNotes, isKey: Bool = false) {
        self.isKey = isKey
        self.node = node
        self.path = path
        self.file = file
        self.notes = notes
    }

    // MARK: Shape

    /// True for `null`, `~` and nothing at all.
    package var isNull: Bool {
        guard case .scalar(let scalar) = node, scalar.style == .plain || scalar.style == .any else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    /// True for a plain or quoted value.
    package var isScalar: Bool {
        if case .scalar = node { return true }
        return false
    }

    /// True for a value in quotes or in a block, which is text whatever it looks like.
    package var isQuoted: Bool {
        guard case .scalar(let scalar) = node else { return false }
        return scalar.style != .plain && scalar.style != .any
    }

    /// True for a list.
    package var isList: Bool {
        if case .sequence = node { return true }
        return false
    }

    /// True for a mapping.
    package var isMapping: Bool {
        if case .mapping = node { return true }
        return false
    }

    /// Line from 1, 0 when unknown.
    package var line: Int { node.mark?.line ?? 0 }
    /// Column from 1, 0 when unknown.
    package var column: Int { node.mark?.column ?? 0 }

    // MARK: Scalars

    /// The text of any scalar, as it is written: `8080` and `true` are strings too, as in Go's YAML.
    package func string() throws(ConfigError) -> String {
        guard case .scalar(let scalar) = node else { throw mismatch("a string") }
        noteRead()
        return scalar.string
    }

    /// A value that is never shown.
    package func secret() throws(ConfigError) -> Secret {
        Secret(try string())
    }

    /// `true`/`false`, or YAML 1.1's `yes`/`no`/`on`/`off`.
    package func bool() throws(ConfigError) -> Bool {
        switch try plain("a boolean").lowercased() {
        case "true", "yes", "on", "y": return true
        case "false", "no", "off", "n": return false
        default: throw mismatch("a boolean (true or false)")
        }
    }

    /// A whole number, decimal, `0x…` or `0o…`, underscores allowed.
    package func int() throws(ConfigError) -> Int {
        var text = try plain("a whole number").filter { $0 != "_" }
        var radix = 10
        for (prefix, base) in [("0x", 16), ("0o", 8), ("0b", 2)] where text.hasPrefix(prefix) {
            text.removeFirst(2)
            radix = base
        }
        guard let value = Int(text, radix: radix) else { throw mismatch("a whole number") }
        return value
    }

    /// A number; `.inf` and `.nan` as YAML writes them.
    package func double() throws(ConfigError) -> Double {
        let text = try plain("a number").filter { $0 != "_" }
        switch text.lowercased() {
        case ".inf", "+.inf": return .infinity
        case "-.inf": return -.infinity
        case ".nan": return .nan
        default:
            guard let value = Double(text) else { throw mismatch("a number") }
            return value
        }
    }

    /// A size such as `512MB` or `4096`, in bytes.
    package func byteSize() throws(ConfigError) -> Int {
        guard let bytes = ByteSize.parse(try string()) else { throw mismatch("a size such as 512MB") }
        return bytes
    }

    /// A duration in Prometheus' syntax (`1m30s`, `2w`), in milliseconds.
    package func duration() throws(ConfigError) -> Int64 {
        try parse { try PrometheusDuration.parse($0) }
    }

    /// A duration in Go's syntax (`300ms`, `1h2m3.5s`), in nanoseconds.
    package func goDuration() throws(ConfigError) -> Int64 {
        try parse { try GoDuration.parse($0) }
    }

    /// A value of one of the given spellings.
    package func choice<Value: RawRepresentable & CaseIterable>(_: Value.Type = Value.self) throws(ConfigError) -> Value
    where Value.RawValue == String {
        let text = try string()
        guard let value = Value(rawValue: text) else {
            let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw error("\(subject) must be one of \(known), not \"\(text)\"")
        }
        return value
    }

    // MARK: Collections

    /// The values of a list; an absent or null list is empty.
    package func list() throws(ConfigError) -> [ConfigNode] {
        if isNull { return [] }
        guard case .sequence(let sequence) = node else { throw mismatch("a list") }
        noteRead()
        let values = sequence.enumerated().map { index, value in
            ConfigNode(node: value, path: "\(path)[\(index)]", file: file, notes: notes)
        }
        guard let survey = notes.survey else { return values }
        return values.filter { !survey.isMuted($0.path) }
    }

    /// A list of strings, or a single string for a list of one.
    package func strings() throws(ConfigError) -> [String] {
        if case .scalar = node, !isNull { return [try string()] }
        var result: [String] = []
        for value in try list() { result.append(try value.string()) }
        return result
    }

    /// A free mapping (labels, headers): keys with their values in the order of the file.
    package func entries() throws(ConfigError) -> [(key: ConfigNode, value: ConfigNode)] {
        let entries = try allEntries()
        guard let survey = notes.survey else { return entries }
        for entry in entries { survey.asked(entry.value.path) }
        return entries.filter { !survey.isMuted($0.value.path) }
    }

    /// The entries of a mapping whose keys are known.
    func allEntries() throws(ConfigError) -> [(key: ConfigNode, value: ConfigNode)] {
        if isNull { return [] }
        guard case .mapping(let mapping) = node else { throw mismatch("a mapping") }
        noteRead()
        var result: [(key: ConfigNode, value: ConfigNode)] = []
        for (key, value) in mapping {
            guard case .scalar(let scalar) = key else {
                throw ConfigNode(node: key, path: path, file: file, notes: notes).error("a key must be a string")
            }
            let child = path.isEmpty ? scalar.string : "\(path).\(scalar.string)"
            result.append(
                (
                    ConfigNode(node: key, path: child, file: file, notes: notes, isKey: true),
                    ConfigNode(node: value, path: child, file: file, notes: notes)
                ))
        }
        return result
    }

    /// A free mapping of strings, in the order of the file.
    package func stringPairs() throws(ConfigError) -> [(key: String, value: String)] {
        var result: [(key: String, value: String)] = []
        for entry in try entries() { result.append((try entry.key.string(), try entry.value.string())) }
        return result
    }

    /// Decodes a mapping with known keys: `body` reads what it knows, any other key is then an error.
    /// Null counts as an empty mapping.
    package func mapping<Result>(_ body: (inout ConfigMapping) throws -> Result) throws -> Result {
        var mapping = try ConfigMapping(self)
        let result = try body(&mapping)
        try mapping.finish()
        return result
    }

    /// Runs a parser on this value's text and puts whatever it throws at this value's position.
    package func parse<Result>(_ body: (String) throws -> Result) throws(ConfigError) -> Result {
        let text = try string()
        do {
            return try body(text)
        } catch let error as ConfigError {
            throw error
        } catch {
            throw self.error("\(subject): \(error)")
        }
    }

    // MARK: Errors

    /// An error at this value's position.
    package func error(_ message: String) -> ConfigError {
        let error = ConfigError(file: file, line: node.mark?.line, column: node.mark?.column, message: message)
        notes.survey?.made(error, at: path)
        return error
    }

    /// Records that this value is read but has no meaning here; see ``ConfigDocument/warnings``.
    package func warn(_ message: String) {
        warn(message, because: message)
    }

    /// As above; `reason` stands where the key is named beside it.
    func warn(_ message: String, because reason: String) {
        let error = error(message)
        notes.survey?.note(path, .withoutMeaning(reason), at: error)
        notes.add(error.description)
    }

    /// How messages name this value.
    var subject: String { path.isEmpty ? "the document" : path }

    private func plain(_ expected: String) throws(ConfigError) -> String {
        guard case .scalar(let scalar) = node else { throw mismatch(expected) }
        noteRead()
        return scalar.string
    }

    private func noteRead() {
        if !isKey { notes.survey?.read(path) }
    }

    private func mismatch(_ expected: String) -> ConfigError {
        let found =
            switch node {
            case .scalar(let scalar): scalar.string.isEmpty ? "nothing" : "\"\(scalar.string.prefix(60))\""
            case .mapping: "a mapping"
            case .sequence: "a list"
            case .alias: "an alias"
            }
        return error("\(subject) must be \(expected), not \(found)")
    }
}
