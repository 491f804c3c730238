import MartletCore

/// Which labels of a line name the series that it belongs to.
enum SeriesNames: Sendable {
    /// Only these, sorted bytewise, each once.
    case only([[UInt8]])
    /// All but these.
    case except([[UInt8]])

    /// The labels that a range aggregation keeps; `grouping` is its own, or that of a sum around it.
    init(_ grouping: Grouping?, isAbsent: Bool, unwrap: Unwrap?) {
        let unwrapped = unwrap.map { [Array($0.label.utf8)] } ?? []
        guard !isAbsent else {
            self = .only([])
            return
        }
        guard let grouping else {
            self = .except(unwrapped)
            return
        }
        let names = Set(grouping.names.map { Array($0.utf8) })
        self =
            grouping.isWithout
            ? .except(Array(names) + unwrapped) : .only(names.sorted { $0.lexicographicallyPrecedes($1) })
    }

    /// Appends the labels of a line that name its series, in `Labels`' encoding.
    func append(of labels: inout LineLabels, to out: inout [UInt8]) {
        switch self {
        case .only(let names): labels.appendCanonical(to: &out, names: names)
        case .except(let names):
            labels.appendCanonical(to: &out) { name in !names.contains { name.elementsEqual($0) } }
        }
    }
}
