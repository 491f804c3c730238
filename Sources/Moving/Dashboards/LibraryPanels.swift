import BoardModels
package import MartletCore

/// Puts library panels into the dashboards that refer to them.
package enum LibraryPanels {
    /// Uids of the library panels that a dashboard refers to.
    package static func references(in model: JSONValue) -> Set<String> {
        Set(BoardReport.panels(of: model).compactMap { $0["libraryPanel"]?["uid"]?.string })
    }

    /// The dashboard with each reference replaced by what it stands for, at the place and with the id that the dashboard gives it.
    /// References without a model stay.
    package static func resolved(_ model: JSONValue, _ models: [String: JSONValue]) -> JSONValue {
        switch model {
        case .array(let elements): return .array(elements.map { resolved($0, models) })
        case .object(let members):
            if let uid = model["libraryPanel"]?["uid"]?.string, let library = models[uid]?.object {
                let kept = ["id", "gridPos"]
                let own = members.filter { kept.contains($0.key) }
                return .object(library.filter { !kept.contains($0.key) && $0.key != "libraryPanel" } + own)
            }
            return .object(
                members.map {
                    ["panels", "rows"].contains($0.key) ? .init($0.key, resolved($0.value, models)) : $0
                })
        default: return model
        }
    }
}
