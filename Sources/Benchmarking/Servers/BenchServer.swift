package import Peers

/// A server that is measured.
package struct BenchServer: Sendable {
    /// As it was typed.
    package let url: String
    /// Where it takes data and where it answers.
    package let endpoints: Endpoints
    /// Sends to it.
    package let push: Peer
    /// Asks it.
    package let query: Peer
    /// Its processes, if they run on this machine and are to be looked at.
    package let pids: [Int32]

    /// A server.
    package init(url: String, endpoints: Endpoints, push: Peer, query: Peer, pids: [Int32]) {
        self.url = url
        self.endpoints = endpoints
        self.push = push
        self.query = query
        self.pids = pids
    }
}
