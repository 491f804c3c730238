package import Service

/// What `check config --from` says of a file.
package enum SurveyReport {
    /// A line for each key, in the order of the file, and a summary.
    package static func text(_ survey: ConfigSurvey, of path: String, from origin: ConfigOrigin) -> String {
        var text = ""
        for finding in survey.findings {
            let key = finding.path.isEmpty ? "the document" : finding.path
            let place = finding.line > 0 ? "\(finding.line): " : ""
            switch finding.fate {
            case .kept(1): text += "  kept           \(place)\(key)\n"
            case .kept(let values): text += "  kept           \(place)\(key) (\(values) values)\n"
            case .withoutMeaning(let reason): text += "  no meaning     \(place)\(named(reason, key))\n"
            case .refused(let reason): text += "  not supported  \(place)\(named(reason, key))\n"
            }
        }
        let counts = survey.counts
        text += "\(path): \(counts.kept) \(counts.kept == 1 ? "value is" : "values are") kept, "
        text += "\(counts.withoutMeaning) \(counts.withoutMeaning == 1 ? "key has" : "keys have") no meaning here, "
        text += "\(counts.refused) \(counts.refused == 1 ? "is" : "are") not supported\n"
        text +=
            counts.refused == 0
            ? "\(origin.server) takes this file of \(origin.name) as it is\n"
            : "\(origin.server) would not start with this file of \(origin.name) (exit code 2)\n"
        return text
    }

    /// A reason, with the key before it where it does not begin with that itself.
    private static func named(_ reason: String, _ key: String) -> String {
        reason.hasPrefix(key) ? reason : "\(key): \(reason)"
    }
}
