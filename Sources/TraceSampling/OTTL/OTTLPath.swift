/// The paths of conditions: what stands behind the prefix that says whose they are.
enum OTTLPath {
    /// Whose a path is.
    enum Owner {
        case span
        case spanEvent
        case resource
        case scope

        /// The owner that a path's first segment names.
        init?(prefix: String) {
            switch prefix {
            case "span": self = .span
            case "spanevent": self = .spanEvent
            case "resource": self = .resource
            case "scope", "instrumentation_scope": self = .scope
            default: return nil
            }
        }

        init(_ context: OTTLContext) { self = context == .span ? .span : .spanEvent }

        fileprivate var attributes: OTTLField.Owner {
            switch self {
            case .span: .span
            case .spanEvent: .event
            case .resource: .resource
            case .scope: .scope
            }
        }
    }

    private static let kinds = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"]
    private static let statusCodes = ["UNSET", "OK", "ERROR"]

    /// The numbers that names in capitals stand for.
    static let enumeration: [(name: String, value: Int64)] =
        kinds.enumerated().map { ("SPAN_KIND_\($1)", Int64($0)) }
        + statusCodes.enumerated().map { ("STATUS_CODE_\($1)", Int64($0)) }

    /// What a path without keys stands for; nil for an unknown one.
    static func operand(_ path: String, of owner: Owner) -> OTTLOperand? {
        if path == "attributes" { return .field(.attributes(owner.attributes)) }
        switch owner {
        case .span: return spans[path]
        case .spanEvent: return events[path]
        case .resource: return nil
        case .scope: return scopes[path]
        }
    }

    /// The known paths of an owner.
    static func known(of owner: Owner) -> [String] {
        let others: [String]
        switch owner {
        case .span: others = Array(spans.keys)
        case .spanEvent: others = Array(events.keys)
        case .resource: others = []
        case .scope: others = Array(scopes.keys)
        }
        return (others + ["attributes"]).sorted()
    }

    private static let spans: [String: OTTLOperand] = [
        "name": .field(.name),
        "kind": .field(.kind),
        "kind.string": .word(.field(.kind), kinds.map { $0.prefix(1) + $0.dropFirst().lowercased() }),
        "kind.deprecated_string": .word(.field(.kind), kinds.map { "SPAN_KIND_" + $0 }),
        "status.code": .field(.statusCode),
        "status.message": .field(.statusMessage),
        "start_time": .field(.startTime),
        "end_time": .field(.endTime),
        "start_time_unix_nano": .call(.unixNano, [.field(.startTime)]),
        "end_time_unix_nano": .call(.unixNano, [.field(.endTime)]),
        "trace_id": .field(.traceID),
        "trace_id.string": .hex(.field(.traceID)),
        "span_id": .field(.spanID),
        "span_id.string": .hex(.field(.spanID)),
        "parent_span_id": .field(.parentSpanID),
        "parent_span_id.string": .hex(.field(.parentSpanID)),
        "trace_state": .field(.traceState),
        "flags": .field(.flags),
        "dropped_attributes_count": .field(.droppedAttributes),
        "dropped_events_count": .field(.droppedEvents),
        "dropped_links_count": .field(.droppedLinks),
    ]

    private static let events: [String: OTTLOperand] = [
        "name": .field(.eventName),
        "time": .field(.eventTime),
        "time_unix_nano": .call(.unixNano, [.field(.eventTime)]),
        "dropped_attributes_count": .field(.eventDroppedAttributes),
        "event_index": .field(.eventIndex),
    ]

    private static let scopes: [String: OTTLOperand] = [
        "name": .field(.scopeName),
        "version": .field(.scopeVersion),
    ]
}
