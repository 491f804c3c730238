import HTTPTypes
import MartletCore
import Service

/// How somebody wants the pages to be; empty values leave it to the preferences of all, and these to the browser.
struct Preferences: Sendable, Hashable {
    /// The first page; empty for the list of dashboards.
    var homeUID = ""
    /// `light`, `dark` or `system`.
    var theme = ""
    /// `browser`, `utc` or a name of the time zone database.
    var timezone = ""
    /// `saturday`, `sunday` or `monday`.
    var weekStart = ""
    /// A language tag.
    var language = ""

    init() {}

    init(stored value: JSONValue) {
        homeUID = value["homeDashboardUID"]?.string ?? ""
        theme = value["theme"]?.string ?? ""
        timezone = value["timezone"]?.string ?? ""
        weekStart = value["weekStart"]?.string ?? ""
        language = value["language"]?.string ?? ""
    }

    /// Takes the members that a body has.
    mutating func take(_ body: JSONValue) throws(HTTPFailure) {
        func text(_ key: String, _ last: String, _ allowed: Set<String>? = nil) throws(HTTPFailure) -> String {
            guard let value = body[key], !value.isNull else { return last }
            guard let text = value.string, text.utf8.count <= 64, allowed?.contains(text) ?? true else {
                let hint =
                    allowed.map { ": one of \($0.filter { !$0.isEmpty }.sorted().joined(separator: ", "))" } ?? ""
                throw HTTPFailure(.badRequest, "\(key) must be a short text\(hint)")
            }
            return text
        }
        homeUID = try text("homeDashboardUID", homeUID)
        theme = try text("theme", theme, ["", "light", "dark", "system"])
        timezone = try text("timezone", timezone)
        weekStart = try text("weekStart", weekStart, ["", "browser", "saturday", "sunday", "monday"])
        language = try text("language", language)
    }

    var json: JSONValue {
        [
            "theme": .string(theme), "homeDashboardId": 0, "homeDashboardUID": .string(homeUID),
            "timezone": .string(timezone), "weekStart": .string(weekStart), "language": .string(language),
        ]
    }
}
