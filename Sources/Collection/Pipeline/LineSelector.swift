import MartletCore

/// What a match stage selects: a LogQL stream selector and line filters, `{app="x"} |= "error" !~ "a.*b"`.
package struct LineSelector: Sendable {
    private enum Filter: Sendable {
        case contains([UInt8], wanted: Bool)
        case matches(Regex, wanted: Bool)
    }

    private let matchers: [Matcher]
    private let filters: [Filter]

    /// Anything beyond selector and line filters is an error.
    package init(_ text: String) throws(LineSelectorError) {
        var scanner = LineSelectorScanner(text)
        matchers = try scanner.matchers()
        var filters: [Filter] = []
        while let filter = try scanner.filter() {
            switch filter.kind {
            case .contains: filters.append(.contains(Array(filter.text.utf8), wanted: filter.wanted))
            case .regex:
                do {
                    filters.append(.matches(try Regex(filter.text, anchored: false), wanted: filter.wanted))
                } catch {
                    throw LineSelectorError(selector: text, reason: "\(error)")
                }
            }
        }
        self.filters = filters
    }

    /// True when labels and line are selected.
    package func selects(_ labels: [String: String], _ line: [UInt8]) -> Bool {
        for matcher in matchers {
            let value = Array((labels[matcher.name] ?? "").utf8)
            if !value.withUnsafeBytes({ matcher.matches($0) }) { return false }
        }
        return line.withUnsafeBytes { raw in
            filters.allSatisfy { filter in
                switch filter {
                case .contains(let text, let wanted):
                    text.withUnsafeBytes { Bytes.find($0, in: raw) != nil } == wanted
                case .matches(let regex, let wanted): regex.matches(raw) == wanted
                }
            }
        }
    }
}
