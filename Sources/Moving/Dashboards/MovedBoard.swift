import BoardModels
package import MartletCore

/// A dashboard on its way.
package struct MovedBoard: Sendable, Hashable {
    /// The model, without the number that it had in its old database.
    package var model: JSONValue
    /// What it was read as.
    let document: BoardDocument
    /// The folder's uid and title; nil for none.
    package var folder: MovedFolder?
    /// The file or address that it came from, for messages.
    package let origin: String

    /// A dashboard in any form that ``BoardDocument`` reads; nil for anything else.
    package init?(_ document: JSONValue, folder: MovedFolder?, origin: String) {
        self.document = BoardDocument(document)
        let inner = self.document.model
        guard let members = inner.object,
            inner["panels"]?.array != nil || inner["rows"]?.array != nil || inner["title"]?.string != nil
        else { return nil }
        model = .object(members.filter { $0.key != "id" })
        self.folder = folder
        self.origin = origin
    }

    /// What its pages will not have.
    func report(_ features: BoardFeatures) -> BoardReport {
        var document = document
        document.model = model
        return BoardReport(document, features)
    }

    package var title: String { model["title"]?.string ?? "" }
    package var uid: String { model["uid"]?.string ?? "" }
}

/// A folder of dashboards.
package struct MovedFolder: Sendable, Hashable {
    /// Its uid; empty where only the title is known.
    package let uid: String
    package let title: String
    /// The uid of the folder that it is in; nil for none.
    package let parent: String?

    package init(uid: String, title: String, parent: String? = nil) {
        self.uid = uid
        self.title = title
        self.parent = parent
    }
}
