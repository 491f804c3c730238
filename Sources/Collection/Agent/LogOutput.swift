/// Where batches of lines go: a queue on disk per server.
package protocol LogOutput: Sendable {
    /// Takes a batch; returns once it survives the death of the process. Blocks; throws when there is no room, and the
    /// same batch may be tried again.
    func ship(_ batch: LogBatch) throws
}
