import BoardModels
import MartletCore

extension BoardFeatures {
    /// The list among the files of the web interface; without it nothing is supported.
    init(_ web: WebFiles) {
        self.init(web.files[Self.file].flatMap { try? JSONValue(parsing: $0.bytes) } ?? .object([]))
    }
}
