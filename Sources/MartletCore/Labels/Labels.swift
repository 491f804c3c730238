/// A series' identity: label pairs sorted bytewise by name, names unique, no empty values.
///
/// One flat array holds them: for every pair (LEB128 length, name, LEB128 length, value). Names and values are byte
/// strings, UTF-8 by convention; they are compared and hashed as bytes, without Unicode normalisation.
package struct Labels: Hashable, Comparable, Sendable {
    /// The name of the label that holds the metric's name.
    package static let metricName = "__name__"
    /// The labels that describe the metric itself: its name, and its type and unit where they are labels.
    package static let describingMetric = [metricName, "__type__", "__unit__"]

    /// The canonical encoding.
    package let bytes: [UInt8]

    /// The empty label set.
    package init() {
        bytes = []
    }

    /// Sorts the pairs, drops those with an empty value; of several with one name the last wins.
    package init(_ pairs: some Sequence<(String, String)>) {
        var builder = LabelsBuilder()
        for (name, value) in pairs { builder.set(name, value) }
        self = builder.build()
    }

    /// Takes over an encoding that is known to be canonical, as `bytes` gives it.
    package init(canonicalBytes: [UInt8]) {
        bytes = canonicalBytes
    }

    /// Takes over an encoding from outside; nil unless it is canonical.
    package init?(validating candidate: [UInt8]) {
        let canonical = candidate.withUnsafeBytes { buffer -> Bool in
            var walk = LabelWalk(buffer)
            var previous: UnsafeRawBufferPointer?
            while let (name, value) = walk.next() {
                if value.isEmpty { return false }
                if let previous, Bytes.compare(previous, name) >= 0 { return false }
                previous = name
            }
            return walk.ended && walk.minimal
        }
        guard canonical else { return nil }
        bytes = candidate
    }

    /// Number of pairs; walks the encoding.
    package var count: Int {
        var count = 0
        forEach { _, _ in count += 1 }
        return count
    }

    /// True when there is no pair.
    package var isEmpty: Bool { bytes.isEmpty }

    /// xxHash64 of the canonical encoding: stable between processes.
    package var hash64: UInt64 {
        bytes.withUnsafeBytes { Hash64.hash($0) }
    }

    /// The value of a label, or nil. For API edges: it makes a String.
    package subscript(name: String) -> String? {
        withValue(of: name) { String(decoding: $0, as: UTF8.self) }
    }

    /// Calls `body` with the value's bytes when the label is there. No allocation.
    @inlinable
    package func withValue<R>(of name: String, _ body: (UnsafeRawBufferPointer) -> R) -> R? {
        Bytes.of(name) { withValue(of: $0, body) }
    }

    /// Calls `body` with the value's bytes when the label is there. No allocation.
    @inlinable
    package func withValue<R>(of name: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> R) -> R? {
        guard let range = valueRange(of: name) else { return nil }
        return bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    /// Where a label's value lies in `bytes`.
    package func valueRange(of name: UnsafeRawBufferPointer) -> Range<Int>? {
        bytes.withUnsafeBytes { buffer in
            var walk = LabelWalk(buffer)
            while let (candidate, value) = walk.next() {
                let order = Bytes.compare(candidate, name)
                if order == 0 { return walk.offset - value.count..<walk.offset }
                if order > 0 { return nil }
            }
            return nil
        }
    }

    /// Calls `body` for every pair, in order. The buffers live for the call only.
    package func forEach(_ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Void) {
        bytes.withUnsafeBytes { buffer in
            var walk = LabelWalk(buffer)
            while let (name, value) = walk.next() { body(name, value) }
        }
    }

    /// All pairs as Strings, in order. For API edges.
    package var pairs: [(name: String, value: String)] {
        var result: [(name: String, value: String)] = []
        forEach { name, value in
            result.append((String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
        }
        return result
    }

    /// Order of the pairs: by name, then value; a prefix comes first.
    package static func < (a: Labels, b: Labels) -> Bool {
        a.bytes.withUnsafeBytes { x in
            b.bytes.withUnsafeBytes { y in
                var left = LabelWalk(x)
                var right = LabelWalk(y)
                while true {
                    guard let (rightName, rightValue) = right.next() else { return false }
                    guard let (leftName, leftValue) = left.next() else { return true }
                    var order = Bytes.compare(leftName, rightName)
                    if order == 0 { order = Bytes.compare(leftValue, rightValue) }
                    if order != 0 { return order < 0 }
                }
            }
        }
    }

    package static func == (a: Labels, b: Labels) -> Bool {
        a.bytes.withUnsafeBytes { x in b.bytes.withUnsafeBytes { y in Bytes.equal(x, y) } }
    }

    package func hash(into hasher: inout Hasher) {
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}

extension Labels: CustomStringConvertible {
    /// Prometheus' text: `name{a="b", c="d"}`; a metric name outside the legacy alphabet stands quoted inside the
    /// braces, as do such label names.
    package var description: String {
        var text: [UInt8] = []
        var inside: [UInt8] = []
        forEach { name, value in
            if name.elementsEqual(Labels.metricName.utf8), LabelName.isLegacyMetricName(value) {
                text.append(contentsOf: value)
                return
            }
            if !inside.isEmpty { inside.append(contentsOf: ", ".utf8) }
            if name.elementsEqual(Labels.metricName.utf8) {
                GoQuote.append(value, to: &inside)
                return
            }
            if LabelName.isLegacyLabelName(name) {
                inside.append(contentsOf: name)
            } else {
                GoQuote.append(name, to: &inside)
            }
            inside.append(UInt8(ascii: "="))
            GoQuote.append(value, to: &inside)
        }
        if text.isEmpty || !inside.isEmpty {
            text.append(UInt8(ascii: "{"))
            text.append(contentsOf: inside)
            text.append(UInt8(ascii: "}"))
        }
        return String(decoding: text, as: UTF8.self)
    }
}
