/// The label that an attribute becomes.
package enum DimensionLabel {
    private static let intrinsics: Set<String> = ["service", "span_name", "span_kind", "status_code", "status_message"]

    /// With an underscore for all that is neither letter, digit nor underscore.
    package static func sanitized(_ attribute: String) -> String {
        String(
            decoding: attribute.unicodeScalars.map { scalar -> UInt8 in
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9", "_": UInt8(scalar.value)
                default: UInt8(ascii: "_")
                }
            }, as: UTF8.self)
    }

    /// The same, told from the labels that every span has by two underscores before it.
    package static func name(_ attribute: String) -> String {
        let label = sanitized(attribute)
        return intrinsics.contains(label) ? "__" + label : label
    }

    /// The same for `traces_target_info`, whose own labels are `job` and `instance` as well.
    static func targetName(_ attribute: String) -> String {
        let label = name(attribute)
        return label == "job" || label == "instance" ? "__" + label : label
    }
}
