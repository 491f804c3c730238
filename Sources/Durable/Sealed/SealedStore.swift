/// A store that seals what it takes into files which can be kept elsewhere too. All calls block.
package protocol SealedStore: Sendable {
    /// The sealed files of every tenant at this moment, by the tenant's name.
    ///
    /// - Parameter now: Unix nanoseconds.
    func sealed(now: Int64) throws -> [String: SealedState]
    /// Removes a tenant's files from the local disk: whoever asks knows that they are to be had elsewhere, the oldest of a
    /// tenant first, and never the newest one, behind which the record log counts on.
    func removeLocally(_ files: [SealedFile], tenant: String) throws
}

/// What a tenant has sealed.
package struct SealedState: Sendable, Hashable {
    /// In the order of their segments.
    package let files: [SealedFile]
    /// Unix nanoseconds: what arrived before is in the files, or gone.
    package let sealedUntil: Int64

    /// A state.
    package init(files: [SealedFile], sealedUntil: Int64) {
        self.files = files
        self.sealedUntil = sealedUntil
    }
}
