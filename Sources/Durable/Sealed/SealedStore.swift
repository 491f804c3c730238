/// A store that seals what it takes into files which can be kept elsewhere too. All calls block.
package protocol SealedStore: Sendable {
    /// The sealed files of every tenant at this moment, by the tenant's name.
    ///
    /// - Parameter now: Unix nanoseconds.
    func sealed(now: Int64) throws -> [String: SealedState]
    /// Whoever asks has taken note of what a tenant said to be gone: it need not be said again.
    func forget(_ gone: [SealedSpan], tenant: String)
    /// Removes a tenant's files from the local disk: whoever asks knows that they are to be had elsewhere, the oldest of a
    /// tenant first, and never the newest one, behind which the record log counts on.
    func removeLocally(_ files: [SealedFile], tenant: String) throws
}

extension SealedStore {
    package func forget(_ gone: [SealedSpan], tenant: String) {}
}

/// What a tenant has sealed.
package struct SealedState: Sendable, Hashable {
    /// In the order of their segments.
    package let files: [SealedFile]
    /// Unix nanoseconds: what arrived before is in the files, or gone.
    package let sealedUntil: Int64
    /// Files of which nothing is to be kept, here or elsewhere: all that was in them is past its time, or was deleted. A file
    /// that is neither here nor there has left this disk for another reason.
    package let gone: [SealedSpan]

    /// A state.
    package init(files: [SealedFile], sealedUntil: Int64, gone: [SealedSpan] = []) {
        self.files = files
        self.sealedUntil = sealedUntil
        self.gone = gone
    }

    /// Whether what a file of a span had is in another file now, or gone.
    package func hasReplaced(_ span: SealedSpan) -> Bool {
        gone.contains { $0.covers(span) } || files.contains { $0.span != span && $0.span.covers(span) }
    }
}
