/// Why a line or a stream was not taken, with the reason's name in metrics and Loki's words for the client.
struct PushProblem: Error, Hashable {
    enum Reason: String, Hashable, CaseIterable {
        case missingLabels = "missing_labels"
        case invalidLabels = "invalid_labels"
        case maxLabelNamesPerSeries = "max_label_names_per_series"
        case labelNameTooLong = "label_name_too_long"
        case labelValueTooLong = "label_value_too_long"
        case greaterThanMaxSampleAge = "greater_than_max_sample_age"
        case tooFarInFuture = "too_far_in_future"
        case lineTooLong = "line_too_long"
        case metadataTooLarge = "structured_metadata_too_large"
        case metadataTooMany = "structured_metadata_too_many"
        case metadataDisallowed = "disallowed_structured_metadata"
        case streamLimit = "stream_limit"
        case tenantLimit = "tenant_limit"
        case rateLimited = "rate_limited"

        /// Whether the client should send the lines again later.
        var isRateLimit: Bool { self == .streamLimit || self == .rateLimited || self == .tenantLimit }
    }

    /// Bytes of a client's text that a message repeats.
    private static let excerptBytes = 1024

    let reason: Reason
    let message: String

    init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }

    /// A client's text for a message, cut where it is long: an answer must not be as large as what it answers.
    static func excerpt(_ text: UnsafeRawBufferPointer) -> String {
        guard text.count > excerptBytes else { return String(decoding: text, as: UTF8.self) }
        return String(decoding: text.prefix(excerptBytes), as: UTF8.self) + "…"
    }
}
