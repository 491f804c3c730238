/// A directory of dashboard files, and how its boards are listed.
package struct BoardFolder: Sendable, Hashable {
    /// The directory; read with everything below it.
    package let path: String
    /// The folder under which its boards are listed; empty for none.
    package let folder: String
    /// True when the names of its subdirectories are the folders.
    package let foldersFromFiles: Bool

    package init(path: String, folder: String = "", foldersFromFiles: Bool = false) {
        self.path = path
        self.folder = folder
        self.foldersFromFiles = foldersFromFiles
    }
}
