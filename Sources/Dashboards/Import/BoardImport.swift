import BoardModels
import HTTPTypes
import MartletCore
import Service

/// Makes of a file that Grafana has exported a model of this server's own: what it leaves open is filled in.
enum BoardImport {
    /// What somebody gives us, read as ``BoardDocument`` does.
    static func document(_ value: JSONValue?) throws(HTTPFailure) -> BoardDocument {
        guard let value, value.object != nil else {
            throw HTTPFailure(.badRequest, "the body needs dashboard, an object")
        }
        return BoardDocument(value)
    }

    /// Fills in what a model leaves open.
    /// - Parameters:
    ///   - given: the values, by the names of the inputs.
    ///   - sources: the data sources that there are.
    ///   - features: which types of data sources speak what.
    /// - Throws: ``HTTPFailure`` 400 for an input that has no value.
    static func filled(
        _ model: JSONValue, given: [String: String], sources: [DataSource], features: BoardFeatures
    ) throws(HTTPFailure) -> JSONValue {
        var values: [String: String] = [:]
        for input in ImportInput.all(of: model) {
            if let value = given[input.name], !value.isEmpty {
                values[input.name] = value
            } else if input.type == "datasource", let source = source(for: input, sources, features) {
                values[input.name] = source.uid
            } else if input.type != "datasource", !input.value.isEmpty {
                values[input.name] = input.value
            } else {
                throw HTTPFailure(
                    .badRequest, "Dashboard input variable: \(input.name) missing from import command")
            }
        }
        let kept = (model.object ?? []).filter { !["__inputs", "__requires", "__elements"].contains($0.key) }
        var room = BoardModel.sizeLimit
        return try replace(.object(kept), values, &room)
    }

    /// The source that stands for one of a type: the default one of its kind, else the first.
    static func source(
        for input: ImportInput, _ sources: [DataSource], _ features: BoardFeatures
    ) -> DataSource? {
        guard let kind = features.sources[input.pluginID].flatMap(DataSource.Kind.init) else { return nil }
        let same = sources.filter { $0.kind == kind }
        return same.first(where: \.isDefault) ?? same.first
    }

    /// - Parameter room: bytes by which values may make the model longer, all together.
    private static func replace(
        _ value: JSONValue, _ values: [String: String], _ room: inout Int
    ) throws(HTTPFailure) -> JSONValue {
        switch value {
        case .string(let text): return .string(try replace(text, values, &room))
        case .array(var elements):
            for index in elements.indices { elements[index] = try replace(elements[index], values, &room) }
            return .array(elements)
        case .object(var members):
            for index in members.indices { members[index].value = try replace(members[index].value, values, &room) }
            return .object(members)
        default: return value
        }
    }

    /// How far the end of a name is looked for, in bytes: in all that follows, it would be looked for anew for each `${`.
    private static let nameLimit = 256

    /// Replaces `${NAME}` of the names that are known; others are variables of the dashboard.
    private static func replace(
        _ text: String, _ values: [String: String], _ room: inout Int
    ) throws(HTTPFailure) -> String {
        guard !values.isEmpty, text.utf8.contains(UInt8(ascii: "$")) else { return text }
        var result = ""
        var rest = Substring(text)
        while let start = rest.firstRange(of: "${") {
            result += rest[..<start.lowerBound]
            let inside = rest[start.upperBound...]
            let end = inside.utf8.prefix(nameLimit).firstIndex(of: UInt8(ascii: "}"))
            if let end, let value = values[String(inside[..<end])] {
                room -= value.utf8.count
                guard room >= 0 else {
                    throw HTTPFailure(
                        .contentTooLarge,
                        "with its inputs filled in, the dashboard exceeds \(BoardModel.sizeLimit) bytes")
                }
                result += value
                rest = inside[inside.utf8.index(after: end)...]
            } else {
                result += "${"
                rest = inside
            }
        }
        return result + rest
    }
}
