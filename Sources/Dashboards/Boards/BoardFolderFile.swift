import MartletCore
package import Service

/// Grafana's `provisioning/dashboards/*.yaml`: where dashboard files are.
package enum BoardFolderFile {
    /// Reads a file.
    /// - Returns: the directories, and one line for each key without effect.
    package static func read(
        _ document: ConfigDocument, environment: [String: String]
    ) throws -> (folders: [BoardFolder], warnings: [String]) {
        var folders: [BoardFolder] = []
        try document.root.mapping { top in
            _ = try top.int("apiVersion")
            folders = try top.mappings("providers") { provider in
                _ = try provider.string("name")
                let folder = try provider.string("folder") ?? ""
                if let type = try provider.string("type"), type != "file" {
                    throw provider.node.error("type must be file, not \"\(type)\"")
                }
                for key in ["orgId", "folderUid", "updateIntervalSeconds"] {
                    provider.ignore(
                        key, because: "there is one organisation, and files are looked at every few seconds")
                }
                for key in ["disableDeletion", "allowUiUpdates", "editable"] {
                    provider.ignore(key, because: "a board exists as long as its file does and is changed there")
                }
                let options = try provider.required("options").mapping { options in
                    let path = try options.required("path")
                    return (
                        try path.string(), try options.bool("foldersFromFilesStructure") ?? false
                    )
                }
                return BoardFolder(
                    path: EnvironmentText.expand(options.0) { environment[$0] }, folder: folder,
                    foldersFromFiles: options.1)
            }
        }
        return (folders, document.warnings)
    }
}
