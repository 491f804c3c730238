/// Configuration text with variables of the environment in it, as Prometheus and Grafana read it.
package enum EnvironmentText {
    /// The text with `$NAME` and `${NAME}` replaced; `$$` is a dollar sign, an unset variable is empty.
    package static func expand(_ text: String, _ value: (String) -> String?) -> String {
        var result = ""
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            if rest.first == "$" {
                result += "$"
                rest = rest.dropFirst()
            } else if rest.first == "{", let close = rest.firstIndex(of: "}") {
                result += value(String(rest[rest.index(after: rest.startIndex)..<close])) ?? ""
                rest = rest[rest.index(after: close)...]
            } else {
                let name = rest.prefix { $0 == "_" || $0.isASCII && ($0.isLetter || $0.isNumber) }
                result += name.isEmpty ? "$" : value(String(name)) ?? ""
                rest = rest.dropFirst(name.count)
            }
        }
        return result + rest
    }
}
