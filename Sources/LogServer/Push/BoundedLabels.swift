import MartletCore
import Wire

/// Labels made of a client's attributes, kept only as far as a limit could let them pass: what comes beyond is counted,
/// so that a refusal can say how much it was, and costs nothing else.
struct BoundedLabels: Sendable {
    private var builder = LabelsBuilder()
    private let maxCount: Int
    private let maxSize: Int
    /// Names and values set, those that were not kept included.
    private(set) var count = 0
    /// Bytes of names and values, those that were not kept included.
    private(set) var size = 0

    /// Room for twice what the limits allow; a limit of 0 is none, and then 10,000 labels and 1 MiB.
    init(countLimit: Int, sizeLimit: Int) {
        maxCount = countLimit > 0 ? Self.doubled(countLimit) : 10_000
        maxSize = sizeLimit > 0 ? Self.doubled(sizeLimit) : 1 << 20
    }

    /// Whoever wants no limit may have written the largest number that there is.
    private static func doubled(_ limit: Int) -> Int {
        let (double, overflow) = limit.multipliedReportingOverflow(by: 2)
        return overflow ? .max : double
    }

    /// Whether labels were left out.
    var isOverfull: Bool { count > maxCount || size > maxSize }

    /// The labels that were kept.
    var labels: Labels { builder.build() }

    /// Sets a label; an empty value removes it.
    mutating func set(_ name: String, _ value: String) {
        count += 1
        size += name.utf8.count + value.utf8.count
        if !isOverfull { builder.set(name, value) }
    }

    /// Sets an attribute under its label name; maps are flattened with `_`. Decoding has bounded their depth.
    mutating func set(_ value: OTLP.AnyValue, _ name: String) {
        // A map's name stands before each of its members: nothing is flattened that cannot pass.
        guard !isOverfull, name.utf8.count <= maxSize else { return set(name, "") }
        if case .map(let pairs) = value {
            for pair in pairs { set(pair.value, name + "_" + pair.key.string) }
            return
        }
        set(String(decoding: MetadataName.normal(name.utf8), as: UTF8.self), value.text.string)
    }
}
