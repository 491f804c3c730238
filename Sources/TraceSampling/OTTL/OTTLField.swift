/// What a condition may ask of a span, and of one of its events.
package enum OTTLField: Sendable, Hashable {
    /// Whose attributes.
    package enum Owner: Sendable, Hashable {
        /// The span's.
        case span
        /// Its resource's.
        case resource
        /// Its instrumentation scope's.
        case scope
        /// The event's.
        case event
    }

    /// All attributes, as a map.
    case attributes(Owner)
    /// The value of one attribute; none when it is not there.
    case attribute(Owner, key: String)
    /// A text.
    case name
    /// OTLP's number.
    case kind
    /// OTLP's number.
    case statusCode
    /// A text.
    case statusMessage
    /// A time.
    case startTime
    /// A time.
    case endTime
    /// 16 bytes.
    case traceID
    /// 8 bytes.
    case spanID
    /// 8 bytes, zeros for none.
    case parentSpanID
    /// A text.
    case traceState
    /// A number.
    case flags
    /// A number.
    case droppedAttributes
    /// A number.
    case droppedEvents
    /// A number.
    case droppedLinks
    /// A text.
    case scopeName
    /// A text.
    case scopeVersion
    /// A text.
    case eventName
    /// A time.
    case eventTime
    /// A number.
    case eventDroppedAttributes
    /// The number of the event among those of its span, from 0.
    case eventIndex
}
