import MartletCore

/// The head behind the store's lock, and what it has taken from the memory budget.
final class HeadBox {
    var head = Head()
    var charged = 0

    /// Brings the budget up to what the head holds now.
    func account(_ budget: MemoryBudget) {
        let memory = head.memory
        if memory > charged { budget.charge(memory - charged) } else { budget.release(charged - memory) }
        charged = memory
    }
}
