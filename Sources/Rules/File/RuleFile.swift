package import Service

/// A file of rule groups in Prometheus' format.
package struct RuleFile: Sendable {
    /// As the configuration names it.
    package let path: String
    package let groups: [RuleGroupDefinition]

    /// Reads a file with expressions in `language`.
    package init(path: String, language: any RuleLanguage) throws(RuleFileError) {
        do {
            try self.init(ConfigDocument(path: path), language: language)
        } catch let error as ConfigError {
            throw RuleFileError(["\(error)"])
        } catch let error as RuleFileError {
            throw error
        } catch {
            throw RuleFileError(["\(path): \(error)"])
        }
    }

    /// Decodes a document: `ConfigError` when its shape is wrong, `RuleFileError` when its rules are.
    package init(_ document: ConfigDocument, language: any RuleLanguage) throws {
        var decoder = RuleFileDecoder(language: language)
        path = document.file
        groups = try decoder.groups(document.root)
        guard decoder.problems.isEmpty else {
            throw RuleFileError(decoder.problems.map { "\(document.file): \($0)" })
        }
    }

    /// Decodes one group that stands alone, as Mimir's API takes it.
    package static func group(_ document: ConfigDocument, language: any RuleLanguage) throws -> RuleGroupDefinition {
        var decoder = RuleFileDecoder(language: language)
        let group = try decoder.group(document.root)
        guard decoder.problems.isEmpty else { throw RuleFileError(decoder.problems) }
        return group
    }
}
