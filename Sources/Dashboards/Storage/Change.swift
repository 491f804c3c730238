import GRDB
import MartletCore

/// A transaction in which a user changes something.
struct Change {
    let database: Database
    let caller: Caller
    /// Unix seconds.
    let now: Int64

    /// Writes a line of the audit, which stands if and only if the change does.
    /// - Parameters:
    ///   - action: what was done, `dashboard.save`.
    ///   - subject: to what: a uid, a login.
    ///   - detail: more for people to read; never a secret.
    ///   - isPersonal: true for what a user changes for himself alone.
    func note(_ action: String, _ subject: String, _ detail: String = "", isPersonal: Bool = false) throws {
        try AuditTable.add(
            AuditEntry(
                id: 0, time: now, login: caller.user.login, address: caller.address, action: action, subject: subject,
                detail: detail.cut(to: 500)), isPersonal: isPersonal, to: database)
    }
}
