extension JSONReader {
    /// An object of texts as a label set, as ``JSONWriter/labels(_:)`` writes it.
    package mutating func labels() throws(JSONError) -> Labels {
        var pairs: [(String, String)] = []
        try beginObject()
        while try nextKey() {
            let name = key
            pairs.append((name, try string()))
        }
        return Labels(pairs)
    }
}
