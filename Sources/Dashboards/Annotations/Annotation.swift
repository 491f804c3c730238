import MartletCore

/// A note on a time or a span of time, on one panel, one dashboard, or all of them.
struct Annotation: Sendable, Hashable {
    let id: Int64
    /// Empty for all dashboards.
    let boardUID: String
    /// 0 for all panels.
    let panelID: Int64
    /// Unix milliseconds.
    var time: Int64
    /// Not before ``time``; the same for a moment.
    var timeEnd: Int64
    var text: String
    var tags: [String]
    /// An object of whoever made it.
    var data: JSONValue
    let userID: Int64
    let login: String
    /// Unix seconds.
    let createdAt: Int64
    var updatedAt: Int64

    /// In Grafana's shape.
    var json: JSONValue {
        [
            "id": .int(id), "alertId": 0, "alertName": "", "dashboardId": 0, "dashboardUID": .string(boardUID),
            "panelId": .int(panelID), "userId": .int(userID), "login": .string(login), "email": "", "avatarUrl": "",
            "newState": "", "prevState": "", "created": .int(createdAt * 1000), "updated": .int(updatedAt * 1000),
            "time": .int(time), "timeEnd": .int(timeEnd), "text": .string(text), "tags": .strings(tags), "data": data,
        ]
    }
}
