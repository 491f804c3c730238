import MartletCore

/// Brings label sets from outside into the canonical encoding, and finds out what is wrong with them.
struct LabelCheck {
    private struct Pair {
        let name: UnsafeRawBufferPointer
        let value: UnsafeRawBufferPointer
        let position: Int
    }

    private var pairs: [Pair] = []
    /// The canonical encoding of the last set that was sound.
    private(set) var canonical: [UInt8] = []

    /// Brings a flat encoding in any order into `canonical`; the reason when no series may have these labels. Labels with
    /// an empty value count as absent.
    mutating func take(_ labels: UnsafeRawBufferPointer) -> SampleRejection? {
        pairs.removeAll(keepingCapacity: true)
        var walk = LabelWalk(labels)
        while let (name, value) = walk.next() { pairs.append(Pair(name: name, value: value, position: pairs.count)) }
        pairs.sort { a, b in
            let order = Bytes.compare(a.name, b.name)
            return order == 0 ? a.position < b.position : order < 0
        }
        canonical.removeAll(keepingCapacity: true)
        var writer = ByteWriter(canonical)
        var hasName = false
        for (index, pair) in pairs.enumerated() {
            if index > 0, Bytes.equal(pairs[index - 1].name, pair.name) { return .duplicateLabel }
            if pair.value.isEmpty { continue }
            if pair.name.isEmpty { return .emptyLabelName }
            guard Bytes.isValidUTF8(pair.name), Bytes.isValidUTF8(pair.value) else { return .invalidUTF8 }
            if pair.name.elementsEqual(Labels.metricName.utf8) { hasName = true }
            writer.uvarintBytes(pair.name)
            writer.uvarintBytes(pair.value)
        }
        canonical = writer.bytes
        return hasName ? nil : .noMetricName
    }
}
