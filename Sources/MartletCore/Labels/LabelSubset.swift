/// A choice of labels by name: only the named ones, or all but those. What `by`, `without`, `on` and `ignoring` say.
package struct LabelSubset: Hashable, Sendable {
    /// True when the named labels are kept, false when they are dropped.
    package let keeps: Bool
    /// The names behind each other, sorted bytewise, unique: a walk over them retains nothing.
    private let names: [UInt8]
    /// Where each name ends.
    private let ends: [Int]

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
        var names: [UInt8] = []
        var ends: [Int] = []
        for (index, name) in sorted.enumerated() where index == 0 || sorted[index - 1] != name {
            names += name
            ends.append(names.count)
        }
        self.names = names
        self.ends = ends
    }

    /// True when the labels chosen are the same for every series: none.
    package var isNothing: Bool { keeps && ends.isEmpty }

    /// True when a label of this name is chosen.
    package func contains(_ name: String) -> Bool {
        Array(name.utf8).withUnsafeBytes { contains($0) }
    }

    /// True when a label of this name is chosen.
    package func contains(_ name: UnsafeRawBufferPointer) -> Bool {
        let isNamed = names.withUnsafeBytes { names in
            ends.indices.contains { Bytes.equal(self.name($0, in: names), name) }
        }
        return isNamed == keeps
    }

    /// A name as a piece of all of them.
    @inline(__always)
    private func name(_ index: Int, in names: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: names[(index == 0 ? 0 : ends[index - 1])..<ends[index]])
    }

    /// Appends the canonical encoding of the chosen labels. Pairs are copied whole, in one walk beside the names.
    package func append(of labels: Labels, to out: inout [UInt8]) {
        if isNothing { return }
        names.withUnsafeBytes { names in
            labels.bytes.withUnsafeBytes { buffer in
                var walk = LabelWalk(buffer)
                var index = 0
                var start = 0
                while let (name, _) = walk.next() {
                    var named = false
                    while index < ends.count {
                        let order = Bytes.compare(self.name(index, in: names), name)
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
