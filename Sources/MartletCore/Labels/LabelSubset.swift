/// A choice of labels by name: only the named ones, or all but those. What `by`, `without`, `on` and `ignoring` say.
package struct LabelSubset: Hashable, Sendable {
    /// True when the named labels are kept, false when they are dropped.
    package let keeps: Bool
    /// Sorted bytewise, unique.
    private let names: NameList

    /// Keeps only these labels.
    package init(keeping names: some Sequence<String>) {
        self.init(names, keeps: true)
    }

    /// Drops these labels.
    package init(dropping names: some Sequence<String>) {
        self.init(names, keeps: false)
    }

    private init(_ names: some Sequence<String>, keeps: Bool) {
        self.keeps = keeps
        let sorted = names.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
        let unique = sorted.indices.filter { $0 == 0 || sorted[$0 - 1] != sorted[$0] }.map { sorted[$0] }
        self.names = NameList(unique)
    }

    /// True when the labels chosen are the same for every series: none.
    package var isNothing: Bool { keeps && names.count == 0 }

    /// True when a label of this name is chosen.
    package func contains(_ name: String) -> Bool {
        Array(name.utf8).withUnsafeBytes { contains($0) }
    }

    /// True when a label of this name is chosen.
    package func contains(_ name: UnsafeRawBufferPointer) -> Bool {
        names.contains(name) == keeps
    }

    /// Appends the canonical encoding of the chosen labels. Pairs are copied whole, in one walk beside the names.
    package func append(of labels: Labels, to out: inout [UInt8]) {
        if isNothing { return }
        names.withNames { names in
            labels.bytes.withUnsafeBytes { buffer in
                var walk = LabelWalk(buffer)
                var index = 0
                var start = 0
                while let (name, _) = walk.next() {
                    var named = false
                    while index < names.count {
                        let order = Bytes.compare(names[index], name)
                        if order > 0 { break }
                        index += 1
                        if order == 0 {
                            named = true
                            break
                        }
                    }
                    if named == keeps {
                        out.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[start..<walk.offset]))
                    }
                    start = walk.offset
                }
            }
        }
    }

    /// The chosen labels.
    package func labels(of labels: Labels) -> Labels {
        var out: [UInt8] = []
        out.reserveCapacity(labels.bytes.count)
        append(of: labels, to: &out)
        return Labels(canonicalBytes: out)
    }

    /// All labels but those that describe the metric itself.
    package static let withoutMetricName = LabelSubset(dropping: Labels.describingMetric)
}
