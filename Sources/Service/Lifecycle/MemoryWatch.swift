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
        while !Task.isCancelled {
            let pause: Duration = budget.headroom < budget.limit / 2 ? .milliseconds(100) : .seconds(1)
            guard (try? await Task.sleep(for: pause)) != nil else { return }
            look()
            sinceTrim += pause
            // What a busy hour took goes back to the system afterwards, and sooner where it is missed.
            let isMissed = budget.headroom < budget.limit / 4 && budget.unreserved > budget.limit / 8
            guard sinceTrim >= (isMissed ? .seconds(5) : .seconds(60)) else { continue }
            sinceTrim = .zero
            _ = try? await blocking.run { cplatform_malloc_trim(1 << 20) }
            look()
        }
    }

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
