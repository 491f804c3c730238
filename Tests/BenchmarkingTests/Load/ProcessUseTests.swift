import Benchmarking
import Testing

@Suite("What a process uses")
struct ProcessUseTests {
    private let stat = "42 (a (b) c) S 1 42 42 0 -1 4194560 1 0 0 0 150 50 0 0 20 0 3 0 100 0 0"

    @Test("Times and memory are read, whatever the command is called")
    func reading() throws {
        let status = "Name:\ta (b) c\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n"
        let reading = try #require(ProcessUse.Reading(stat: stat, status: status, ticksPerSecond: 100))
        #expect(reading.cpuSeconds == 2)
        #expect(reading.residentBytes == 1 << 20)
        #expect(reading.highWaterBytes == 2 << 20)
    }

    @Test("This process is there, and one that cannot be is not")
    func processes() {
        #expect(ProcessUse.Reading(pid: 1_999_999_999) == nil)
        #expect(ProcessUse.Reading(stat: "42", status: "", ticksPerSecond: 100) == nil)
    }
}
