/// What a file is, whatever it is called: a rename keeps it, a new file under an old name does not have it.
package struct FileIdentity: Sendable, Hashable, Comparable {
    /// The device's number.
    package let device: UInt64
    /// The inode's number on it.
    package let inode: UInt64

    /// From stat(2).
    package init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }

    /// By device, then inode.
    package static func < (left: FileIdentity, right: FileIdentity) -> Bool {
        (left.device, left.inode) < (right.device, right.inode)
    }
}
