/// The stages that look like function calls.
extension Parser {
    static let maximumGroupKeys = 5
    static let maximumComparedValues = 1000

    /// The stage that begins with a function name or a comparison; nil when the text here is something else.
    mutating func functionStage() throws(TraceQLError) -> PipelineStage? {
        switch token.kind {
        case .symbol(let symbol):
            return try seriesFilter(symbol)
        case .word(let name):
            guard Aggregate(rawValue: name) == nil else { return nil }
            guard let stage = try stage(named: name) else {
                throw TraceQLError(.syntax, "unknown function \"\(name)\"", at: token.offset, in: source)
            }
            return stage
        default:
            return nil
        }
    }

    /// Comparisons right behind what gives series: `rate() > 1`.
    mutating func seriesFilters() throws(TraceQLError) -> [PipelineStage] {
        var stages: [PipelineStage] = []
        while case .symbol(let symbol) = token.kind, let stage = try seriesFilter(symbol) {
            try countOperator()
            stages.append(stage)
        }
        return stages
    }

    private mutating func seriesFilter(_ symbol: Token.Symbol) throws(TraceQLError) -> PipelineStage? {
        guard let comparison = symbol.binary, comparison.isComparison, comparison != .regex, comparison != .notRegex
        else { return nil }
        try advance()
        return .seriesFilter(comparison, try seriesBound())
    }

    private mutating func stage(named name: String) throws(TraceQLError) -> PipelineStage? {
        switch name {
        case "by":
            try advance()
            let expression = try parenthesised { (parser) throws(TraceQLError) in try parser.fieldExpression(minimum: 0)
            }
            return .group(expression)
        case "coalesce":
            try advance()
            try parenthesised { _ in }
            return .coalesce
        case "select":
            try advance()
            return .select(try parenthesised { (parser) throws(TraceQLError) in try parser.operandList() })
        case "topk", "bottomk":
            try advance()
            let count = try parenthesised { (parser) throws(TraceQLError) in try parser.positiveInteger() }
            return .top(count, smallest: name == "bottomk")
        default:
            let start = token.offset
            guard let kind = try metricsKind(named: name) else { return nil }
            if case .compare = kind {
                comparisonOffset = start
                // It has labels of its own.
                return .metrics(MetricsFunction(kind: kind, by: []))
            }
            var by: [Operand] = []
            if token.kind == .word("by") {
                try advance()
                let offset = token.offset
                by = try parenthesised { (parser) throws(TraceQLError) in try parser.operandList() }
                if by.count > Self.maximumGroupKeys {
                    throw TraceQLError(
                        .limit, "by() has \(by.count) keys, at most \(Self.maximumGroupKeys) are allowed", at: offset,
                        in: source)
                }
            }
            return .metrics(MetricsFunction(kind: kind, by: by))
        }
    }

    private mutating func metricsKind(named name: String) throws(TraceQLError) -> MetricsFunction.Kind? {
        switch name {
        case "rate", "count_over_time":
            try advance()
            try parenthesised { _ in }
            return name == "rate" ? .rate : .countOverTime
        case "min_over_time", "max_over_time", "avg_over_time", "sum_over_time", "histogram_over_time":
            try advance()
            let argument = try parenthesised { (parser) throws(TraceQLError) in try parser.fieldExpression(minimum: 0) }
            switch name {
            case "min_over_time": return .minOverTime(argument)
            case "max_over_time": return .maxOverTime(argument)
            case "avg_over_time": return .avgOverTime(argument)
            case "sum_over_time": return .sumOverTime(argument)
            default: return .histogramOverTime(argument)
            }
        case "quantile_over_time":
            try advance()
            return try parenthesised { (parser) throws(TraceQLError) in
                let argument = try parser.fieldExpression(minimum: 0)
                var quantiles: [Double] = []
                while try parser.take(.comma) {
                    let offset = parser.token.offset
                    guard let value = try parser.literal().number, (0...1).contains(value) else {
                        throw TraceQLError(
                            .type, "quantile must be a number from 0 to 1", at: offset, in: parser.source)
                    }
                    quantiles.append(value)
                }
                guard !quantiles.isEmpty else { throw parser.unexpected("\",\" and a quantile") }
                return .quantileOverTime(argument, quantiles)
            }
        case "compare":
            try advance()
            return try parenthesised { (parser) throws(TraceQLError) in try parser.compareArguments() }
        default:
            return nil
        }
    }

    private mutating func compareArguments() throws(TraceQLError) -> MetricsFunction.Kind {
        let filter = try filterBody()
        guard try take(.comma) else { return .compare(filter, topN: 10, start: 0, end: 0) }
        let topOffset = token.offset
        let topN = try positiveInteger()
        guard topN <= Self.maximumComparedValues else {
            throw TraceQLError(
                .limit, "compare() shows at most \(Self.maximumComparedValues) values of an attribute, not \(topN)",
                at: topOffset, in: source)
        }
        guard try take(.comma) else { return .compare(filter, topN: topN, start: 0, end: 0) }
        let startOffset = token.offset
        let start = try unixNanoseconds("a start in Unix nanoseconds")
        try expect(.comma, "\",\" and an end")
        let endOffset = token.offset
        let end = try unixNanoseconds("an end in Unix nanoseconds")
        if start == 0, end == 0 { return .compare(filter, topN: topN, start: 0, end: 0) }
        guard start > 0 else {
            throw TraceQLError(.type, "the start of compare() must be after 1970", at: startOffset, in: source)
        }
        guard end > start else {
            throw TraceQLError(.type, "the end of compare() must be after its start", at: endOffset, in: source)
        }
        return .compare(filter, topN: topN, start: start, end: end)
    }

    private mutating func unixNanoseconds(_ name: String) throws(TraceQLError) -> Int64 {
        guard case .literal(.int(let value)) = token.kind else { throw unexpected(name) }
        try advance()
        return value
    }

    private mutating func positiveInteger() throws(TraceQLError) -> Int {
        guard case .literal(.int(let value)) = token.kind, value > 0, let count = Int(exactly: value) else {
            throw unexpected("a positive integer")
        }
        try advance()
        return count
    }

    private mutating func operandList() throws(TraceQLError) -> [Operand] {
        var operands: [Operand] = []
        repeat {
            guard case .operand(let operand) = token.kind else { throw unexpected("an attribute or intrinsic") }
            operands.append(operand)
            try advance()
        } while try take(.comma)
        return operands
    }

    private mutating func parenthesised<Value>(
        _ body: (inout Parser) throws(TraceQLError) -> Value
    ) throws(TraceQLError) -> Value {
        try expect(.openParenthesis, "\"(\"")
        let value = try body(&self)
        try expect(.closeParenthesis, "\")\"")
        return value
    }
}
