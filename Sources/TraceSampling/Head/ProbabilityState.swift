import MartletCore

/// OpenTelemetry's member of a tracestate, `ot=th:…;rv:…`: how spans were sampled on their way.
struct ProbabilityState {
    static let key = Array("ot".utf8)

    /// The threshold of the samplers so far; nil when there was none.
    var threshold: SamplingThreshold?
    /// The randomness that samplers use; nil when it is that of the trace's id.
    var randomness: UInt64?
    /// Other members, as they came.
    private var others: [[UInt8]] = []

    /// The member of a tracestate, which need not be there; nil when it is not what the specification says.
    init?(of state: UnsafeRawBufferPointer) {
        guard let text = TraceState.value(of: Self.key, in: state) else { return }
        for member in text.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false) {
            let member = UnsafeRawBufferPointer(rebasing: member)
            guard let colon = Bytes.firstIndex(of: UInt8(ascii: ":"), in: member), colon > 0 else { return nil }
            let value = UnsafeRawBufferPointer(rebasing: member[(colon + 1)...])
            switch String(decoding: member[..<colon], as: UTF8.self) {
            case "th":
                guard let read = SamplingThreshold(text: value) else { return nil }
                threshold = read
            case "rv":
                guard let read = SamplingThreshold.randomness(text: value) else { return nil }
                randomness = read
            default: others.append(Array(member))
            }
        }
    }

    /// The member's value.
    var encoded: [UInt8] {
        var members: [[UInt8]] = []
        if let randomness { members.append(Array("rv:".utf8) + SamplingThreshold.text(ofRandomness: randomness)) }
        if let threshold { members.append(Array("th:".utf8) + threshold.text) }
        return Array((members + others).joined(separator: [UInt8(ascii: ";")]))
    }
}
