import MartletCore

/// Selectors and pipelines.
extension Parser {
    mutating func logExpression() throws(LogQueryError) -> LogExpression {
        let matchers = try selector()
        return LogExpression(matchers: matchers, stages: try stages())
    }

    /// `{a="b", c=~"d"}`
    mutating func selector() throws(LogQueryError) -> [Matcher] {
        try expect("{")
        var matchers: [Matcher] = []
        while !isSymbol("}") {
            guard case .identifier = current.kind else {
                throw unexpected(expecting: matchers.isEmpty ? "IDENTIFIER or }" : "IDENTIFIER")
            }
            let name = try identifier()
            guard let kind = matcherKind else { throw unexpected(expecting: "= or =~ or !~ or !=") }
            advance()
            matchers.append(try matcher(kind, name, try string()))
            guard take(",") else {
                guard isSymbol("}") else { throw unexpected(expecting: "} or ,") }
                break
            }
        }
        try expect("}")
        return matchers
    }

    private var matcherKind: Matcher.Kind? {
        if case .symbol(let symbol) = current.kind { Matcher.Kind(rawValue: symbol) } else { nil }
    }

    private func matcher(_ kind: Matcher.Kind, _ name: String, _ value: String) throws(LogQueryError) -> Matcher {
        do throws(RegexError) {
            return try Matcher(kind, name, value)
        } catch {
            throw .parse("\(error)")
        }
    }

    /// Stages without `unwrap`.
    mutating func stages() throws(LogQueryError) -> [LogStage] {
        var stages: [LogStage] = []
        while let stage = try stage() { stages.append(stage) }
        return stages
    }

    /// The next stage; nil when none begins here, or `| unwrap`.
    mutating func stage() throws(LogQueryError) -> LogStage? {
        guard case .symbol(let symbol) = current.kind else { return nil }
        if let operation = LineFilter.Operation(rawValue: symbol) {
            // After an aggregation `!=` compares; here a string or `ip` must follow.
            try countOperator()
            advance()
            return .lineFilter(try lineFilter(operation))
        }
        guard symbol == "|" else { return nil }
        if case .identifier(let name) = following.kind, name.lowercased() == "unwrap" { return nil }
        try countOperator()
        advance()
        return try parserStage()
    }

    private mutating func lineFilter(_ operation: LineFilter.Operation) throws(LogQueryError) -> LineFilter {
        var operands = [try operand(operation)]
        while word == "or" {
            switch following.kind {
            case .string: break
            case .identifier(let name) where name.lowercased() == "ip": break
            default: return LineFilter(operation, operands)
            }
            try countOperator()
            advance()
            operands.append(try operand(operation))
        }
        return LineFilter(operation, operands)
    }

    private mutating func operand(_ operation: LineFilter.Operation) throws(LogQueryError) -> LineFilter.Operand {
        if word == "ip" {
            let matcher = try address { "\(operation.rawValue) ip(\($0))" }
            guard operation == .contains || operation == .notContains else {
                throw .parse(
                    "stage '\(operation.rawValue) ip(\(GoQuote.quote(matcher.text)))' : ip: invalid operation")
            }
            return .address(matcher)
        }
        guard case .string = current.kind else { throw unexpected(expecting: "STRING or ip") }
        let text = try string()
        switch operation {
        case .contains, .notContains: return .text(Array(text.utf8))
        case .pattern, .notPattern: return .pattern(try LinePattern(filter: text))
        case .matches, .notMatches: return .regex(try regex(text, operation))
        }
    }

    /// `stage` is the stage's text, given that of the address in quotes.
    private mutating func address(_ stage: (String) -> String) throws(LogQueryError) -> AddressMatcher {
        advance()
        try expect("(")
        let text = try string()
        try expect(")")
        do throws(LogQueryError) {
            return try AddressMatcher(text)
        } catch {
            throw error.inside("stage '\(stage(GoQuote.quote(text)))' ")
        }
    }

    private func regex(_ text: String, _ operation: LineFilter.Operation) throws(LogQueryError) -> Regex {
        do throws(RegexError) {
            return try Regex(searchingFor: text, dotMatchesNewline: false)
        } catch {
            throw .parse("stage '\(operation.rawValue) \(GoQuote.quote(text))' : \(error)")
        }
    }

    private mutating func parserStage() throws(LogQueryError) -> LogStage {
        switch word {
        case "json":
            advance()
            return .json(try extractions())
        case "logfmt":
            advance()
            return try logfmt()
        case "regexp":
            advance()
            return .regexp(try namedRegex(try string()))
        case "pattern":
            advance()
            return .pattern(try linePattern(try string()))
        case "unpack":
            advance()
            return .unpack
        case "decolorize":
            advance()
            return .decolorize
        case "line_format":
            advance()
            return .lineFormat(try string())
        case "label_format":
            advance()
            return .labelFormat(try labelFormats())
        case "drop":
            advance()
            return .drop(try choices())
        case "keep":
            advance()
            return .keep(try choices())
        default: return .labelFilter(try labelFilter())
        }
    }

    private func namedRegex(_ text: String) throws(LogQueryError) -> Regex {
        do throws(LogQueryError) {
            let regex = try capturingRegex(text, anchored: false, dotMatchesNewline: false)
            let names = regex.groupNames.filter { !$0.isEmpty }
            guard !names.isEmpty else { throw .parse("at least one named capture must be supplied") }
            var seen: Set<String> = []
            for name in names where !seen.insert(name).inserted {
                throw .parse("duplicate extracted label name '\(name)'")
            }
            return regex
        } catch {
            throw error.inside("invalid regexp parser")
        }
    }

    private func linePattern(_ text: String) throws(LogQueryError) -> LinePattern {
        do throws(LogQueryError) {
            return try LinePattern(parser: text)
        } catch {
            throw error.inside("invalid pattern parser")
        }
    }

    /// `a="x.y", b`
    private mutating func extractions() throws(LogQueryError) -> [LabelExtraction] {
        var extractions: [LabelExtraction] = []
        while case .identifier(let name) = current.kind {
            advance()
            let path = take("=") ? try string() : name
            extractions.append(LabelExtraction(name: name, path: path))
            guard take(",") else { break }
        }
        return extractions
    }

    private mutating func logfmt() throws(LogQueryError) -> LogStage {
        var strict = false
        var keepEmpty = false
        while case .flag(let flag) = current.kind {
            switch flag {
            case "--strict": strict = true
            case "--keep-empty": keepEmpty = true
            default: throw unexpected()
            }
            advance()
        }
        let extractions = try extractions()
        let stage = LogStage.logfmt(strict: strict, keepEmpty: keepEmpty, extractions)
        if extractions.contains(where: { $0.path.isEmpty }) {
            throw .stage(
                stage, "cannot parse expression []: syntax error: unexpected $end, expecting STRING or KEY")
        }
        return stage
    }

    private mutating func labelFormats() throws(LogQueryError) -> [LabelFormat] {
        var formats: [LabelFormat] = []
        repeat {
            let name = try identifier()
            try expect("=")
            if case .string(let template) = current.kind {
                advance()
                formats.append(.template(name: name, template))
            } else {
                guard case .identifier = current.kind else { throw unexpected(expecting: "IDENTIFIER or STRING") }
                formats.append(.rename(name: name, source: try identifier()))
            }
        } while take(",")
        return formats
    }

    private mutating func choices() throws(LogQueryError) -> [LabelChoice] {
        var choices: [LabelChoice] = []
        repeat {
            let name = try identifier()
            if let kind = matcherKind {
                advance()
                choices.append(.matcher(try matcher(kind, name, try string())))
            } else {
                choices.append(.name(name))
            }
        } while take(",")
        return choices
    }

    // MARK: Label filters

    /// `and` binds tighter than `or`; a comma or nothing between two filters means and, without precedence: what follows
    /// is taken whole.
    mutating func labelFilter() throws(LogQueryError) -> LabelFilter {
        try nested { (parser) throws(LogQueryError) in
            let left = try parser.orFilter()
            guard parser.take(",") || parser.beginsLabelFilter else { return left }
            try parser.countOperator()
            return .and(left, try parser.labelFilter())
        }
    }

    private var beginsLabelFilter: Bool {
        switch current.kind {
        case .symbol("("): return true
        case .identifier:
            if case .symbol(let symbol) = following.kind {
                return Matcher.Kind(rawValue: symbol) != nil || LabelFilter.Comparison(rawValue: symbol) != nil
            }
            return false
        default: return false
        }
    }

    private mutating func orFilter() throws(LogQueryError) -> LabelFilter {
        var left = try andFilter()
        while take(word: "or") {
            try countOperator()
            // `x or y, z` and `x or y z` are x or (y and z).
            var right = try andFilter()
            while isSymbol(",") || beginsLabelFilter {
                _ = take(",")
                try countOperator()
                right = .and(right, try andFilter())
            }
            left = .or(left, right)
        }
        return left
    }

    private mutating func andFilter() throws(LogQueryError) -> LabelFilter {
        var left = try unitFilter()
        while take(word: "and") {
            try countOperator()
            left = .and(left, try unitFilter())
        }
        return left
    }

    private mutating func unitFilter() throws(LogQueryError) -> LabelFilter {
        if take("(") {
            let inner = try labelFilter()
            try expect(")")
            return inner
        }
        let name = try identifier()
        guard case .symbol(let symbol) = current.kind else { throw unexpected() }
        let kind = Matcher.Kind(rawValue: symbol)
        let comparison = LabelFilter.Comparison(rawValue: symbol == "=" ? "==" : symbol)
        guard kind != nil || comparison != nil else { throw unexpected() }
        advance()
        if case .string(let text) = current.kind {
            guard let kind else { throw unexpected() }
            advance()
            return .text(try matcher(kind, name, text))
        }
        if word == "ip", kind == .equal || kind == .notEqual {
            return .address(name: name, isNegative: kind == .notEqual, try address { "| \(name)\(symbol)ip(\($0))" })
        }
        guard let comparison else { throw unexpected(expecting: "STRING") }
        switch current.kind {
        case .identifier, .function, .end: throw unexpected()
        case .duration(let nanoseconds):
            advance()
            return .value(name: name, comparison, Double(nanoseconds), .duration)
        case .bytes(let bytes):
            advance()
            return .value(name: name, comparison, bytes, .bytes)
        case .symbol("-"):
            guard case .duration(let nanoseconds) = following.kind else {
                return .value(name: name, comparison, try number(), .number)
            }
            advance()
            advance()
            return .value(name: name, comparison, -Double(nanoseconds), .duration)
        default: return .value(name: name, comparison, try number(), .number)
        }
    }
}
