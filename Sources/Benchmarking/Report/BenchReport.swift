/// What was measured, of all servers.
package struct BenchReport: Sendable {
    /// What was sent.
    package let signal: BenchSignal
    /// The name of the run, by which its data is found again.
    package let run: String
    /// What the load was, in words: sizes and pace.
    package let load: String
    /// In the order in which they were measured.
    package var servers: [ServerReport] = []

    /// A report without servers yet.
    package init(_ signal: BenchSignal, run: String, load: String) {
        self.signal = signal
        self.run = run
        self.load = load
    }
}
