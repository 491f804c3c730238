/// Where an attribute is looked for; `any` is the bare `.name`, which searches the span, its resource, its events, its
/// links and its instrumentation scope, in this order.
package enum AttributeScope: String, Hashable, Sendable, CaseIterable {
    case any = ""
    case span
    case resource
    case event
    case link
    case instrumentation
}
