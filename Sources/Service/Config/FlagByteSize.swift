import ArgumentParser

/// A flag's size in bytes: `512MB`, `1GiB`, `4096`.
package struct FlagByteSize: Sendable, Hashable, ExpressibleByArgument, CustomStringConvertible {
    package let bytes: Int

    /// A size in bytes.
    package init(bytes: Int) {
        self.bytes = bytes
    }

    package init?(argument: String) {
        guard let bytes = ByteSize.parse(argument), bytes >= 0 else { return nil }
        self.bytes = bytes
    }

    package var description: String { ByteSize.format(bytes) }
    package var defaultValueDescription: String { description }
}
