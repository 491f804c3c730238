import MartletCore
import SampleMath

/// Functions that work on one series at a time, and those that need the whole vector.
extension Evaluator {
    // MARK: One series at a time

    func rangeCall(
        _ node: Expression.Call, _ call: RangeCall, _ grid: StepGrid, _ sink: Sink
    ) throws(QueryError) {
        var parameters: [[Double]] = []
        for position in call.parameters { parameters.append(try scalar(node.arguments[position], grid)) }
        let argument = node.arguments[call.rangeArgument]
        var window: RangeWindow?
        var column = [Double](repeating: Missing.value, count: grid.count)
        try forEachRange(argument, grid, function: node.function.name) {
            labels, dropsName, samples, moments, range throws(QueryError) in
            if window == nil {
                try checkParameters(call, parameters, node)
                // A fixed window gives the same at every step, unless a parameter or the step's time comes in.
                let isFixed = moments.step == 0 && call.parameters.isEmpty
                window = RangeWindow(grid: isFixed ? StepGrid(instant: moments.start) : moments, range: range)
            }
            let any = column.withUnsafeMutableBufferPointer { out in
                window?.evaluate(
                    call.function, samples, parameters: parameters.first ?? [],
                    second: parameters.count > 1 ? parameters[1] : [], evaluationTimes: grid, into: out) ?? false
            }
            guard any else { return }
            if window?.grid.count == 1, grid.count > 1 {
                for step in 1..<grid.count { column[step] = column[0] }
            }
            if call.function == .rate || call.function == .increase { remarkOnName(labels, argument) }
            if call.keepsName {
                try sink(labels, dropsName, &column)
            } else {
                try emitWithoutName(labels, &column, sink)
            }
        }
    }

    private func checkParameters(
        _ call: RangeCall, _ parameters: [[Double]], _ node: Expression.Call
    ) throws(QueryError) {
        if call.function == .quantile {
            annotations.checkQuantiles(parameters[0], at: node.arguments[0].range)
        }
        guard call.function == .doubleExponentialSmoothing else { return }
        for (column, name, short) in [(parameters[0], "smoothing", "sf"), (parameters[1], "trend", "tf")] {
            for value in column where !(value > 0 && value < 1) {
                throw QueryError(
                    .execution,
                    "invalid \(name) factor. Expected: 0 < \(short) < 1, got: \(FloatText.fixed(value))")
            }
        }
    }

    /// Prometheus' remark on rates of what does not look like a counter.
    private func remarkOnName(_ labels: Labels, _ argument: Expression) {
        guard let name = labels[Labels.metricName], !name.isEmpty else { return }
        for suffix in ["_total", "_sum", "_count", "_bucket"] where name.hasSuffix(suffix) { return }
        annotations.inform(
            "metric might not be a counter, name does not end in _total/_sum/_count/_bucket: \(GoQuote.quote(name))",
            at: argument.range)
    }

    func elementCall(
        _ node: Expression.Call, _ function: ElementFunction, _ grid: StepGrid, _ sink: Sink
    ) throws(QueryError) {
        if function.isOfTime, node.arguments.isEmpty {
            var column = (0..<grid.count).map { function.apply(Double(grid.time($0)) / 1000, 0, 0) ?? .nan }
            try sink(Labels(), false, &column)
            return
        }
        let first = node.arguments.count > 1 ? try scalar(node.arguments[1], grid) : nil
        let second = node.arguments.count > 2 ? try scalar(node.arguments[2], grid) : nil
        try stream(node.arguments[0], grid) { labels, _, column throws(QueryError) in
            var any = false
            for step in column.indices where !Missing.isMissing(column[step]) {
                let value = function.apply(column[step], first?[step] ?? 1, second?[step] ?? 0)
                column[step] = value ?? Missing.value
                if value != nil { any = true }
            }
            if any { try emitWithoutName(labels, &column, sink) }
        }
    }

    func timestamp(_ node: Expression.Call, _ grid: StepGrid, _ sink: Sink) throws(QueryError) {
        // Of a selector it is the samples' own time, of anything computed the step's.
        if case .selector(let selector) = node.arguments[0].unwrapped {
            try select(selector, grid, times: true) { labels, _, column throws(QueryError) in
                try emitWithoutName(labels, &column, sink)
            }
            return
        }
        try stream(node.arguments[0], grid) { labels, _, column throws(QueryError) in
            for step in column.indices where !Missing.isMissing(column[step]) {
                column[step] = Double(grid.time(step)) / 1000
            }
            try emitWithoutName(labels, &column, sink)
        }
    }

    // MARK: Whole vectors

    /// Calls that need all series at once; nil for the others.
    func wholeVectorCall(_ node: Expression.Call, _ grid: StepGrid) throws(QueryError) -> StepVector? {
        switch node.function.name {
        case "vector":
            var result = StepVector(steps: grid.count)
            result.append(Labels(), dropsName: false, try scalar(node.arguments[0], grid))
            return result
        case "absent", "absent_over_time": return try absent(node, grid)
        case "sort", "sort_desc", "sort_by_label", "sort_by_label_desc": return try sorted(node, grid)
        case "label_replace": return try labelReplace(node, grid)
        case "label_join": return try labelJoin(node, grid)
        case "histogram_quantile", "histogram_quantiles", "histogram_fraction": return try histogram(node, grid)
        default: return nil
        }
    }

    private func absent(_ node: Expression.Call, _ grid: StepGrid) throws(QueryError) -> StepVector {
        let argument = node.arguments[0].unwrapped
        var column = [Double](repeating: 1, count: grid.count)
        if node.function.name == "absent" {
            try stream(argument, grid) { _, _, values throws(QueryError) in
                for step in values.indices where !Missing.isMissing(values[step]) { column[step] = Missing.value }
            }
        } else {
            var present = [Double](repeating: Missing.value, count: grid.count)
            try forEachRange(argument, grid, function: node.function.name) {
                _, _, samples, moments, range throws(QueryError) in
                var window = RangeWindow(grid: moments, range: range)
                present.withUnsafeMutableBufferPointer { _ = window.evaluate(.present, samples, into: $0) }
                for step in present.indices where !Missing.isMissing(present[step]) { column[step] = Missing.value }
            }
        }
        var result = StepVector(steps: grid.count)
        if column.contains(where: { !Missing.isMissing($0) }) {
            result.append(Evaluator.absentLabels(argument), dropsName: false, column)
        }
        return result
    }

    /// The labels that a selector fixes; one that is matched twice, or otherwise than by equality, is not.
    private static func absentLabels(_ expression: Expression) -> Labels {
        let matchers: [Matcher]
        switch expression {
        case .selector(let node): matchers = node.matchers
        case .matrix(let node): matchers = node.selector.matchers
        default: return Labels()
        }
        var builder = LabelsBuilder()
        var seen: Set<String> = []
        for matcher in matchers where matcher.name != Labels.metricName {
            if matcher.kind == .equal, !seen.contains(matcher.name) {
                builder.set(matcher.name, matcher.value)
                seen.insert(matcher.name)
            } else {
                builder.remove(matcher.name)
            }
        }
        return builder.build()
    }

    private func sorted(_ node: Expression.Call, _ grid: StepGrid) throws(QueryError) -> StepVector {
        if isRange {
            annotations.warn(
                "sort is ineffective for range queries since results are always ordered by labels", at: node.range)
        }
        let whole = try vector(node.arguments[0], grid)
        let name = node.function.name
        let descending = name.hasSuffix("_desc")
        var order = Array(0..<whole.count)
        if name.hasPrefix("sort_by_label") {
            var names: [String] = []
            for argument in node.arguments.dropFirst() {
                names.append(String(decoding: try string(argument), as: UTF8.self))
            }
            order.sort { a, b in
                let before = Evaluator.isBefore(whole.labels[a], whole.labels[b], names)
                return descending ? Evaluator.isBefore(whole.labels[b], whole.labels[a], names) : before
            }
        } else if grid.count > 0 {
            order.sort { a, b in
                let (x, y) = (whole.value(a, 0), whole.value(b, 0))
                // NaN comes last either way.
                if x.isNaN || y.isNaN { return !x.isNaN }
                return descending ? x > y : x < y
            }
        }
        return whole.rows(order)
    }

    private static func isBefore(_ a: Labels, _ b: Labels, _ names: [String]) -> Bool {
        for name in names {
            let (x, y) = (a[name] ?? "", b[name] ?? "")
            if x.utf8.elementsEqual(y.utf8) { continue }
            return NaturalOrder.isBefore(Array(x.utf8), Array(y.utf8))
        }
        return a < b
    }

    // MARK: Labels

    private func labelReplace(_ node: Expression.Call, _ grid: StepGrid) throws(QueryError) -> StepVector {
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
        return try relabelled(node, destination, grid) { labels in
            let value = sourceName.withUnsafeBytes { name in labels.withValue(of: name) { [UInt8]($0) } } ?? []
            return value.withUnsafeBytes { regex.expand(template, matching: $0) }
        }
    }

    private func labelJoin(_ node: Expression.Call, _ grid: StepGrid) throws(QueryError) -> StepVector {
        let destination = try string(node.arguments[1])
        let separator = try string(node.arguments[2])
        var names: [[UInt8]] = []
        for argument in node.arguments.dropFirst(3) {
            let name = try string(argument)
            try checkName(name, "source", node)
            names.append(name)
        }
        try checkName(destination, "destination", node)
        return try relabelled(node, destination, grid) { labels in
            var joined: [UInt8] = []
            for (index, name) in names.enumerated() {
                if index > 0 { joined += separator }
                joined += name.withUnsafeBytes { name in labels.withValue(of: name) { [UInt8]($0) } } ?? []
            }
            return joined
        }
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
        _ node: Expression.Call, _ destination: [UInt8], _ grid: StepGrid, _ value: (Labels) -> [UInt8]?
    ) throws(QueryError) -> StepVector {
        let setsName = destination.elementsEqual(Labels.metricName.utf8)
        var result = StepVector(steps: grid.count)
        var builder = LabelsBuilder()
        try stream(node.arguments[0], grid) { labels, dropsName, column throws(QueryError) in
            try context.hold(samples: column.count)
            guard let text = value(labels) else {
                result.append(labels, dropsName: dropsName, column)
                return
            }
            builder.reset(to: labels)
            destination.withUnsafeBytes { name in text.withUnsafeBytes { builder.setBytes(name, $0) } }
            result.append(builder.build(), dropsName: setsName ? false : dropsName, column)
        }
        try result.mergeDuplicates()
        return result
    }
}
