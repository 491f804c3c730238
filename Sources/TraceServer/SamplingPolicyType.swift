/// The types of policies that the OpenTelemetry Collector's `tail_sampling` processor knows.
enum SamplingPolicyType: String, CaseIterable {
    case alwaysSample = "always_sample"
    case latency
    case numericAttribute = "numeric_attribute"
    case probabilistic
    case statusCode = "status_code"
    case stringAttribute = "string_attribute"
    case booleanAttribute = "boolean_attribute"
    case rateLimiting = "rate_limiting"
    case bytesLimiting = "bytes_limiting"
    case spanCount = "span_count"
    case traceState = "trace_state"
    case traceFlags = "trace_flags"
    case ottlCondition = "ottl_condition"
    case and
    case not
    case drop
    case composite
}
