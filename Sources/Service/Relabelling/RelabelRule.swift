import Crypto
package import MartletCore

/// One step of `relabel_configs` or `metric_relabel_configs`.
package struct RelabelRule: Sendable, Equatable {
    /// What the rule does.
    package var action = RelabelAction.replace
    /// Labels whose values are joined to be looked at.
    package var sourceLabels: [String] = []
    /// Stands between the joined values.
    package var separator = ";"
    /// The label that is set; for `replace` it may contain `$1`, `${name}`.
    package var targetLabel = ""
    /// Matched against the whole of the joined values, or of label names.
    package var regex: Regex
    /// The value that `replace` sets, or the name that `labelmap` gives, with `$1`, `${name}`.
    package var replacement = "$1"
    /// The divisor of `hashmod`.
    package var modulus: UInt64 = 0

    /// A rule with the default values of everything but the expression, which by default is `(.*)`.
    package init(regex: Regex) {
        self.regex = regex
    }

    /// Runs all rules over a label set; nil when one of them drops it.
    package static func apply(_ rules: [RelabelRule], to labels: Labels) -> Labels? {
        guard !rules.isEmpty else { return labels }
        var builder = LabelsBuilder(labels)
        for rule in rules where !rule.apply(to: &builder) { return nil }
        return builder.build()
    }

    /// Runs the rule; false when it drops the label set.
    package func apply(to labels: inout LabelsBuilder) -> Bool {
        var joined: [UInt8] = []
        for (index, name) in sourceLabels.enumerated() {
            if index > 0 { joined += separator.utf8 }
            if let value = labels[name] { joined += value.utf8 }
        }
        switch action {
        case .keep: return matches(joined)
        case .drop: return !matches(joined)
        case .keepequal: return Array((labels[targetLabel] ?? "").utf8) == joined
        case .dropequal: return Array((labels[targetLabel] ?? "").utf8) != joined
        case .replace: replace(joined, &labels)
        case .lowercase: labels.set(targetLabel, String(decoding: joined, as: UTF8.self).lowercased())
        case .uppercase: labels.set(targetLabel, String(decoding: joined, as: UTF8.self).uppercased())
        case .hashmod: labels.set(targetLabel, String(hash(joined) % max(modulus, 1)))
        case .labelmap: map(&labels)
        case .labeldrop: labels.filter { name in !matches(name) }
        case .labelkeep: labels.filter { name in matches(name) }
        }
        return true
    }

    private func replace(_ joined: [UInt8], _ labels: inout LabelsBuilder) {
        let (target, value) = joined.withUnsafeBytes { text -> ([UInt8]?, [UInt8]?) in
            (expand(targetLabel, text), expand(replacement, text))
        }
        guard let target, let value, !target.isEmpty, String(validating: target, as: UTF8.self) != nil else { return }
        target.withUnsafeBytes { name in value.withUnsafeBytes { labels.setBytes(name, $0) } }
    }

    private func map(_ labels: inout LabelsBuilder) {
        let before = labels.build()
        before.forEach { name, value in
            guard let renamed = expand(replacement, name) else { return }
            renamed.withUnsafeBytes { labels.setBytes($0, value) }
        }
    }

    /// The template filled from the match; nil when the text does not match.
    private func expand(_ template: String, _ text: UnsafeRawBufferPointer) -> [UInt8]? {
        if template == "$1", regex.pattern == "(.*)" { return Array(text) }
        return regex.expand(RegexTemplate(template, for: regex), matching: text)
    }

    private func matches(_ text: [UInt8]) -> Bool { text.withUnsafeBytes { matches($0) } }

    private func matches(_ text: UnsafeRawBufferPointer) -> Bool { regex.matches(text) }

    /// The last 8 bytes of the MD5 digest, big endian, as Prometheus computes it.
    private func hash(_ text: [UInt8]) -> UInt64 {
        Insecure.MD5.hash(data: text).suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
