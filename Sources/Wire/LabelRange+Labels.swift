package import MartletCore

extension Labels {
    /// The label set of `ranges` over `buffer`: sorted, empty values dropped; of equal names the later wins.
    package init(_ ranges: ArraySlice<LabelRange>, in buffer: UnsafeRawBufferPointer) {
        var assembly = LabelAssembly()
        for label in ranges { assembly.add(label.name.bytes(in: buffer), label.value.bytes(in: buffer)) }
        self = assembly.finish()
    }
}
