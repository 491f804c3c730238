import BoardModels
import MartletCore
import Service

extension BoardFeatures {
    /// The list of the web interface that is installed beside this program; nil when there is none.
    static func installed() -> BoardFeatures? {
        guard let root = InstalledFiles.find("web", marker: file), let text = SmallFile.read(root + "/" + file),
            let list = try? JSONValue(parsing: text)
        else { return nil }
        return BoardFeatures(list)
    }
}
