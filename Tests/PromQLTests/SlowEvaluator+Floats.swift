import Glibc
import MartletCore
import PromQL
import SampleMath

/// What is defined for floats alone.
extension SlowEvaluator {
    /// Functions of one float and perhaps scalars; nil for other names.
    static func element(_ name: String, _ x: Double, _ scalars: [Double]) -> Double? {
        switch name {
        case "abs": x.magnitude
        case "ceil": x.rounded(.up)
        case "floor": x.rounded(.down)
        case "exp": Glibc.exp(x)
        case "sqrt": x.squareRoot()
        case "sgn": x > 0 ? 1 : x < 0 ? -1 : x
        case "ln": Glibc.log(x)
        case "clamp_min": x.isNaN ? x : scalars[0].isNaN ? .nan : Swift.max(x, scalars[0])
        case "clamp_max": x.isNaN ? x : scalars[0].isNaN ? .nan : Swift.min(x, scalars[0])
        case "round": (x * (1 / (scalars.first ?? 1)) + 0.5).rounded(.down) / (1 / (scalars.first ?? 1))
        default: nil
        }
    }

    /// Functions of the floats in the window (end - width, end]; nil when there is no result.
    static func overTime(
        _ name: String, _ samples: [(time: Int64, value: Double)], end: Int64, width: Int64, at time: Int64,
        _ scalars: [Double]
    ) throws -> Double? {
        let values = samples.map(\.value)
        let count = Double(values.count)
        switch name {
        case "rate", "increase", "delta":
            return extrapolated(name, samples, end: end, width: width)
        case "irate", "idelta":
            guard values.count > 1 else { return nil }
            let (last, previous) = (values[values.count - 1], values[values.count - 2])
            if name == "idelta" { return last - previous }
            let seconds = Double(samples[values.count - 1].time - samples[values.count - 2].time) / 1000
            return (last < previous ? last : last - previous) / seconds
        case "stdvar_over_time", "stddev_over_time":
            let mean = values.reduce(0, +) / count
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
            return name == "stdvar_over_time" ? variance : variance.squareRoot()
        case "quantile_over_time": return quantile(values, scalars[0])
        case "deriv":
            guard values.count > 1 else { return nil }
            return try line(samples, origin: samples[0].time).slope
        case "predict_linear":
            guard values.count > 1 else { return nil }
            let (slope, intercept) = try line(samples, origin: time)
            return slope * scalars[0] + intercept
        default: throw Refused()
        }
    }

    private static func extrapolated(
        _ name: String, _ samples: [(time: Int64, value: Double)], end: Int64, width: Int64
    ) -> Double? {
        guard samples.count > 1 else { return nil }
        let (first, last) = (samples[0], samples[samples.count - 1])
        let isCounter = name != "delta"
        var result = last.value - first.value
        if isCounter {
            for (before, after) in zip(samples, samples.dropFirst()) where after.value < before.value {
                result += before.value
            }
        }
        let sampled = Double(last.time - first.time) / 1000
        let spacing = sampled / Double(samples.count - 1)
        var toStart = Double(first.time - (end - width)) / 1000
        var toEnd = Double(end - last.time) / 1000
        if toStart >= spacing * 1.1 { toStart = spacing / 2 }
        if toEnd >= spacing * 1.1 { toEnd = spacing / 2 }
        if isCounter, result > 0, first.value >= 0 { toStart = Swift.min(toStart, sampled * first.value / result) }
        result *= (sampled + toStart + toEnd) / sampled
        return name == "rate" ? result / (Double(width) / 1000) : result
    }

    /// Least squares, from the definition. Infinities have no line.
    private static func line(
        _ samples: [(time: Int64, value: Double)], origin: Int64
    ) throws -> (slope: Double, intercept: Double) {
        if samples.allSatisfy({ $0.value == samples[0].value }) {
            return samples[0].value.isInfinite ? (.nan, .nan) : (0, samples[0].value)
        }
        if samples.contains(where: \.value.isInfinite) { throw SlowEvaluator.Undefined() }
        let count = Double(samples.count)
        let x = samples.map { Double($0.time - origin) / 1000 }
        let (meanX, meanY) = (x.reduce(0, +) / count, samples.reduce(0) { $0 + $1.value } / count)
        var covariance = 0.0
        var variance = 0.0
        for (x, sample) in zip(x, samples) {
            covariance += (x - meanX) * (sample.value - meanY)
            variance += (x - meanX) * (x - meanX)
        }
        let slope = covariance / variance
        return (slope, meanY - slope * meanX)
    }

    static func quantile(_ values: [Double], _ phi: Double) -> Double {
        if values.isEmpty || phi.isNaN { return .nan }
        if phi < 0 { return -.infinity }
        if phi > 1 { return .infinity }
        let sorted = values.filter(\.isNaN) + values.filter { !$0.isNaN }.sorted()
        let rank = phi * Double(sorted.count - 1)
        let below = Int(rank.rounded(.down))
        let weight = rank - rank.rounded(.down)
        return sorted[below] * (1 - weight) + sorted[Swift.min(below + 1, sorted.count - 1)] * weight
    }

    /// Aggregations of floats to a float; nil for other operators.
    static func aggregated(_ operation: AggregationOperator, _ values: [Double], _ parameter: Double) -> Double? {
        let count = Double(values.count)
        switch operation {
        case .stddev, .stdvar:
            let mean = values.reduce(0, +) / count
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
            return operation == .stdvar ? variance : variance.squareRoot()
        case .quantile: return quantile(values, parameter)
        default: return nil
        }
    }

    /// The k best of a group, of equal ones any.
    static func ranked(
        _ operation: AggregationOperator, _ rows: [(Labels, Double)], _ k: Int
    ) -> [(Labels, Double)] {
        let sorted = rows.sorted { a, b in
            if a.1.isNaN || b.1.isNaN { return !a.1.isNaN }
            return operation == .topk ? a.1 > b.1 : a.1 < b.1
        }
        return Array(sorted.prefix(max(0, k)))
    }
}
