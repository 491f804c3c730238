/// What the attribute `sampling.priority` of a span asks for, by OpenTracing's conventions.
package enum SamplingPriority: Sendable {
    /// Nothing: chance decides.
    case none
    /// The span is to be kept.
    case keep
    /// The span is to be left out.
    case leaveOut

    /// From the attribute's number: 0 leaves out, more keeps.
    init(_ number: Double) {
        self = number == 0 ? .leaveOut : number > 0 ? .keep : .none
    }
}
