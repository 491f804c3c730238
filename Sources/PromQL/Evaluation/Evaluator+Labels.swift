import MartletCore
import SampleMath

/// Functions over labels: `label_replace`, `label_join`, and what `sort_by_label` sorts by.
extension Evaluator {
    /// The names that some series has, each once: only these can decide on an order.
    func decisive(_ names: [[UInt8]], _ vector: StepVector) throws(QueryError) -> [[UInt8]] {
        var there: Set<[UInt8]> = []
        for (row, labels) in vector.labels.enumerated() {
            if row % 256 == 0 { try context.check() }
            labels.forEach { name, _ in there.insert([UInt8](name)) }
        }
        return names.filter { there.remove($0) != nil }
    }

    func labelReplace(_ node: Expression.Call, _ grid: StepGrid) throws(QueryError) -> StepVector {
        let destination = try string(node.arguments[1])
        let replacement = String(decoding: try string(node.arguments[2]), as: UTF8.self)
        let sourceName = try string(node.arguments[3])
        let pattern = String(decoding: try string(node.arguments[4]), as: UTF8.self)
        let regex: Regex
        do throws(RegexError) {
            regex = try Regex(pattern, anchored: true)
        } catch {
            throw QueryError(.execution, "invalid regular expression in label_replace(): \(pattern)")
        }
        try checkName(destination, "destination", node)
        let template = RegexTemplate(replacement, for: regex)
        return try relabelled(node, destination, grid) { labels throws(QueryError) in
            try labels.value(of: sourceName).withUnsafeBufferPointer { value throws(QueryError) in
                try regex.expand(template, matching: UnsafeRawBufferPointer(value)) { count throws(QueryError) in
                    try checkLength(count, destination, node)
                }
            }
        }
    }

    func labelJoin(_ node: Expression.Call, _ grid: StepGrid) throws(QueryError) -> StepVector {
        let destination = try string(node.arguments[1])
        let separator = try string(node.arguments[2])
        var names: [[UInt8]] = []
        for argument in node.arguments.dropFirst(3) {
            let name = try string(argument)
            try checkName(name, "source", node)
            names.append(name)
        }
        try checkName(destination, "destination", node)
        return try relabelled(node, destination, grid) { labels throws(QueryError) in
            // First the length, then the text.
            var parts: [Range<Int>] = []
            var count = separator.count * max(0, names.count - 1)
            for (index, name) in names.enumerated() {
                if index % 1024 == 1023 { try context.check() }
                let part = name.withUnsafeBytes { labels.valueRange(of: $0) } ?? 0..<0
                parts.append(part)
                count += part.count
            }
            try checkLength(count, destination, node)
            var joined: [UInt8] = []
            joined.reserveCapacity(count)
            for (index, part) in parts.enumerated() {
                if index > 0 { joined += separator }
                joined += labels.bytes[part]
            }
            return joined
        }
    }

    /// The longest label value that a query may make, in bytes. Calls within calls can double a value at each level.
    private static let longestValue = 1 << 20

    private func checkLength(_ count: Int, _ name: [UInt8], _ node: Expression.Call) throws(QueryError) {
        guard count > Evaluator.longestValue else { return }
        throw QueryError(
            .execution,
            "\(node.function.name)() would make a value of \(count) bytes for the label "
                + "\(GoQuote.quote(String(decoding: name, as: UTF8.self))): the most is \(Evaluator.longestValue)")
    }

    private func checkName(_ name: [UInt8], _ role: String, _ node: Expression.Call) throws(QueryError) {
        guard name.withUnsafeBytes({ LabelName.isValid($0) }) else {
            throw QueryError(
                .execution,
                "invalid \(role) label name in \(node.function.name)(): \(String(decoding: name, as: UTF8.self))")
        }
    }

    /// The vector with one label set to what `value` makes of each label set; nil leaves it alone.
    private func relabelled(
        _ node: Expression.Call, _ destination: [UInt8], _ grid: StepGrid,
        _ value: (Labels) throws(QueryError) -> [UInt8]?
    ) throws(QueryError) -> StepVector {
        let setsName = destination.elementsEqual(Labels.metricName.utf8)
        var result = StepVector(steps: grid.count)
        var builder = LabelsBuilder()
        try stream(node.arguments[0], grid) { labels, dropsName, column throws(QueryError) in
            try context.check()
            try hold(row: column)
            guard let text = try value(labels) else {
                result.append(labels, dropsName: dropsName, column)
                return
            }
            // While the new label set is built, the builder holds it a second time.
            let size = labels.bytes.count + destination.count + text.count
            try context.hold(bytes: 2 * size)
            builder.reset(to: labels)
            destination.withUnsafeBytes { name in text.withUnsafeBytes { builder.setBytes(name, $0) } }
            result.append(builder.build(), dropsName: setsName ? false : dropsName, column)
            context.release(bytes: size)
        }
        try result.mergeDuplicates(context)
        return result
    }
}

extension Labels {
    /// A copy of a label's value, empty when the label is not there.
    fileprivate func value(of name: [UInt8]) -> [UInt8] {
        name.withUnsafeBytes { name in withValue(of: name) { [UInt8]($0) } } ?? []
    }

    /// The order of `sort_by_label`: by the values of the labels named, then by all labels.
    func precedes(_ other: Labels, by names: [[UInt8]]) -> Bool {
        for name in names {
            let (own, others) = (value(of: name), other.value(of: name))
            if own != others { return NaturalOrder.isBefore(own, others) }
        }
        return self < other
    }
}
