import MartletCore

/// One of a stored dashboard's versions, without its model.
struct BoardVersion: Sendable, Hashable {
    let boardID: Int64
    let uid: String
    let version: Int64
    /// The version that was changed; 0 for the first.
    let parentVersion: Int64
    /// The version whose content was taken up again; 0 for none.
    let restoredFrom: Int64
    /// Unix seconds.
    let createdAt: Int64
    let createdBy: String
    let message: String

    /// In Grafana's shape.
    var json: [JSONValue.Member] {
        [
            .init("id", .int(version)), .init("dashboardId", .int(boardID)), .init("dashboardUID", .string(uid)),
            .init("uid", .string(uid)), .init("version", .int(version)), .init("parentVersion", .int(parentVersion)),
            .init("restoredFrom", .int(restoredFrom)), .init("created", .time(createdAt)),
            .init("createdBy", .string(createdBy)), .init("message", .string(message)),
        ]
    }
}
