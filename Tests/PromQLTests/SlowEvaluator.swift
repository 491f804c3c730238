import Glibc
import MartletCore
import PromQL
import PromQLTesting
import SampleMath

/// Evaluates a part of PromQL one step at a time, through dictionaries, straight from the definitions: slow, and easy to
/// see to be right. The engine is compared with it.
struct SlowEvaluator {
    /// The query has no answer.
    struct Refused: Error {}
    /// What comes out is a matter of the order of sums, which nobody promises.
    struct Undefined: Error {}

    enum Value {
        case float(Double)
        case histogram(NativeHistogram)
    }

    enum Result {
        case scalar(Double)
        case vector([Labels: Value])
    }

    typealias Sample = (time: Int64, value: Value)

    let series: [Labels: [MemorySource.Sample]]
    /// The query's first and last step, which `@ start()` and `@ end()` mean.
    let start: Int64
    let end: Int64
    let lookback: Int64 = 300_000

    func evaluate(_ expression: Expression, at time: Int64) throws -> Result {
        switch expression {
        case .number(let node): return .scalar(node.value)
        case .parenthesised(let inner, _): return try evaluate(inner, at: time)
        case .unary(let isMinus, let inner, _):
            switch try evaluate(inner, at: time) {
            case .scalar(let value): return .scalar(isMinus ? -value : value)
            case .vector(let vector):
                guard isMinus else { return .vector(vector) }
                return .vector(try unique(vector.map { (nameless($0.key), try product($0.value, -1)) }))
            }
        case .selector(let node): return .vector(newest(node, at: moment(time, node.at, node.offset)))
        case .binary(let node):
            return try binary(node, try evaluate(node.left, at: time), try evaluate(node.right, at: time))
        case .aggregate(let node): return .vector(try aggregate(node, at: time))
        case .call(let node): return try call(node, at: time)
        default: throw Refused()
        }
    }

    // MARK: Samples

    private func moment(_ time: Int64, _ at: Expression.At?, _ offset: DurationExpression?) -> Int64 {
        let base =
            switch at {
            case nil: time
            case .time(let fixed): fixed
            case .start: start
            case .end: end
            }
        return base - (offset?.constantMilliseconds ?? 0)
    }

    private func newest(_ node: Expression.Selector, at time: Int64) -> [Labels: Value] {
        var result: [Labels: Value] = [:]
        for (labels, samples) in series where node.matchers.allSatisfy({ $0.matches(labels) }) {
            guard let last = samples.last(where: { $0.time <= time && $0.time > time - lookback }) else { continue }
            if let histogram = last.histogram {
                result[labels] = .histogram(histogram)
            } else if !StaleNaN.isStale(last.value) {
                result[labels] = .float(last.value)
            }
        }
        return result
    }

    /// End and width of a range's window.
    private func window(_ expression: Expression, at time: Int64) -> (end: Int64, width: Int64) {
        switch expression.unwrapped {
        case .matrix(let node):
            (moment(time, node.selector.at, node.selector.offset), node.duration.constantMilliseconds ?? 0)
        case .subquery(let node): (moment(time, node.at, node.offset), node.duration.constantMilliseconds ?? 0)
        default: (time, 0)
        }
    }

    private func range(_ expression: Expression, at time: Int64) throws -> [Labels: [Sample]] {
        var result: [Labels: [Sample]] = [:]
        switch expression.unwrapped {
        case .matrix(let node):
            let end = moment(time, node.selector.at, node.selector.offset)
            let width = node.duration.constantMilliseconds ?? 0
            for (labels, samples) in series where node.selector.matchers.allSatisfy({ $0.matches(labels) }) {
                for sample in samples where sample.time > end - width && sample.time <= end {
                    if let histogram = sample.histogram {
                        result[labels, default: []].append((sample.time, .histogram(histogram)))
                    } else if !StaleNaN.isStale(sample.value) {
                        result[labels, default: []].append((sample.time, .float(sample.value)))
                    }
                }
            }
        case .subquery(let node):
            let end = moment(time, node.at, node.offset)
            let width = node.duration.constantMilliseconds ?? 0
            let step = node.step?.constantMilliseconds ?? 60_000
            var next = Int64((Double(end - width) / Double(step)).rounded(.down)) * step
            while next <= end - width { next += step }
            while next <= end {
                guard case .vector(let vector) = try evaluate(node.expression, at: next) else { throw Refused() }
                for (labels, value) in vector { result[labels, default: []].append((next, value)) }
                next += step
            }
        default: throw Refused()
        }
        return result
    }

    // MARK: Functions

    private func call(_ node: Expression.Call, at time: Int64) throws -> Result {
        let name = node.function.name
        switch name {
        case "time": return .scalar(Double(time) / 1000)
        case "vector":
            guard case .scalar(let value) = try evaluate(node.arguments[0], at: time) else { throw Refused() }
            return .vector([Labels(): .float(value)])
        case "scalar":
            guard case .vector(let vector) = try evaluate(node.arguments[0], at: time) else { throw Refused() }
            let floats = vector.values.compactMap(float)
            return .scalar(floats.count == 1 ? floats[0] : .nan)
        case "absent":
            guard case .vector(let vector) = try evaluate(node.arguments[0], at: time) else { throw Refused() }
            return .vector(vector.isEmpty ? [Labels(): .float(1)] : [:])
        case "abs", "ceil", "floor", "exp", "sgn", "sqrt", "ln", "round", "clamp_min", "clamp_max":
            let scalars = try node.arguments.dropFirst().map { try scalar($0, at: time) }
            return .vector(
                try mapped(node.arguments[0], at: time) { value in
                    float(value).flatMap { Self.element(name, $0, scalars) }
                })
        case "label_replace", "label_join": return .vector(try labelled(node, at: time))
        case "rate", "increase", "delta", "irate", "idelta", "stdvar_over_time", "stddev_over_time", "deriv",
            "predict_linear", "quantile_over_time":
            let argument = node.arguments.first { $0.type == .matrix } ?? node.arguments[0]
            let scalars = try node.arguments.filter { $0.type == .scalar }.map { try scalar($0, at: time) }
            let (end, width) = window(argument, at: time)
            var result: [(Labels, Value)] = []
            for (labels, samples) in try range(argument, at: time) {
                let floats = try samples.map { sample -> (time: Int64, value: Double) in
                    guard let value = float(sample.value) else { throw Refused() }
                    return (sample.time, value)
                }
                let value = try Self.overTime(name, floats, end: end, width: width, at: time, scalars)
                if let value { result.append((nameless(labels), .float(value))) }
            }
            return .vector(try unique(result))
        case "histogram_count", "histogram_sum":
            return .vector(
                try mapped(node.arguments[0], at: time) { value in
                    guard case .histogram(let histogram) = value else { return nil }
                    return name == "histogram_count" ? histogram.count : histogram.sum
                })
        default:
            var result: [(Labels, Value)] = []
            for (labels, samples) in try range(node.arguments[0], at: time) {
                guard let value = try overTime(name, samples) else { continue }
                result.append((name == "last_over_time" ? labels : nameless(labels), value))
            }
            return .vector(try unique(result))
        }
    }

    private func scalar(_ expression: Expression, at time: Int64) throws -> Double {
        guard case .scalar(let value) = try evaluate(expression, at: time) else { throw Refused() }
        return value
    }

    /// label_join, and label_replace with `(.*)` and `$1`.
    private func labelled(_ node: Expression.Call, at time: Int64) throws -> [Labels: Value] {
        guard case .vector(let vector) = try evaluate(node.arguments[0], at: time) else { throw Refused() }
        let texts = node.arguments.dropFirst().map { argument in
            if case .string(let literal) = argument.unwrapped { literal.text } else { "" }
        }
        return try unique(
            vector.map { labels, value in
                var builder = LabelsBuilder(labels)
                let text =
                    node.function.name == "label_join"
                    ? texts.dropFirst(2).map { labels[$0] ?? "" }.joined(separator: texts[1])
                    : labels[texts[2]] ?? ""
                builder.set(texts[0], text)
                return (builder.build(), value)
            })
    }

    private func mapped(
        _ argument: Expression, at time: Int64, _ transform: (Value) -> Double?
    ) throws -> [Labels: Value] {
        guard case .vector(let vector) = try evaluate(argument, at: time) else { throw Refused() }
        return try unique(
            vector.compactMap { labels, value in transform(value).map { (nameless(labels), .float($0)) } })
    }

    /// A function of the samples in a window, which are in order of time and at least one.
    private func overTime(_ name: String, _ samples: [Sample]) throws -> Value? {
        let floats = samples.compactMap { float($0.value) }
        let isMixed = !floats.isEmpty && floats.count < samples.count
        switch name {
        case "count_over_time": return .float(Double(samples.count))
        case "present_over_time": return .float(1)
        case "last_over_time": return samples[samples.count - 1].value
        case "sum_over_time", "avg_over_time":
            if isMixed { return nil }
            var sum = samples[0].value
            for sample in samples.dropFirst() { sum = try add(sum, sample.value) }
            return name == "sum_over_time" ? sum : try quotient(sum, Double(samples.count))
        case "max_over_time": return floats.isEmpty ? nil : .float(extreme(floats, >))
        case "min_over_time": return floats.isEmpty ? nil : .float(extreme(floats, <))
        case "changes", "resets":
            guard !isMixed, !floats.isEmpty else { throw Refused() }
            let pairs = zip(floats, floats.dropFirst())
            return .float(
                Double(
                    name == "resets"
                        ? pairs.count { $1 < $0 }
                        : pairs.count { $0 != $1 && !($0.isNaN && $1.isNaN) }))
        default: throw Refused()
        }
    }

    private func extreme(_ values: [Double], _ isBetter: (Double, Double) -> Bool) -> Double {
        var best = values[0]
        for value in values where isBetter(value, best) || best.isNaN { best = value }
        return best
    }

    // MARK: Aggregations

    private func aggregate(_ node: Expression.Aggregate, at time: Int64) throws -> [Labels: Value] {
        guard case .vector(let vector) = try evaluate(node.expression, at: time) else { throw Refused() }
        var groups: [Labels: [Value]] = [:]
        for (labels, value) in vector { groups[group(labels, node), default: []].append(value) }
        var result: [Labels: Value] = [:]
        var parameter = 0.0
        if let expression = node.parameter, expression.type == .scalar {
            parameter = try scalar(expression, at: time)
        }
        if node.operation == .topk || node.operation == .bottomk {
            guard !parameter.isNaN else { throw Refused() }
            for members in Dictionary(grouping: vector, by: { group($0.key, node) }).values {
                let floats = members.compactMap { row in float(row.value).map { (row.key, $0) } }
                for (labels, value) in Self.ranked(node.operation, floats, Int(parameter)) {
                    result[labels] = .float(value)
                }
            }
            return result
        }
        for (labels, values) in groups {
            let floats = values.compactMap(float)
            let isMixed = !floats.isEmpty && floats.count < values.count
            switch node.operation {
            case .count: result[labels] = .float(Double(values.count))
            case .group: result[labels] = .float(1)
            case .min where !floats.isEmpty: result[labels] = .float(extreme(floats, <))
            case .max where !floats.isEmpty: result[labels] = .float(extreme(floats, >))
            case .sum where !isMixed, .avg where !isMixed:
                var sum = values[0]
                for value in values.dropFirst() { sum = try add(sum, value) }
                result[labels] = node.operation == .sum ? sum : try quotient(sum, Double(values.count))
            default:
                guard !floats.isEmpty, let value = Self.aggregated(node.operation, floats, parameter) else { continue }
                result[labels] = .float(value)
            }
        }
        return result
    }

    private func group(_ labels: Labels, _ node: Expression.Aggregate) -> Labels {
        Labels(
            labels.pairs.filter { name, _ in
                node.without
                    ? !node.grouping.contains(name) && name != Labels.metricName : node.grouping.contains(name)
            })
    }

    // MARK: Operators

    private func binary(_ node: Expression.Binary, _ left: Result, _ right: Result) throws -> Result {
        let operation = node.operation
        switch (left, right) {
        case (.scalar(let x), .scalar(let y)): return .scalar(arithmetic(operation, x, y))
        case (.vector(let vector), .scalar(let number)):
            return .vector(
                try unique(
                    vector.compactMap { labels, value in
                        try scalarResult(node, value, number, scalarIsLeft: false).map {
                            (keepsName(node) ? labels : nameless(labels), $0)
                        }
                    }))
        case (.scalar(let number), .vector(let vector)):
            return .vector(
                try unique(
                    vector.compactMap { labels, value in
                        try scalarResult(node, value, number, scalarIsLeft: true).map {
                            (keepsName(node) ? labels : nameless(labels), $0)
                        }
                    }))
        case (.vector(let a), .vector(let b)):
            return .vector(operation.isSet ? setResult(node, a, b) : try vectorResult(node, a, b))
        }
    }

    private func keepsName(_ node: Expression.Binary) -> Bool { node.operation.isComparison && !node.returnsBool }

    private func scalarResult(
        _ node: Expression.Binary, _ value: Value, _ number: Double, scalarIsLeft: Bool
    ) throws -> Value? {
        switch value {
        case .float(let x):
            let result = arithmetic(node.operation, scalarIsLeft ? number : x, scalarIsLeft ? x : number)
            guard keepsName(node) else { return .float(result) }
            return result == 1 ? value : nil
        case .histogram:
            if node.operation == .multiply { return try product(value, number) }
            return node.operation == .divide && !scalarIsLeft ? try quotient(value, number) : nil
        }
    }

    private func signature(_ labels: Labels, _ matching: VectorMatching) -> Labels {
        Labels(
            labels.pairs.filter { name, _ in
                matching.on
                    ? matching.labels.contains(name) : !matching.labels.contains(name) && name != Labels.metricName
            })
    }

    private func setResult(
        _ node: Expression.Binary, _ a: [Labels: Value], _ b: [Labels: Value]
    ) -> [Labels: Value] {
        let matching = node.matching ?? VectorMatching()
        let left = Set(a.keys.map { signature($0, matching) })
        let right = Set(b.keys.map { signature($0, matching) })
        switch node.operation {
        case .and: return a.filter { right.contains(signature($0.key, matching)) }
        case .unless: return a.filter { !right.contains(signature($0.key, matching)) }
        default: return a.merging(b.filter { !left.contains(signature($0.key, matching)) }) { mine, _ in mine }
        }
    }

    /// Many to one or one to many.
    private func groupedResult(
        _ node: Expression.Binary, _ matching: VectorMatching, _ a: [Labels: Value], _ b: [Labels: Value]
    ) throws -> [Labels: Value] {
        let isSwapped = matching.cardinality == .oneToMany
        if a.isEmpty || b.isEmpty { return [:] }
        var ones: [Labels: (Labels, Value)] = [:]
        for (labels, value) in isSwapped ? a : b {
            guard ones.updateValue((labels, value), forKey: signature(labels, matching)) == nil else { throw Refused() }
        }
        var seen: Set<Labels> = []
        var result: [(Labels, Value)] = []
        for (labels, value) in isSwapped ? b : a {
            guard let (oneLabels, one) = ones[signature(labels, matching)] else { continue }
            var builder = LabelsBuilder(keepsName(node) ? labels : nameless(labels))
            for label in matching.include { builder.set(label, oneLabels[label] ?? "") }
            let combinedLabels = builder.build()
            guard seen.insert(combinedLabels).inserted else { throw Refused() }
            guard let combined = try combined(node, isSwapped ? one : value, isSwapped ? value : one) else { continue }
            result.append((combinedLabels, combined))
        }
        return try unique(result)
    }

    /// One to one.
    private func vectorResult(
        _ node: Expression.Binary, _ a: [Labels: Value], _ b: [Labels: Value]
    ) throws -> [Labels: Value] {
        let matching = node.matching ?? VectorMatching()
        guard matching.cardinality == .oneToOne else { return try groupedResult(node, matching, a, b) }
        if a.isEmpty || b.isEmpty { return [:] }
        var others: [Labels: Value] = [:]
        for (labels, value) in b where others.updateValue(value, forKey: signature(labels, matching)) != nil {
            throw Refused()
        }
        var seen: Set<Labels> = []
        var result: [(Labels, Value)] = []
        for (labels, value) in a {
            let signature = signature(labels, matching)
            guard let other = others[signature] else { continue }
            guard seen.insert(signature).inserted else { throw Refused() }
            guard let combined = try combined(node, value, other) else { continue }
            let name = keepsName(node) ? labels[Labels.metricName] : nil
            let pairs = matching.on ? signature.pairs : self.signature(labels, matching).pairs
            var builder = LabelsBuilder(Labels(pairs.filter { keepsName(node) || $0.name != Labels.metricName }))
            if let name, !matching.on { builder.set(Labels.metricName, name) }
            result.append((builder.build(), combined))
        }
        return try unique(result)
    }

    private func combined(_ node: Expression.Binary, _ a: Value, _ b: Value) throws -> Value? {
        switch (a, b) {
        case (.float(let x), .float(let y)):
            let result = arithmetic(node.operation, x, y)
            return keepsName(node) ? (result == 1 ? a : nil) : .float(result)
        case (.histogram(let x), .float(let y)): return try scalarResult(node, .histogram(x), y, scalarIsLeft: false)
        case (.float(let x), .histogram(let y)): return try scalarResult(node, .histogram(y), x, scalarIsLeft: true)
        case (.histogram(let x), .histogram(let y)):
            switch node.operation {
            case .add: return try add(a, b)
            case .subtract: return try add(a, try product(b, -1))
            case .equal, .notEqual:
                let holds = x.isSame(as: y) == (node.operation == .equal)
                return node.returnsBool ? .float(holds ? 1 : 0) : holds ? a : nil
            default: return nil
            }
        }
    }

    private func arithmetic(_ operation: BinaryOperator, _ x: Double, _ y: Double) -> Double {
        switch operation {
        case .add: x + y
        case .subtract: x - y
        case .multiply: x * y
        case .divide: x / y
        case .modulo: fmod(x, y)
        case .power: pow(x, y)
        case .atan2: Glibc.atan2(x, y)
        case .equal: x == y ? 1 : 0
        case .notEqual: x != y ? 1 : 0
        case .less: x < y ? 1 : 0
        case .lessOrEqual: x <= y ? 1 : 0
        case .greater: x > y ? 1 : 0
        case .greaterOrEqual: x >= y ? 1 : 0
        default: .nan
        }
    }

    // MARK: Values

    private func float(_ value: Value) -> Double? {
        if case .float(let x) = value { x } else { nil }
    }

    private func add(_ a: Value, _ b: Value) throws -> Value {
        switch (a, b) {
        case (.float(let x), .float(let y)): return .float(x + y)
        case (.histogram(var x), .histogram(let y)):
            guard x.add(y) != nil else { throw Refused() }
            return .histogram(x)
        default: throw Refused()
        }
    }

    private func product(_ value: Value, _ factor: Double) throws -> Value { try scaled(value) { $0 * factor } }

    private func quotient(_ value: Value, _ divisor: Double) throws -> Value {
        guard case .histogram(let histogram) = value, divisor == 0 else { return try scaled(value) { $0 / divisor } }
        return .histogram(
            NativeHistogram(
                schema: histogram.schema, zeroThreshold: histogram.zeroThreshold, zeroCount: histogram.zeroCount / 0,
                count: histogram.count / 0, sum: histogram.sum / 0, customBounds: histogram.customBounds))
    }

    private func scaled(_ value: Value, _ transform: (Double) -> Double) throws -> Value {
        switch value {
        case .float(let x): return .float(transform(x))
        case .histogram(var histogram):
            histogram.zeroCount = transform(histogram.zeroCount)
            histogram.count = transform(histogram.count)
            histogram.sum = transform(histogram.sum)
            histogram.positive.counts = histogram.positive.counts.map(transform)
            histogram.negative.counts = histogram.negative.counts.map(transform)
            return .histogram(histogram)
        }
    }

    private func nameless(_ labels: Labels) -> Labels {
        Labels(labels.pairs.filter { $0.name != Labels.metricName })
    }

    private func unique(_ pairs: [(Labels, Value)]) throws -> [Labels: Value] {
        var result: [Labels: Value] = [:]
        for (labels, value) in pairs where result.updateValue(value, forKey: labels) != nil { throw Refused() }
        return result
    }
}
