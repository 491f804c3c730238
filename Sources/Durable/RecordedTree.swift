/// Names and nodes of a recorded file system. Node 0 is the root directory.
struct RecordedTree: Sendable {
    static let root = 0
    /// Entries of the directories, by node.
    private(set) var directories: [Int: [String: Int]] = [RecordedTree.root: [:]]
    private var nextNode = 1

    mutating func newNode(directory: Bool) -> Int {
        defer { nextNode += 1 }
        if directory { directories[nextNode] = [:] }
        return nextNode
    }

    mutating func enter(_ directory: Int, _ name: String, _ child: Int) {
        directories[directory, default: [:]][name] = child
    }

    /// The tree as it was at the start of a recording, knowing of the (empty) directories that were made later.
    func knowingDirectories(of later: RecordedTree) -> RecordedTree {
        var result = self
        for node in later.directories.keys where result.directories[node] == nil { result.directories[node] = [:] }
        return result
    }

    /// Applies a change of names; other operations leave the tree as it is.
    mutating func apply(_ operation: RecordedOperation) {
        switch operation {
        case .enter(let directory, let name, let child): enter(directory, name, child)
        case .leave(let directory, let name): directories[directory]?[name] = nil
        case .move(let from, let name, let to, let newName, let child):
            if directories[from]?[name] == child { directories[from]?[name] = nil }
            enter(to, newName, child)
        case .write, .truncate, .sync: break
        }
    }

    /// The node at a path below the root, nil when the last name is missing.
    func find(_ components: [String], _ path: String) throws(DurableError) -> Int? {
        guard let name = components.last else { return Self.root }
        let (directory, _) = try locate(components, path)
        return directories[directory]?[name]
    }

    func require(_ components: [String], _ path: String) throws(DurableError) -> Int {
        guard let node = try find(components, path) else {
            throw DurableError(errno: 2, path: path, operation: "find recorded")
        }
        return node
    }

    /// The directory that holds the last component, and that component.
    func locate(_ components: [String], _ path: String) throws(DurableError) -> (directory: Int, name: String) {
        guard let name = components.last else {
            throw DurableError(.notFound, path: path, operation: "locate", message: "the path is the recorded root")
        }
        var node = Self.root
        for component in components.dropLast() {
            guard let next = directories[node]?[component] else {
                throw DurableError(
                    .notFound, path: path, operation: "locate", message: "the path is not below the recorded root")
            }
            node = next
        }
        return (node, name)
    }
}
