/// A condition in the OpenTelemetry Transformation Language, about a span or an event of a span.
///
/// Source: `pkg/ottl` of opentelemetry-collector-contrib: LANGUAGE.md, `ottlfuncs` and the contexts of spans and span events.
package struct OTTLCondition: Sendable {
    /// As it was written.
    package let text: String
    private let expression: OTTLExpression

    /// Reads a condition: whatever is wrong with it, but for the types of what spans have, is found here.
    package init(_ text: String, _ context: OTTLContext) throws(OTTLError) {
        self.text = text
        var parser = try OTTLParser(text, context)
        expression = try parser.condition()
    }

    /// Whether the condition holds for a span, or for an event of it.
    ///
    /// - Parameters:
    ///   - event: the number of the event; nil for a condition about spans.
    ///   - now: what `Now()` gives, Unix nanoseconds.
    package func holds(for span: any SampledSpan, event: Int? = nil, now: UInt64) throws(OTTLFailure) -> Bool {
        try expression.holds(OTTLSubject(span: span, event: event, now: now))
    }
}
