import TraceSampling
import Wire

/// A span that is written down in a test.
struct FixtureSpan: SampledSpan {
    /// An event of it.
    struct Event {
        var name = ""
        var time: Int64 = 0
        var attributes: [String: OTTLValue] = [:]
    }

    var fields: [OTTLField: OTTLValue] = [:]
    var attributes: [String: OTTLValue] = [:]
    var resource: [String: OTTLValue] = [:]
    var scope: [String: OTTLValue] = [:]
    var events: [Event] = []

    var eventCount: Int { events.count }

    func value(of field: OTTLField, event: Int?) -> OTTLValue {
        let current = event.map { events[$0] }
        switch field {
        case .attributes(let owner):
            let pairs = attributes(of: owner, current).map { (ByteString($0), $1) }
            return .map(Dictionary(uniqueKeysWithValues: pairs))
        case .attribute(let owner, let key): return attributes(of: owner, current)[key] ?? .none
        case .eventName: return current.map { .text(ByteString($0.name)) } ?? .none
        case .eventTime: return current.map { .time($0.time) } ?? .none
        case .eventIndex: return event.map { .int(Int64($0)) } ?? .none
        default: return fields[field] ?? .none
        }
    }

    private func attributes(of owner: OTTLField.Owner, _ event: Event?) -> [String: OTTLValue] {
        switch owner {
        case .span: attributes
        case .resource: resource
        case .scope: scope
        case .event: event?.attributes ?? [:]
        }
    }
}
