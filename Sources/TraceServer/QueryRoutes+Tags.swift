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

    func tagNames(_ call: Call, isV2: Bool) throws -> Response {
        let times = try times(call)
        let wanted = call.parameters["scope"] ?? ""
        let known = AttributeScope.allCases.map(\.rawValue).filter { !$0.isEmpty }
        guard wanted.isEmpty || wanted == "none" || wanted == "intrinsic" || known.contains(wanted) else {
            throw HTTPFailure(
                .badRequest,
                "invalid scope: \"\(wanted.prefix(64))\"; one of \((known + ["intrinsic"]).joined(separator: ", "))")
        }
        let limit = try limit(call)
        var scopes: [(name: String, tags: [String])] = []
        for scope in AttributeScope.allCases where scope != .any {
            guard wanted.isEmpty || wanted == "none" || wanted == scope.rawValue else { continue }
            let names =
                try call.store.map {
                    try TagSearch.names(
                        in: scope, on: $0, range: times.range, limit: limits.tagValuesBytes,
                        cancellation: call.cancellation)
                } ?? []
            if !names.isEmpty || wanted == scope.rawValue {
                scopes.append((scope.rawValue, Array(names.prefix(limit))))
            }
        }
        if wanted == "intrinsic" || (isV2 && (wanted.isEmpty || wanted == "none")) {
            scopes.append(("intrinsic", Self.intrinsicNames))
        }
        let all = isV2 ? [] : Array(Set(scopes.flatMap(\.tags)).sorted().prefix(limit))
        if call.wantsProtobuf {
            return Self.protobuf(isV2 ? SearchProtobuf.scopes(scopes) : SearchProtobuf.strings(all))
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
            Self.strings(all, to: &json)
        }
        json.key("metrics")
        json.raw("{}")
        json.endObject()
        return Self.json(json.bytes)
    }

    func tagValues(_ call: Call, isV2: Bool) throws -> Response {
        let times = try times(call)
        let name = call.path["name"] ?? ""
        let operand = try isV2 ? identifier(name) : legacyOperand(name)
        let values = try fixedValues(operand) ?? found(operand, call, times)
        let limited = values.prefix(try limit(call))
        if call.wantsProtobuf {
            return Self.protobuf(
                isV2
                    ? SearchProtobuf.values(
                        limited.map { (Self.type(of: $0, operand), $0.text ?? Array($0.shown.utf8)) })
                    : SearchProtobuf.strings(limited.map(\.shown)))
        }
        var json = JSONWriter()
        json.beginObject()
        json.key("tagValues")
        json.beginArray()
        for value in limited {
            if isV2 {
                json.beginObject()
                json.key("type")
                json.string(Self.type(of: value, operand))
                json.key("value")
                Self.text(value, to: &json)
                json.endObject()
            } else {
                Self.text(value, to: &json)
            }
        }
        json.endArray()
        json.key("metrics")
        json.raw("{}")
        json.endObject()
        return Self.json(json.bytes)
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

    private func found(_ operand: Operand, _ call: Call, _ times: QueryTimes) throws -> [Value] {
        guard let store = call.store else { return [] }
        var filter: FieldExpression?
        // Broken filters are what people have while they type: they filter nothing.
        if let text = call.parameters["q"], let query = try? Query(parsing: text),
            case .pipeline(let stages) = query.root,
            stages.count == 1, case .spanset(.filter(let expression)) = stages[0]
        {
            filter = expression
        }
        return try TagSearch.values(
            of: operand, where: filter, on: store, range: times.range, limit: limits.tagValuesBytes,
            cancellation: call.cancellation)
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

    private static func text(_ value: Value, to json: inout JSONWriter) {
        if let bytes = value.text { json.string(bytes) } else { json.string(value.shown) }
    }

    private static func strings(_ list: [String], to json: inout JSONWriter) {
        json.beginArray()
        for text in list { json.string(text) }
        json.endArray()
    }
}
