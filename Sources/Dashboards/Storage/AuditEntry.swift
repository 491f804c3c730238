/// Something that somebody changed.
struct AuditEntry: Sendable, Hashable {
    /// Rises with time.
    let id: Int64
    /// Unix seconds.
    let time: Int64
    /// Who did it; stays when the user goes.
    let login: String
    /// From where.
    let address: String
    /// What was done, `dashboard.save`.
    let action: String
    /// To what: a uid, a login.
    let subject: String
    /// More for people to read.
    let detail: String
}
