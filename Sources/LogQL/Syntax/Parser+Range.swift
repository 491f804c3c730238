/// Ranges of time behind log expressions, and what is unwrapped there.
extension Parser {
    /// A log expression with `[5m]` after the selector or after the pipeline, `offset` directly after that.
    mutating func logRange() throws(LogQueryError) -> LogRange {
        try nested { (parser) throws(LogQueryError) in
            if parser.take("(") {
                var inner = try parser.logRangeParts()
                try parser.close()
                try parser.rangeTail(&inner)
                return try parser.finish(inner)
            }
            let parts = try parser.logRangeParts()
            return try parser.finish(parts)
        }
    }

    private struct RangeParts {
        var log: LogExpression
        var unwrap: Unwrap?
        var range: Int64?
        var offset: Int64 = 0
    }

    private func finish(_ parts: RangeParts) throws(LogQueryError) -> LogRange {
        guard let range = parts.range else { throw unexpected() }
        return LogRange(log: parts.log, unwrap: parts.unwrap, range: range, offset: parts.offset)
    }

    private mutating func logRangeParts() throws(LogQueryError) -> RangeParts {
        if take("(") {
            var inner = try nested { (parser) throws(LogQueryError) in try parser.logRangeParts() }
            try close()
            try rangeTail(&inner)
            return inner
        }
        var parts = RangeParts(log: LogExpression(matchers: try selector(), stages: []))
        try rangeTail(&parts)
        return parts
    }

    private mutating func rangeTail(_ parts: inout RangeParts) throws(LogQueryError) {
        while true {
            if case .range(let range) = current.kind, parts.range == nil {
                advance()
                parts.range = range
                if take(word: "offset") { parts.offset = try offset() }
            } else if isSymbol("|"), case .identifier(let name) = following.kind, name.lowercased() == "unwrap" {
                guard parts.unwrap == nil else { throw unexpected() }
                advance()
                advance()
                parts.unwrap = try unwrap()
            } else if parts.unwrap != nil, isSymbol("|") {
                try countOperator()
                advance()
                parts.unwrap?.filters.append(try labelFilter())
            } else if parts.unwrap == nil, let stage = try stage() {
                parts.log.stages.append(stage)
            } else {
                return
            }
        }
    }

    private mutating func offset() throws(LogQueryError) -> Int64 {
        let isNegative = take("-")
        guard case .duration(let duration) = current.kind else { throw unexpected(expecting: "DURATION") }
        advance()
        return isNegative ? -duration : duration
    }

    private mutating func unwrap() throws(LogQueryError) -> Unwrap {
        if case .identifier(let name) = current.kind {
            advance()
            return Unwrap(label: name, conversion: .number, filters: [])
        }
        guard let conversion = word.flatMap({ Unwrap.Conversion(rawValue: $0) }) else {
            throw unexpected(
                expecting: "IDENTIFIER or BYTES_CONV or DURATION_CONV or DURATION_SECONDS_CONV")
        }
        advance()
        try expect("(")
        let label = try identifier()
        try expect(")")
        return Unwrap(label: label, conversion: conversion, filters: [])
    }
}
