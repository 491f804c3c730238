package import MartletCore

extension Labels {
    /// The label set of `ranges` over `buffer`: sorted, empty values dropped; of equal names the later wins. Ranges that
    /// already ascend, as every well-behaved sender has them, are copied straight into the canonical form.
    package init(_ ranges: ArraySlice<LabelRange>, in buffer: UnsafeRawBufferPointer) {
        var size = 0
        var isCanonical = true
        var previous: UnsafeRawBufferPointer?
        for label in ranges {
            let name = label.name.bytes(in: buffer)
            if label.value.isEmpty { isCanonical = false }
            if let previous, Bytes.compare(previous, name) >= 0 { isCanonical = false }
            previous = name
            size += name.count + Int(label.value.count) + 6
        }
        guard isCanonical else {
            var builder = LabelsBuilder()
            for label in ranges { builder.setBytes(label.name.bytes(in: buffer), label.value.bytes(in: buffer)) }
            self = builder.build()
            return
        }
        var writer = ByteWriter()
        writer.bytes.reserveCapacity(size)
        for label in ranges {
            writer.uvarint(UInt64(label.name.count))
            writer.append(label.name.bytes(in: buffer))
            writer.uvarint(UInt64(label.value.count))
            writer.append(label.value.bytes(in: buffer))
        }
        self.init(canonicalBytes: writer.bytes)
    }
}
