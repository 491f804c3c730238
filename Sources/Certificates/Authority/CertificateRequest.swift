/// What a certificate is to be for.
package struct CertificateRequest: Sendable, Equatable {
    /// The subject's common name, which only people read.
    package var name: String
    /// Names and addresses under which a server is asked; none for a client.
    package var hosts: [SubjectHost]
    /// Whether servers are to take it for a client's.
    package var isClient: Bool
    /// How long it is valid, in days; the authority's own end comes first.
    package var days: Int

    /// Days that a certificate is valid unless somebody says otherwise: what browsers take at most, less a day.
    package static let standardDays = 397

    /// A certificate for a server where there are hosts, for a client where `isClient`.
    package init(name: String, hosts: [SubjectHost], isClient: Bool = false, days: Int = standardDays) {
        self.name = name
        self.hosts = hosts
        self.isClient = isClient
        self.days = days
    }
}
