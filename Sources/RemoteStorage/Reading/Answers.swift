import Durable
import MartletCore
import PromQL

/// Several servers asked at once, on behalf of a query.
enum Answers {
    /// What `ask` gave for each number below `count`, in their order. Waits for all as long as the query may. Blocks.
    static func collect<Answer: Sendable>(
        _ count: Int, _ context: QueryContext, _ ask: @escaping @Sendable (Int) async throws -> Answer
    ) -> [Result<Answer, any Error>] {
        BlockingCall.wait {
            await withTaskGroup(of: (Int, Result<Answer, any Error>)?.self) { group in
                for index in 0..<count {
                    group.addTask {
                        do {
                            return (index, .success(try await ask(index)))
                        } catch {
                            return (index, .failure(error))
                        }
                    }
                }
                group.addTask {
                    while !context.isOver, (try? await Task.sleep(for: .milliseconds(100))) != nil {}
                    return nil
                }
                var answers: [(Int, Result<Answer, any Error>)] = []
                while answers.count < count, let finished = await group.next() {
                    if let finished { answers.append(finished) } else { group.cancelAll() }
                }
                group.cancelAll()
                return answers.sorted { $0.0 < $1.0 }.map(\.1)
            }
        }
    }
}
