/// What decoding one request may cost. A message of two bytes on the wire can become a struct of hundreds in memory,
/// so the size of the body alone bounds nothing.
package struct DecodeLimits: Sendable, Equatable {
    /// Bytes of decoded structures, counted as they are appended.
    package var memory: Int
    /// Levels of nested messages or JSON values.
    package var depth: Int

    /// Limits of `memory` bytes and `depth` levels.
    package init(memory: Int = 512 << 20, depth: Int = 100) {
        self.memory = memory
        self.depth = depth
    }

    /// 512 MiB and 100 levels.
    package static let standard = DecodeLimits()
}
