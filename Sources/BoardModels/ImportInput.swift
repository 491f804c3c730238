package import MartletCore

/// Something that an exported dashboard leaves open, for whoever imports it to fill in.
package struct ImportInput: Sendable, Hashable {
    /// How the model refers to it: `${name}`.
    package let name: String
    /// How a person is asked.
    package let label: String
    /// `datasource`, `constant` or `expression`.
    package let type: String
    /// For a data source, its type.
    package let pluginID: String
    package let pluginName: String
    /// What a constant usually is.
    package let value: String

    /// The inputs of an exported dashboard, in its order.
    package static func all(of model: JSONValue) -> [ImportInput] {
        (model["__inputs"]?.array ?? []).compactMap { input in
            guard let name = input["name"]?.string, !name.isEmpty else { return nil }
            return ImportInput(
                name: name, label: input["label"]?.string ?? name, type: input["type"]?.string ?? "",
                pluginID: input["pluginId"]?.string ?? "", pluginName: input["pluginName"]?.string ?? "",
                value: input["value"]?.string ?? "")
        }
    }

    /// As the dashboard server's API tells it.
    package var json: JSONValue {
        [
            "name": .string(name), "label": .string(label), "type": .string(type), "pluginId": .string(pluginID),
            "pluginName": .string(pluginName), "value": .string(value),
        ]
    }
}
