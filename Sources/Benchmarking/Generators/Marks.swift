import MartletCore

/// By what the data of benchmarks is told from all other, and of one run from that of others.
package enum Marks {
    /// The label `job` of series and streams, and the beginning of the names of services.
    package static let job = "martlet-bench"

    /// A name for a run: eight hexadecimal digits.
    package static func run(_ random: inout some RandomNumberGenerator) -> String {
        Hex.text(UInt32.random(in: 0 ... .max, using: &random))
    }
}
