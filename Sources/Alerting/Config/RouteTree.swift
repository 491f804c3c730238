package import MartletCore

/// The routing tree as a flat list, the root first.
package struct RouteTree: Sendable {
    /// All routes in the order of the file.
    package let nodes: [Route]

    /// `nodes[0]` is the root.
    package init(nodes: [Route]) { self.nodes = nodes }

    /// The routes whose receivers get an alert: the deepest matching ones, the root when no child matches.
    package func routes(for labels: Labels) -> [Route] {
        guard let root = nodes.first else { return [] }
        var found: [Route] = []
        match(root, labels, &found)
        return found
    }

    private func match(_ route: Route, _ labels: Labels, _ found: inout [Route]) {
        guard route.matchers.allSatisfy({ $0.matches(labels) }) else { return }
        let before = found.count
        for child in route.children {
            let count = found.count
            match(nodes[child], labels, &found)
            if found.count > count, !nodes[child].continues { break }
        }
        if found.count == before { found.append(route) }
    }
}
