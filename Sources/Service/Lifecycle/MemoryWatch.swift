import CPlatform
import MartletCore

#if canImport(Glibc)
import Glibc
#endif

/// Keeps the memory budget true to what the process really takes, and gives back what the allocator keeps.
struct MemoryWatch: Sendable {
    private let budget: MemoryBudget
    private let blocking: BlockingPool
    private let pageBytes: Int
    /// Bytes of the program's own pages. Those of files that are mapped later can be dropped by the kernel at any time and do
    /// not count.
    private let programBytes: Int

    /// To be made before any store maps its files.
    init(_ budget: MemoryBudget, blocking: BlockingPool) {
        self.budget = budget
        self.blocking = blocking
        pageBytes = sysconf(Int32(_SC_PAGESIZE))
        programBytes = (Self.pages()?.shared ?? 0) * pageBytes
    }

    /// Watches until cancelled: closely when little is left.
    func run() async {
        look()
        var sinceTrim = Duration.zero
        var pauseWhenOver = Self.shortestPause
        while !Task.isCancelled {
            let pause: Duration = budget.headroom < budget.limit / 2 ? .milliseconds(100) : .seconds(1)
            guard (try? await Task.sleep(for: pause)) != nil else { return }
            look()
            sinceTrim += pause
            // What a busy hour took goes back to the system afterwards, and sooner where it is missed.
            let isMissed = budget.headroom < budget.limit / 4 && budget.unreserved > budget.limit / 8
            // Beyond half of the limit the budget does not count it: nothing but a trim holds the process to its limit.
            let isOver = budget.unreserved >= budget.limit / 2
            guard sinceTrim >= (isOver ? pauseWhenOver : isMissed ? Self.longestPause : .seconds(60)) else { continue }
            sinceTrim = .zero
            _ = try? await blocking.run { cplatform_malloc_trim(1 << 20) }
            look()
            // Where it is no help, as in a process that takes that much by itself, it is not worth its time.
            let isStillOver = isOver && budget.unreserved >= budget.limit / 2
            pauseWhenOver = isStillOver ? min(pauseWhenOver * 2, Self.longestPause) : Self.shortestPause
        }
    }

    private static let shortestPause = Duration.milliseconds(300)
    private static let longestPause = Duration.seconds(5)

    /// Tells the budget how much the process has.
    func look() {
        guard let pages = Self.pages() else { return }
        budget.observe(resident: programBytes + (pages.resident - pages.shared) * pageBytes)
    }

    /// Pages of the process that are in memory, and those among them that files stand behind: proc(5), statm.
    private static func pages() -> (resident: Int, shared: Int)? {
        guard let text = SmallFile.read("/proc/self/statm") else { return nil }
        let fields = text.split(separator: " ")
        guard fields.count > 2, let resident = Int(fields[1]), let shared = Int(fields[2]) else { return nil }
        return (resident, shared)
    }
}
