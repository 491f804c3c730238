extension Labels {
    /// Calls `body` for every pair of a canonical encoding that lies in foreign memory, in order. The buffers are views
    /// into it. A broken encoding ends the walk early.
    package static func walk(
        _ canonicalBytes: UnsafeRawBufferPointer,
        _ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Void
    ) {
        var walk = LabelWalk(canonicalBytes)
        while let (name, value) = walk.next() { body(name, value) }
    }
}
