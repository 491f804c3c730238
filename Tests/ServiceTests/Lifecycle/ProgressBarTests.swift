import Service
import Testing

@Suite("A progress bar")
struct ProgressBarTests {
    @Test("Bytes have a share, a rate and a time that is left")
    func bytes() {
        let bar = ProgressBar(total: 400 << 20, isTerminal: true)
        #expect(
            bar.text(100 << 20, 5000, "samples", after: .seconds(20))
                == "[#######.......................] 25% of 400MiB, 5000 samples, 5MiB/s, about 1m left")
    }

    @Test("A stream of unknown length has what was read and the rate")
    func stream() {
        let bar = ProgressBar(total: nil, isTerminal: true)
        #expect(bar.text(10 << 20, 7, "samples", after: .seconds(2)) == "of 10MiB, 7 samples, 5MiB/s")
    }

    @Test("The rate is that of this run, not of what was done before")
    func resumed() {
        let bar = ProgressBar(total: 1000, of: .way, before: (500, 10_000), isTerminal: false)
        #expect(bar.text(600, 12_000, "lines", after: .seconds(10)) == "60%, 12000 lines, 200/s, about 40s left")
        #expect(bar.text(1000, 12_000, "lines", after: .seconds(10)) == "100%, 12000 lines, 200/s")
        #expect(bar.text(501, 10_001, "lines", after: .seconds(60 * 24)) == "50%, 10001 lines, 0/s, about 8d7h left")
    }
}
