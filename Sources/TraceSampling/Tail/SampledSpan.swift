/// A span of a trace as conditions see it.
package protocol SampledSpan {
    /// Events that came with it.
    var eventCount: Int { get }

    /// A value of the span.
    ///
    /// - Parameter event: the number of an event, for the fields of events.
    func value(of field: OTTLField, event: Int?) -> OTTLValue
}
