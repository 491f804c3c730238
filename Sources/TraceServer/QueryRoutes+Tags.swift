import HTTPTypes
import Hummingbird
import MartletCore
import Service
import TraceQL
import TraceStorage

extension QueryRoutes {
    private static let intrinsicNames: [String] = {
        let hidden: Set<Intrinsic> = [.childCount, .nestedSetLeft, .nestedSetRight, .nestedSetParent]
        let names = Intrinsic.allCases.filter { !hidden.contains($0) }.flatMap { [$0.rawValue, $0.scopedName] }
        return Set(names).sorted()
    }()

    /// The names of a scope's attributes.
    struct TagScope {
        let name: String
        let tags: [String]
    }

    func tagNames(_ call: Call, isV2: Bool) throws -> Response {
        let scopes = try tagScopes(call, isV2: isV2)
        if call.wantsProtobuf {
            return Self.protobuf(
                isV2
                    ? TagMessages.scopes(scopes, .whole) : TagMessages.names(try names(of: scopes, call), .whole))
        }
        var json = JSONWriter()
        json.beginObject()
        if isV2 {
            json.key("scopes")
            json.beginArray()
            for scope in scopes {
                json.beginObject()
                json.key("name")
                json.string(scope.name)
                json.key("tags")
                Self.strings(scope.tags, to: &json)
                json.endObject()
            }
            json.endArray()
        } else {
            json.key("tagNames")
            Self.strings(try names(of: scopes, call), to: &json)
        }
        json.key("metrics")
        json.raw("{}")
        json.endObject()
        return Self.json(json.bytes)
    }

    /// The names of all scopes together, as the first version of the API has them.
    func names(of scopes: [TagScope], _ call: Call) throws(HTTPFailure) -> [String] {
        Array(Set(scopes.flatMap(\.tags)).sorted().prefix(try limit(call)))
    }

    /// The scopes that are asked for, with the names of their attributes.
    func tagScopes(_ call: Call, isV2: Bool, progress: QueryProgress<[TagScope]>? = nil) throws -> [TagScope] {
        let times = try times(call)
        let wanted = call.parameters["scope"] ?? ""
        let known = AttributeScope.allCases.map(\.rawValue).filter { !$0.isEmpty }
        guard wanted.isEmpty || wanted == "none" || wanted == "intrinsic" || known.contains(wanted) else {
            throw HTTPFailure(
                .badRequest,
                "invalid scope: \"\(wanted.prefix(64))\"; one of \((known + ["intrinsic"]).joined(separator: ", "))")
        }
        let limit = try limit(call)
        let asked = AttributeScope.allCases.filter { scope in
            scope != .any && (wanted.isEmpty || wanted == "none" || wanted == scope.rawValue)
        }
        func shown(_ names: [[String]]) -> [TagScope] {
            var scopes: [TagScope] = []
            for (scope, names) in zip(asked, names) where !names.isEmpty || wanted == scope.rawValue {
                scopes.append(TagScope(name: scope.rawValue, tags: Array(names.prefix(limit))))
            }
            if wanted == "intrinsic" || (isV2 && (wanted.isEmpty || wanted == "none")) {
                scopes.append(TagScope(name: "intrinsic", tags: Self.intrinsicNames))
            }
            return scopes
        }
        guard let store = call.store, !asked.isEmpty else { return shown(asked.map { _ in [] }) }
        let told: QueryProgress<[[String]]>? = progress.map { progress in
            { done, total, soFar in progress(done, total) { soFar().map(shown) } }
        }
        return shown(
            try TagSearch.names(
                in: asked, where: try filter(call), on: store, range: times.range, limit: limits.tagValuesBytes,
                cancellation: call.cancellation, progress: told))
    }

    /// What `q` says of the spans whose tags are asked for; nil for all.
    private func filter(_ call: Call) throws(HTTPFailure) -> FieldExpression? {
        guard let text = call.parameters["q"] else { return nil }
        try checkSize(text)
        return UnfinishedQuery.condition(text)
    }

    func tagValues(_ call: Call, isV2: Bool) throws -> Response {
        let values = try values(call, isV2: isV2)
        if call.wantsProtobuf { return Self.protobuf(TagMessages.values(values, isV2: isV2, .whole)) }
        var json = JSONWriter()
        json.beginObject()
        json.key("tagValues")
        json.beginArray()
        for value in values {
            if isV2 {
                json.beginObject()
                json.key("type")
                json.string(value.type)
                json.key("value")
                json.string(value.text)
                json.endObject()
            } else {
                json.string(value.text)
            }
        }
        json.endArray()
        json.key("metrics")
        json.raw("{}")
        json.endObject()
        return Self.json(json.bytes)
    }

    /// A value as text, with the name of its type.
    struct TagValue {
        let type: String
        let text: [UInt8]
    }

    /// The values of the tag that is asked for.
    func values(_ call: Call, isV2: Bool, progress: QueryProgress<[TagValue]>? = nil) throws -> [TagValue] {
        let times = try times(call)
        let name = call.path["name"] ?? ""
        let operand = try isV2 ? identifier(name) : legacyOperand(name)
        let limit = try limit(call)
        func shown(_ values: [Value]) -> [TagValue] {
            values.prefix(limit).map {
                TagValue(type: Self.type(of: $0, operand), text: $0.text ?? Array($0.shown.utf8))
            }
        }
        let told: QueryProgress<[Value]>? = progress.map { progress in
            { done, total, soFar in progress(done, total) { soFar().map(shown) } }
        }
        return shown(try fixedValues(operand) ?? found(operand, call, times, told))
    }

    // MARK: Parameters

    private func limit(_ call: Call) throws(HTTPFailure) -> Int {
        guard let text = call.parameters["limit"], !text.isEmpty else { return .max }
        guard let value = Int(text), value >= 0 else {
            throw HTTPFailure(.badRequest, "invalid limit: must be a non-negative number")
        }
        return value == 0 ? .max : value
    }

    private func identifier(_ name: String) throws(HTTPFailure) -> Operand {
        do throws(TraceQLError) {
            return try Operand.parse(identifier: name)
        } catch {
            throw HTTPFailure(.badRequest, "tag name is not valid TraceQL identifier: \(error.description)")
        }
    }

    private func legacyOperand(_ name: String) -> Operand {
        switch name {
        case "root.name": .intrinsic(.rootName)
        case "root.service.name": .intrinsic(.rootServiceName)
        case "status.code": .intrinsic(.status)
        default: Intrinsic(spelling: name).map { .intrinsic($0) } ?? .attribute(.any, name)
        }
    }

    // MARK: Values

    /// Fields whose values are the same everywhere, or too many to list.
    private func fixedValues(_ operand: Operand) -> [Value]? {
        guard case .intrinsic(let intrinsic) = operand else { return nil }
        switch intrinsic {
        case .status: return StatusCode.allCases.map { Value($0.keyword) }.sorted { $0.shown < $1.shown }
        case .kind: return SpanKindCode.allCases.map { Value($0.keyword) }.sorted { $0.shown < $1.shown }
        case .duration, .traceDuration, .traceID, .spanID, .spanParentID, .eventTimeSinceStart, .childCount,
            .nestedSetLeft,
            .nestedSetRight, .nestedSetParent, .linkSpanID, .linkTraceID:
            return []
        default: return nil
        }
    }

    private func found(
        _ operand: Operand, _ call: Call, _ times: QueryTimes, _ progress: QueryProgress<[Value]>?
    ) throws -> [Value] {
        guard let store = call.store else { return [] }
        return try TagSearch.values(
            of: operand, where: try filter(call), on: store, range: times.range, limit: limits.tagValuesBytes,
            cancellation: call.cancellation, progress: progress)
    }

    private static func type(of value: Value, _ operand: Operand) -> String {
        switch operand {
        case .intrinsic(.status), .intrinsic(.kind): return "keyword"
        default: break
        }
        switch value {
        case .int: return "int"
        case .double: return "float"
        case .bool: return "bool"
        default: return "string"
        }
    }

    private static func strings(_ list: [String], to json: inout JSONWriter) {
        json.beginArray()
        for text in list { json.string(text) }
        json.endArray()
    }
}
