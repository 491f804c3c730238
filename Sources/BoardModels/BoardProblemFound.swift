package import MartletCore

/// Something of a dashboard that is not supported, wherever it occurs in it.
package struct BoardProblemFound: Sendable, Hashable {
    package let kind: BoardFeature
    /// The type or id.
    package let name: String
    /// What happens instead.
    package let message: String
    /// How often it occurs.
    package internal(set) var count = 1
    /// Titles of panels, or names of variables; at most ten.
    package internal(set) var places: [String]

    /// As the dashboard server's API tells it.
    package var json: JSONValue {
        [
            "kind": .string(kind.rawValue), "name": .string(name), "count": .whole(Int64(count)),
            "where": .array(places.map { .string($0) }), "message": .string(message),
        ]
    }
}
