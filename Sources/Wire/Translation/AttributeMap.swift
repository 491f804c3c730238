/// Attributes while they are translated: in their order, each name once, the last value wins.
struct AttributeMap {
    /// Taken attributes leave a hole.
    private var slots: [OTLP.KeyValue?] = []
    /// Where a name is; empty while there are so few that looking at all of them is faster.
    private var index: [ByteString: Int] = [:]

    private static let fewest = 16

    init(_ pairs: [OTLP.KeyValue] = []) {
        slots.reserveCapacity(pairs.count)
        for pair in pairs { put(pair.key, pair.value) }
    }

    /// What is left, in order.
    var list: [OTLP.KeyValue] { slots.compactMap(\.self) }

    /// The value of `key`; nil when there is none.
    subscript(key: ByteString) -> OTLP.AnyValue? {
        place(key).flatMap { slots[$0]?.value }
    }

    /// The text of `key`; nil when there is none, empty when the value is no text.
    func text(_ key: ByteString) -> ByteString? {
        self[key].map { if case .string(let text) = $0 { text } else { ByteString() } }
    }

    /// Sets `key`, in its old place if it has one.
    mutating func put(_ key: ByteString, _ value: OTLP.AnyValue) {
        if let place = place(key) {
            slots[place] = OTLP.KeyValue(key: key, value: value)
            return
        }
        slots.append(OTLP.KeyValue(key: key, value: value))
        if !index.isEmpty {
            index[key] = slots.count - 1
        } else if slots.count > Self.fewest {
            for (place, pair) in slots.enumerated() { if let pair { index[pair.key] = place } }
        }
    }

    /// Removes `key` and gives its value; nil when there is none.
    mutating func take(_ key: ByteString) -> OTLP.AnyValue? {
        guard let place = place(key), let value = slots[place]?.value else { return nil }
        slots[place] = nil
        index[key] = nil
        return value
    }

    /// Removes `key` and gives its text; nil when there is none, empty when the value is no text.
    mutating func takeText(_ key: ByteString) -> ByteString? {
        take(key).map { if case .string(let text) = $0 { text } else { ByteString() } }
    }

    private func place(_ key: ByteString) -> Int? {
        if !index.isEmpty { return index[key] }
        return slots.firstIndex { $0?.key == key }
    }
}
