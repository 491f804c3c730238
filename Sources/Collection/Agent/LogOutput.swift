/// Where batches of lines go: a queue on disk per server.
package protocol LogOutput: Sendable {
    /// Takes a batch; returns once it survives the death of the process. Blocks; throws when there is no room: the same
    /// batch is to be tried again, which goes on with the part that was not taken yet.
    func ship(_ batch: inout LogBatch) throws
}
