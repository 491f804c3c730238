/// Where a trace, or a part of one, lies: the part's serial number and the number of the trace in it.
struct FragmentRef: Hashable, Sendable {
    let part: UInt32
    let trace: UInt32

    static let none = FragmentRef(part: .max, trace: .max)

    var isNone: Bool { part == .max }
}
