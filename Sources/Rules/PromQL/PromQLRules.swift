import MartletCore
package import PromQL
package import Service

/// PromQL as the language of rules.
package struct PromQLRules: RuleLanguage {
    private let options: Parser.Options

    /// The language with its optional parts.
    package init(_ options: Parser.Options = Parser.Options()) {
        self.options = options
    }

    package func parse(_ text: String) throws -> RuleExpression {
        let expression = try Parser.parse(text, options: options)
        let reads = expression.selectors.map { $0.matchers.filter { $0.name == Labels.metricName } }
        return RuleExpression(expression, reads: reads)
    }
}

extension RuleFile {
    /// Reads a file with expressions in PromQL.
    package init(path: String, options: Parser.Options) throws(RuleFileError) {
        try self.init(path: path, language: PromQLRules(options))
    }

    /// Decodes a document with expressions in PromQL.
    package init(_ document: ConfigDocument, options: Parser.Options) throws {
        try self.init(document, language: PromQLRules(options))
    }
}
