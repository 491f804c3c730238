package import PromQL
package import Service

/// A file of rule groups in Prometheus' format.
package struct RuleFile: Sendable {
    /// As the configuration names it.
    package let path: String
    package let groups: [RuleGroupDefinition]

    /// Reads a file. Expressions are parsed under `options`.
    package init(path: String, options: Parser.Options) throws(RuleFileError) {
        do {
            try self.init(ConfigDocument(path: path), options: options)
        } catch let error as ConfigError {
            throw RuleFileError(["\(error)"])
        } catch let error as RuleFileError {
            throw error
        } catch {
            throw RuleFileError(["\(path): \(error)"])
        }
    }

    /// Decodes a document: `ConfigError` when its shape is wrong, `RuleFileError` when its rules are.
    package init(_ document: ConfigDocument, options: Parser.Options) throws {
        var decoder = RuleFileDecoder(options: options)
        path = document.file
        groups = try decoder.groups(document.root)
        guard decoder.problems.isEmpty else {
            throw RuleFileError(decoder.problems.map { "\(document.file): \($0)" })
        }
    }

    /// Decodes one group that stands alone, as Mimir's API takes it.
    package static func group(_ document: ConfigDocument, options: Parser.Options) throws -> RuleGroupDefinition {
        var decoder = RuleFileDecoder(options: options)
        let group = try decoder.group(document.root)
        guard decoder.problems.isEmpty else { throw RuleFileError(decoder.problems) }
        return group
    }
}
