/// A part on disk as the store holds it.
struct StoredPart: Sendable {
    let file: PartFile
    /// Numbers of the traces of which other parts or generations have spans too.
    var shared: Set<UInt32>

    init(_ file: PartFile) {
        self.file = file
        shared = Set(file.footer.shared)
    }

    /// The number of a trace; nil also when its id cannot be read, which is reported when its group is.
    ///
    /// - Parameter damaged: is told when the part cannot be had.
    func trace(_ key: TraceKey, noting damaged: DamageFlag? = nil) -> Int? {
        do throws(PartDamage) {
            return try file.trace(high: key.high, low: key.low)
        } catch {
            if error.isUnreachable {
                damaged?.fail(error)
                return nil
            }
            return file.traceWithoutIndex(high: key.high, low: key.low) { error, _ in
                if error.isUnreachable { damaged?.fail(error) }
            }
        }
    }
}
