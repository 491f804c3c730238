/// What a server of a site shows to another.
package enum SiteToken: String, CaseIterable, Sendable {
    /// Agents and applications send with it.
    case send
    /// The metric server scrapes with it.
    case scrape
    /// The dashboards ask with it.
    case query
    /// Alerts are passed on with it.
    case alert

    /// The file that holds it.
    package var file: String { rawValue + ".token" }
}
