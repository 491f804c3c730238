import MartletCore

/// Loki's template functions on numbers, sizes and durations.
enum LokiNumberFunctions {
    static let all: [String: TemplateFunction] = [
        "int": TemplateFunction([.any]) { .int(LokiNumber.int($0[0])) },
        "float64": TemplateFunction([.any]) { .float(LokiNumber.float($0[0])) },
        "add": TemplateFunction([], further: .any) { .int($0.reduce(0) { $0 &+ LokiNumber.int($1) }) },
        "sub": TemplateFunction([.any, .any]) { .int(LokiNumber.int($0[0]) &- LokiNumber.int($0[1])) },
        "mul": TemplateFunction([.any], further: .any) { arguments in
            .int(arguments.dropFirst().reduce(LokiNumber.int(arguments[0])) { $0 &* LokiNumber.int($1) })
        },
        "div": TemplateFunction([.any, .any]) { .int(try quotient($0)) },
        "mod": TemplateFunction([.any, .any]) { .int(try remainder($0)) },
        "max": TemplateFunction([.any], further: .any) { .int($0.map(LokiNumber.int).max() ?? 0) },
        "min": TemplateFunction([.any], further: .any) { .int($0.map(LokiNumber.int).min() ?? 0) },
        "maxf": TemplateFunction([.any], further: .any) { .float(extreme($0) { $0 > $1 }) },
        "minf": TemplateFunction([.any], further: .any) { .float(extreme($0) { $0 < $1 }) },
        "ceil": TemplateFunction([.any]) { .float(LokiNumber.float($0[0]).rounded(.up)) },
        "floor": TemplateFunction([.any]) { .float(LokiNumber.float($0[0]).rounded(.down)) },
        "round": TemplateFunction([.any, .int], further: .float) { arguments in
            let limit = arguments.count > 2 ? LokiNumber.float(arguments[2]) : 0.5
            return .float(
                LokiNumber.round(LokiNumber.float(arguments[0]), places: LokiNumber.int(arguments[1]), limit: limit))
        },
        "addf": TemplateFunction([], further: .any) { arguments in
            try LokiNumber.fold(0, arguments[...], { $0.adding($1) }, +)
        },
        "subf": TemplateFunction([.any], further: .any) { arguments in
            try LokiNumber.fold(
                LokiNumber.float(arguments[0]), arguments.dropFirst(), { $0.adding($1.negated) }, -)
        },
        "mulf": TemplateFunction([.any], further: .any) { arguments in
            try LokiNumber.fold(LokiNumber.float(arguments[0]), arguments.dropFirst(), { $0.multiplied(by: $1) }, *)
        },
        "divf": TemplateFunction([.any], further: .any) { arguments in
            try LokiNumber.fold(
                LokiNumber.float(arguments[0]), arguments.dropFirst(),
                { left, right in
                    if right.isZero { throw TemplateFunctionError("decimal division by 0") }
                    return left.divided(by: right)
                }, /)
        },
        "bytes": TemplateFunction([.string]) { .float(try ByteCountText.parse($0[0].text)) },
        "duration": TemplateFunction([.string]) { .float(Double(try GoDuration.parse($0[0].text)) / 1e9) },
        "duration_seconds": TemplateFunction([.string]) { .float(Double(try GoDuration.parse($0[0].text)) / 1e9) },
    ]

    private static func divisor(_ arguments: [TemplateValue]) throws -> Int64 {
        let divisor = LokiNumber.int(arguments[1])
        guard divisor != 0 else { throw TemplateFunctionError("runtime error: integer divide by zero") }
        return divisor
    }

    private static func quotient(_ arguments: [TemplateValue]) throws -> Int64 {
        LokiNumber.int(arguments[0]).dividedReportingOverflow(by: try divisor(arguments)).partialValue
    }

    private static func remainder(_ arguments: [TemplateValue]) throws -> Int64 {
        LokiNumber.int(arguments[0]).remainderReportingOverflow(dividingBy: try divisor(arguments)).partialValue
    }

    /// NaN as soon as one is.
    private static func extreme(_ arguments: [TemplateValue], _ isBetter: (Double, Double) -> Bool) -> Double {
        let values = arguments.map(LokiNumber.float)
        if values.contains(where: \.isNaN) { return .nan }
        return values.dropFirst().reduce(values[0]) { isBetter($1, $0) ? $1 : $0 }
    }
}
