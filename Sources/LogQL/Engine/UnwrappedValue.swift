import MartletCore

/// The number in a label, and the filters that stand behind `unwrap`.
struct UnwrappedValue {
    private let name: [UInt8]
    private let conversion: Unwrap.Conversion
    private let conditions: [LabelCondition]

    init(_ unwrap: Unwrap) {
        name = Array(unwrap.label.utf8)
        conversion = unwrap.conversion
        conditions = unwrap.filters.map { LabelCondition($0) }
    }

    private var unit: LabelFilter.Unit {
        switch conversion {
        case .number: .number
        case .duration, .seconds: .duration
        case .bytes: .bytes
        }
    }

    /// The number in the line's label; nil when the line is passed over. What cannot be read is 0, with an error.
    func value(_ labels: inout LineLabels) -> Double? {
        let found: Double? = labels.withValue(name) { text in
            guard !text.isEmpty else { return nil }
            let number = NumberText.value(text, unit) ?? .nan
            return unit == .duration ? number / 1e9 : number
        }
        guard var value = found else { return nil }
        if value.isNaN {
            let text = labels.withValue(name) { String(decoding: $0, as: UTF8.self) }
            if text.lowercased() != "nan" {
                labels.fail("SampleExtractionErr", NumberText.complaint(text, unit))
                value = 0
            }
        }
        for condition in conditions where !condition.passes(&labels) { return nil }
        return value
    }
}
