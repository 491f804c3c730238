import MartletCore

/// Label sets in answers.
enum LabelsReader {
    /// An object of texts.
    static func labels(_ reader: inout JSONReader) throws(JSONError) -> Labels {
        var pairs: [(String, String)] = []
        try reader.beginObject()
        while try reader.nextKey() {
            let name = reader.key
            pairs.append((name, try reader.string()))
        }
        return Labels(pairs)
    }
}
