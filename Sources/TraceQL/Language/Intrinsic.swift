/// A built-in field; the raw value is its short or only spelling, `scopedName` the spelling with a scope.
package enum Intrinsic: String, Hashable, Sendable, CaseIterable {
    case name
    case status
    case statusMessage
    case kind
    case duration
    case spanID = "span:id"
    case spanParentID = "span:parentID"
    case childCount = "span:childCount"
    case traceDuration
    case rootName
    case rootServiceName
    case traceID = "trace:id"
    case eventName = "event:name"
    case eventTimeSinceStart = "event:timeSinceStart"
    case linkTraceID = "link:traceID"
    case linkSpanID = "link:spanID"
    case instrumentationName = "instrumentation:name"
    case instrumentationVersion = "instrumentation:version"
    case nestedSetLeft
    case nestedSetRight
    case nestedSetParent

    /// The spelling with a scope, or the only spelling.
    package var scopedName: String {
        switch self {
        case .name: "span:name"
        case .status: "span:status"
        case .statusMessage: "span:statusMessage"
        case .kind: "span:kind"
        case .duration: "span:duration"
        case .traceDuration: "trace:duration"
        case .rootName: "trace:rootName"
        case .rootServiceName: "trace:rootService"
        default: rawValue
        }
    }

    /// The intrinsic of either spelling.
    package init?(spelling: String) {
        if let found = Intrinsic(rawValue: spelling) {
            self = found
        } else if spelling == "childCount" {
            self = .childCount
        } else if let found = Intrinsic.allCases.first(where: { $0.scopedName == spelling }) {
            self = found
        } else {
            return nil
        }
    }

    /// The static type of the field.
    package var type: ValueType {
        switch self {
        case .duration, .traceDuration, .eventTimeSinceStart: .duration
        case .status: .status
        case .kind: .kind
        case .childCount, .nestedSetLeft, .nestedSetRight, .nestedSetParent: .int
        default: .string
        }
    }
}

extension Intrinsic {
    /// How many hex digits the id has, for fields that are ids.
    var idDigits: Int? {
        switch self {
        case .traceID: 32
        case .spanID, .spanParentID: 16
        default: nil
        }
    }
}
