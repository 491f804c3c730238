/// Changes a label set: sets and removes labels, then builds a new canonical one.
package struct LabelsBuilder: Sendable {
    private struct Pair {
        var name: [UInt8]
        var value: [UInt8]
    }

    /// Sorted by name, names unique, no empty values.
    private var pairs: [Pair] = []

    /// Starts from a label set.
    package init(_ base: Labels = Labels()) {
        base.forEach { name, value in pairs.append(Pair(name: [UInt8](name), value: [UInt8](value))) }
    }

    /// Forgets everything and starts from `base`; keeps its storage.
    package mutating func reset(to base: Labels = Labels()) {
        pairs.removeAll(keepingCapacity: true)
        base.forEach { name, value in pairs.append(Pair(name: [UInt8](name), value: [UInt8](value))) }
    }

    /// Sets a label; an empty value removes it.
    package mutating func set(_ name: String, _ value: String) {
        Bytes.of(name) { nameBytes in Bytes.of(value) { setBytes(nameBytes, $0) } }
    }

    /// Sets a label; an empty value removes it.
    package mutating func setBytes(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        let (index, found) = position(of: name)
        if value.isEmpty {
            if found { pairs.remove(at: index) }
        } else if found {
            pairs[index].value = [UInt8](value)
        } else {
            pairs.insert(Pair(name: [UInt8](name), value: [UInt8](value)), at: index)
        }
    }

    /// Removes a label if it is there.
    package mutating func remove(_ name: String) {
        let (index, found) = Bytes.of(name) { position(of: $0) }
        if found { pairs.remove(at: index) }
    }

    /// Removes a label if it is there.
    package mutating func removeBytes(_ name: UnsafeRawBufferPointer) {
        let (index, found) = position(of: name)
        if found { pairs.remove(at: index) }
    }

    /// Keeps only the labels whose name passes.
    package mutating func filter(_ keep: (UnsafeRawBufferPointer) -> Bool) {
        pairs.removeAll { pair in !pair.name.withUnsafeBytes(keep) }
    }

    /// The value of a label, or nil.
    package subscript(name: String) -> String? {
        let (index, found) = Bytes.of(name) { position(of: $0) }
        return found ? String(decoding: pairs[index].value, as: UTF8.self) : nil
    }

    /// True when there is no pair.
    package var isEmpty: Bool { pairs.isEmpty }

    /// The canonical label set.
    package func build() -> Labels {
        var size = 0
        for pair in pairs { size += pair.name.count + pair.value.count + 4 }
        var writer = ByteWriter()
        writer.bytes.reserveCapacity(size)
        for pair in pairs {
            writer.uvarint(UInt64(pair.name.count))
            writer.append(pair.name)
            writer.uvarint(UInt64(pair.value.count))
            writer.append(pair.value)
        }
        return Labels(canonicalBytes: writer.bytes)
    }

    private func position(of name: UnsafeRawBufferPointer) -> (index: Int, found: Bool) {
        var low = 0
        var high = pairs.count
        while low < high {
            let middle = (low + high) / 2
            let order = pairs[middle].name.withUnsafeBytes { Bytes.compare($0, name) }
            if order == 0 { return (middle, true) }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return (low, false)
    }
}
