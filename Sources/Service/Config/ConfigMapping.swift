import MartletCore
import Yams

/// The keys of one mapping while they are decoded; whatever was not asked for is an error in the end.
///
/// A key that is absent or null reads as nil.
package struct ConfigMapping {
    /// The mapping itself, for errors at its position.
    package let node: ConfigNode
    private var values: [String: ConfigNode] = [:]
    private var order: [String] = []
    private var keys: [String: ConfigNode] = [:]
    private var known: Set<String> = []

    init(_ node: ConfigNode) throws(ConfigError) {
        self.node = node
        for entry in try node.allEntries() {
            let name = try entry.key.string()
            values[name] = entry.value
            keys[name] = entry.key
            order.append(name)
        }
    }

    // MARK: Reading

    /// The value of `key`, nil when absent or null.
    package mutating func value(_ key: String) -> ConfigNode? {
        known.insert(key)
        guard let value = values[key], !isMuted(value) else { return nil }
        node.notes.survey?.asked(value.path)
        return value.isNull ? nil : value
    }

    /// True when the key is written, even with null.
    package mutating func has(_ key: String) -> Bool {
        known.insert(key)
        return values[key].map { !isMuted($0) } ?? false
    }

    private func isMuted(_ value: ConfigNode) -> Bool { node.notes.survey?.isMuted(value.path) ?? false }

    /// The value of `key`; its absence is an error.
    package mutating func required(_ key: String) throws(ConfigError) -> ConfigNode {
        guard let value = value(key) else {
            if let muted = values[key], isMuted(muted) { node.notes.survey?.willFollow(node.path) }
            throw node.error("\(node.path.isEmpty ? "the document" : node.path) needs the key \"\(key)\"")
        }
        return value
    }

    /// Text of any scalar.
    package mutating func string(_ key: String) throws(ConfigError) -> String? { try value(key)?.string() }
    /// A value that is never shown.
    package mutating func secret(_ key: String) throws(ConfigError) -> Secret? { try value(key)?.secret() }
    /// A boolean.
    package mutating func bool(_ key: String) throws(ConfigError) -> Bool? { try value(key)?.bool() }
    /// A whole number.
    package mutating func int(_ key: String) throws(ConfigError) -> Int? { try value(key)?.int() }
    /// A number.
    package mutating func double(_ key: String) throws(ConfigError) -> Double? { try value(key)?.double() }
    /// A size in bytes.
    package mutating func byteSize(_ key: String) throws(ConfigError) -> Int? { try value(key)?.byteSize() }
    /// The values of a list; empty when absent.
    package mutating func list(_ key: String) throws(ConfigError) -> [ConfigNode] { try value(key)?.list() ?? [] }
    /// A list of strings, or one string; empty when absent.
    package mutating func strings(_ key: String) throws(ConfigError) -> [String] { try value(key)?.strings() ?? [] }
    /// A free mapping of strings; empty when absent.
    package mutating func stringPairs(_ key: String) throws(ConfigError) -> [(key: String, value: String)] {
        try value(key)?.stringPairs() ?? []
    }

    /// A duration in Prometheus' syntax (`1m30s`, `2w`), in milliseconds.
    package mutating func duration(_ key: String) throws(ConfigError) -> Int64? { try value(key)?.duration() }

    /// One of the spellings of an enumeration.
    package mutating func choice<Value: RawRepresentable & CaseIterable>(
        _ key: String, _ type: Value.Type = Value.self
    ) throws(ConfigError) -> Value? where Value.RawValue == String {
        try value(key)?.choice(type)
    }

    /// A nested mapping with known keys; nil when absent.
    package mutating func mapping<Result>(
        _ key: String, _ body: (inout ConfigMapping) throws -> Result
    ) throws -> Result? {
        try value(key)?.mapping(body)
    }

    /// A list of mappings with known keys; empty when absent.
    package mutating func mappings<Result>(
        _ key: String, _ body: (inout ConfigMapping) throws -> Result
    ) throws -> [Result] {
        try list(key).map { try $0.mapping(body) }
    }

    // MARK: Keys without effect

    /// Accepts a real key that has no meaning here; one warning when it is written.
    package mutating func ignore(_ key: String, because reason: String) {
        known.insert(key)
        guard let name = keys[key] else { return }
        name.warn("\(name.path) has no effect: \(reason)", because: reason)
    }

    /// Refuses a real key that would change results or safety and is not supported.
    package mutating func unsupported(_ key: String, because reason: String) throws(ConfigError) {
        known.insert(key)
        guard let name = keys[key] else { return }
        let error = name.error("\(name.path) is not supported: \(reason)")
        guard let survey = node.notes.survey else { throw error }
        survey.note(name.path, .unsupported(reason), at: error)
    }

    /// Every key not asked for so far, with its value; they count as known from now on.
    package mutating func rest() -> [(key: String, value: ConfigNode)] {
        let left = order.filter { !known.contains($0) }
        known.formUnion(left)
        return left.compactMap { key in values[key].map { (key, $0) } }
    }

    /// Throws for the first key that nobody asked for.
    package func finish() throws(ConfigError) {
        for stranger in order where !known.contains(stranger) {
            guard let key = keys[stranger] else { continue }
            let place = node.path.isEmpty ? "" : " in \(node.path)"
            let hint = Spelling.closest(to: stranger, among: known).map { " (did you mean \"\($0)\"?)" } ?? ""
            let error = key.error("unknown key \"\(stranger)\"\(place)\(hint)")
            guard let survey = node.notes.survey else { throw error }
            survey.note(key.path, .unknown("no such key\(hint)"), at: error)
        }
    }
}
