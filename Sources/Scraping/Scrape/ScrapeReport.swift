/// What one scrape brought, for the synthetic series and the API.
package struct ScrapeReport: Sendable, Equatable {
    package internal(set) var durationSeconds = 0.0
    /// Samples in the answer.
    package internal(set) var scraped = 0
    /// Samples left after relabelling.
    package internal(set) var postRelabelling = 0
    /// Series not seen in the scrape before.
    package internal(set) var added = 0
    /// Samples that the store refused.
    package internal(set) var outOfOrder = 0
    package internal(set) var duplicates = 0
    package internal(set) var outOfBounds = 0
    package internal(set) var refusedForMemory = 0
    /// Samples of new series that break a limit of the store, and the first reason.
    package internal(set) var overLimits = 0
    package internal(set) var limitReason = ""
    /// The failure; nil when the target is up.
    package internal(set) var failure: ScrapeFailure?
}
