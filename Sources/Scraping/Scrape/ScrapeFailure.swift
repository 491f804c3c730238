/// Why a scrape gave nothing; the texts are those on Prometheus' targets page.
package struct ScrapeFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    /// A failure with this text.
    package init(_ description: String) {
        self.description = description
    }
}
