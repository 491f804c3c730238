extension FileSystem {
    private static var pieceBytes: Int { 1 << 20 }

    /// Copies a file's bytes to a new or emptied file, which is synced; its name survives power loss after `syncDirectory`.
    package func copy(_ source: String, to destination: String) throws(DurableError) {
        let (input, output) = (try open(source, .read), try open(destination, .truncate))
        var offset: Int64 = 0
        while true {
            let bytes = try input.read(count: Self.pieceBytes, at: offset)
            if bytes.isEmpty { break }
            try output.write(bytes, at: offset)
            offset += Int64(bytes.count)
        }
        try output.sync()
    }
}
