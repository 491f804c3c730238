/// The families gathered in one scrape, in the order in which they first appeared.
///
/// Collectors walk devices and add a sample to many families per device; the exposition wants each family in one piece.
package struct HostMetrics: Sendable {
    /// All families so far.
    package private(set) var families: [HostFamily] = []
    private var index: [String: Int] = [:]

    /// An empty set.
    package init() {}

    /// Adds one series to the family `name`, opening the family when it is new.
    package mutating func add(
        _ name: String, _ kind: HostMetricKind, _ help: @autoclosure () -> String, _ value: Double,
        _ labels: KeyValuePairs<String, String> = [:]
    ) {
        let sample = HostSample(labels: labels.map { (name: $0.key, value: $0.value) }, value: value)
        if let at = index[name] {
            families[at].samples.append(sample)
        } else {
            index[name] = families.count
            families.append(HostFamily(name: name, kind: kind, help: help(), samples: [sample]))
        }
    }

    /// The value of a series, for those who look one up by name.
    package func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        guard let at = index[name] else { return nil }
        return families[at].samples.first { sample in
            sample.labels.count == labels.count && sample.labels.allSatisfy { labels[$0.name] == $0.value }
        }?.value
    }
}
