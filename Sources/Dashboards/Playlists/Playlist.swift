import HTTPTypes
import MartletCore
import Service

/// Dashboards that are shown one after the other.
struct Playlist: Sendable, Hashable {
    /// 0 while it is not stored.
    let id: Int64
    let uid: String
    let name: String
    /// How long each is shown, as Prometheus writes durations: `5m`.
    let interval: String
    let items: [Item]

    /// A dashboard, or all that have a tag.
    struct Item: Sendable, Hashable {
        enum Kind: String, Sendable {
            case board = "dashboard_by_uid"
            case tag = "dashboard_by_tag"
        }

        let kind: Kind
        /// A uid or a tag.
        let value: String
        let title: String

        var json: JSONValue {
            ["type": .string(kind.rawValue), "value": .string(value), "title": .string(title)]
        }
    }

    private static let itemLimit = 500

    init(id: Int64, uid: String, name: String, interval: String, items: [Item]) {
        self.id = id
        self.uid = uid
        self.name = name
        self.interval = interval
        self.items = items
    }

    /// Reads what somebody wants to save.
    /// - Throws: ``HTTPFailure`` 400 with what is wrong.
    init(_ body: JSONValue, uid: String) throws(HTTPFailure) {
        id = 0
        self.uid = uid
        name = (body["name"]?.string ?? "").trimmed
        guard !name.isEmpty, name.fits(255) else {
            throw HTTPFailure(.badRequest, "a playlist needs a name, of at most 255 characters")
        }
        interval = body["interval"]?.string ?? "5m"
        guard let length = try? PrometheusDuration.parse(interval), (1000...86_400_000).contains(length) else {
            throw HTTPFailure(.badRequest, "interval must be a duration from 1s to 1d, such as 5m")
        }
        items = try Self.items(body["items"]?.array ?? [])
    }

    /// Reads a list of items.
    static func items(_ list: [JSONValue]) throws(HTTPFailure) -> [Item] {
        guard list.count <= itemLimit else {
            throw HTTPFailure(.badRequest, "a playlist has at most \(itemLimit) items")
        }
        var items: [Item] = []
        for (index, item) in list.enumerated() {
            guard let kind = Item.Kind(rawValue: item["type"]?.string ?? ""), let value = item["value"]?.string,
                !value.isEmpty, value.fits(255)
            else {
                throw HTTPFailure(
                    .badRequest, "item \(index) needs a type, dashboard_by_uid or dashboard_by_tag, and a value")
            }
            items.append(Item(kind: kind, value: value, title: (item["title"]?.string ?? "").cut(to: 255)))
        }
        return items
    }

    /// Without its items.
    var summary: [JSONValue.Member] {
        [
            .init("id", .int(id)), .init("uid", .string(uid)), .init("name", .string(name)),
            .init("interval", .string(interval)),
        ]
    }

    var json: JSONValue {
        .object(summary + [.init("items", .array(items.map(\.json)))])
    }
}
