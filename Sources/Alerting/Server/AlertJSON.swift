import MartletCore

/// Alerts, groups and silences as the API shows them.
enum AlertJSON {
    static func write(_ view: AlertManager.AlertView, to json: inout JSONWriter) {
        json.beginObject()
        json.key("annotations")
        json.beginObject()
        for (name, value) in view.alert.annotations.sorted(by: { $0.key < $1.key }) {
            json.key(name)
            json.string(value)
        }
        json.endObject()
        json.key("endsAt")
        json.string(time(view.alert.endsAt))
        json.key("fingerprint")
        json.string(view.fingerprint.description)
        json.key("receivers")
        json.beginArray()
        for name in view.receivers { receiver(name, to: &json) }
        json.endArray()
        json.key("startsAt")
        json.string(time(view.alert.startsAt))
        json.key("status")
        json.beginObject()
        strings("inhibitedBy", view.inhibitedBy.map(\.description), to: &json)
        strings("mutedBy", view.mutedBy, to: &json)
        strings("silencedBy", view.silencedBy, to: &json)
        json.key("state")
        json.string(view.isSuppressed ? "suppressed" : "active")
        json.endObject()
        json.key("updatedAt")
        json.string(time(view.alert.updatedAt))
        if !view.alert.generatorURL.isEmpty {
            json.key("generatorURL")
            json.string(view.alert.generatorURL)
        }
        json.key("labels")
        json.labels(view.alert.labels)
        json.endObject()
    }

    static func write(_ silence: Silence, now: Int64, to json: inout JSONWriter) {
        json.beginObject()
        json.key("id")
        json.string(silence.id)
        json.key("status")
        json.beginObject()
        json.key("state")
        json.string(silence.state(at: now).rawValue)
        json.endObject()
        json.key("updatedAt")
        json.string(time(silence.updatedAt))
        json.key("comment")
        json.string(silence.comment)
        json.key("createdBy")
        json.string(silence.createdBy)
        json.key("endsAt")
        json.string(time(silence.endsAt))
        json.key("matchers")
        json.beginArray()
        for matcher in silence.matchers {
            json.beginObject()
            json.key("isEqual")
            json.bool(matcher.kind == .equal || matcher.kind == .regex)
            json.key("isRegex")
            json.bool(matcher.kind == .regex || matcher.kind == .notRegex)
            json.key("name")
            json.string(matcher.name)
            json.key("value")
            json.string(matcher.value)
            json.endObject()
        }
        json.endArray()
        json.key("startsAt")
        json.string(time(silence.startsAt))
        json.endObject()
    }

    static func receiver(_ name: String, to json: inout JSONWriter) {
        json.beginObject()
        json.key("name")
        json.string(name)
        json.endObject()
    }

    static func time(_ nanoseconds: Int64) -> String {
        RFC3339.format(unixNanoseconds: nanoseconds, fraction: .milliseconds)
    }

    private static func strings(_ key: String, _ values: [String], to json: inout JSONWriter) {
        json.key(key)
        json.beginArray()
        for value in values { json.string(value) }
        json.endArray()
    }
}
