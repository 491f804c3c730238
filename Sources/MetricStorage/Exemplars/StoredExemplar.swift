import MartletCore

/// An exemplar as ring and files have it.
struct StoredExemplar: Hashable {
    /// Milliseconds since the epoch.
    let time: Int64
    /// Bits of the value.
    let value: UInt64
    /// Canonical encoding of its own labels.
    let labels: [UInt8]

    /// The same for a query.
    var exemplar: Exemplar {
        Exemplar(labels: Labels(canonicalBytes: labels), value: Double(bitPattern: value), timeMs: time)
    }

    /// By time, then by value and labels; each once.
    static func sorted(_ exemplars: [StoredExemplar]) -> [StoredExemplar] {
        let sorted = exemplars.sorted { a, b in
            if a.time != b.time { return a.time < b.time }
            return a.value == b.value ? a.labels.lexicographicallyPrecedes(b.labels) : a.value < b.value
        }
        return sorted.indices.filter { $0 == 0 || sorted[$0] != sorted[$0 - 1] }.map { sorted[$0] }
    }
}
