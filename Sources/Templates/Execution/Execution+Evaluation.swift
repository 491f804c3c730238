import MartletCore

extension Execution {
    /// The value of a pipeline; what it declares is known from here on.
    func evaluate(_ pipeline: Pipeline, _ dot: TemplateValue) throws(TemplateError) -> TemplateValue {
        site = pipeline.site
        var value: TemplateValue?
        for command in pipeline.commands { value = try evaluate(command, dot, final: value) }
        let result = value ?? .none
        try bind(pipeline, result)
        return result
    }

    /// The value of a command. `final` is what the stage before gave, the last argument.
    private func evaluate(
        _ command: Command, _ dot: TemplateValue, final: TemplateValue?
    ) throws(TemplateError) -> TemplateValue {
        try step()
        let first = command.arguments[0]
        switch first.kind {
        case .field, .chain, .variable:
            return try access(first, dot, command.arguments[1...], final)
        case .identifier(let name):
            site = first.site
            return try call(name, command.site, command.arguments[1...], final, dot)
        case .pipeline(let pipeline):
            try refuseArguments(command, final)
            return try evaluate(pipeline, dot)
        default: break
        }
        site = first.site
        try refuseArguments(command, final)
        if case .nil = first.kind { throw failure("nil is not a command") }
        return try constant(first, dot)
    }

    private func refuseArguments(_ command: Command, _ final: TemplateValue?) throws(TemplateError) {
        guard command.arguments.count == 1, final == nil else {
            throw failure("can't give argument to non-function \(command.arguments[0])")
        }
    }

    /// What stands for itself.
    private func constant(_ operand: Operand, _ dot: TemplateValue) throws(TemplateError) -> TemplateValue {
        switch operand.kind {
        case .bool(let value): return .bool(value)
        case .dot: return dot
        case .string(_, let text): return .string(text)
        case .number(let number):
            if number.isFloat { return .float(number.float) }
            guard let int = number.int else { throw failure("\(number.text) overflows int") }
            return .int(int)
        default: throw failure("can't evaluate command \(GoQuote.quote(operand.description))")
        }
    }

    // MARK: Fields

    /// `.a.b`, `$x.a.b` or `(pipeline).a.b`, with arguments when the last is a method.
    private func access(
        _ operand: Operand, _ dot: TemplateValue, _ arguments: ArraySlice<Operand>, _ final: TemplateValue?
    ) throws(TemplateError) -> TemplateValue {
        site = operand.site
        var receiver = dot
        let names: [String]
        switch operand.kind {
        case .field(let fields): names = fields
        case .variable(let fields):
            receiver = try value(of: fields[0])
            names = Array(fields.dropFirst())
            if names.isEmpty {
                guard arguments.isEmpty, final == nil else {
                    throw failure("can't give argument to non-function \(operand)")
                }
                return receiver
            }
        case .chain(let inner, let fields):
            if case .nil = inner.kind { throw failure("indirection through explicit nil in \(operand)") }
            receiver = try argument(inner, .any, dot)
            names = fields
        default: return try constant(operand, dot)
        }
        // What comes out of a map of any values is of no type of its own in Go.
        var isOfAnyType = false
        for (index, name) in names.enumerated() {
            if isOfAnyType, case .none = receiver { throw failure("nil pointer evaluating interface {}.\(name)") }
            let isLast = index == names.count - 1
            let typeName = isOfAnyType ? "interface {}" : receiver.typeName
            if case .map(let map) = receiver { isOfAnyType = map.holdsAny } else { isOfAnyType = false }
            receiver = try member(
                name, of: receiver, typeName, operand.site, isLast ? arguments : [], isLast ? final : nil, dot)
        }
        return receiver
    }

    private func member(
        _ name: String, of receiver: TemplateValue, _ typeName: String, _ site: Int, _ arguments: ArraySlice<Operand>,
        _ final: TemplateValue?, _ dot: TemplateValue
    ) throws(TemplateError) -> TemplateValue {
        let hasArguments = !arguments.isEmpty || final != nil
        switch receiver {
        case .none: return .none
        case .map(let map):
            if hasArguments { throw failure("\(name) is not a method but has arguments") }
            return map.entries[name] ?? map.missing
        case .object(let object):
            if let method = object.method(name) { return try call(method, name, site, arguments, final, dot) }
            guard let value = object.field(name) else { break }
            if hasArguments { throw failure("\(name) has arguments but cannot be invoked as function") }
            return value
        default: break
        }
        throw failure("can't evaluate field \(name) in type \(typeName)")
    }

    // MARK: Functions

    private func call(
        _ name: String, _ site: Int, _ arguments: ArraySlice<Operand>, _ final: TemplateValue?, _ dot: TemplateValue
    ) throws(TemplateError) -> TemplateValue {
        guard let function = functions[name] else { throw failure("\(GoQuote.quote(name)) is not a defined function") }
        if name == "and" || name == "or", functions.isBuiltin(name) {
            return try connect(name, arguments, final, dot)
        }
        return try call(function, name, site, arguments, final, dot)
    }

    /// `and` and `or`, which evaluate no more arguments than they need.
    private func connect(
        _ name: String, _ arguments: ArraySlice<Operand>, _ final: TemplateValue?, _ dot: TemplateValue
    ) throws(TemplateError) -> TemplateValue {
        guard !arguments.isEmpty || final != nil else {
            throw failure("wrong number of args for \(name): want at least 1 got 0")
        }
        var value = TemplateValue.none
        for operand in arguments {
            value = try argument(operand, .any, dot)
            if value.isTrue == (name == "or") { return value }
        }
        return final ?? value
    }

    private func call(
        _ function: TemplateFunction, _ name: String, _ site: Int, _ operands: ArraySlice<Operand>,
        _ final: TemplateValue?, _ dot: TemplateValue
    ) throws(TemplateError) -> TemplateValue {
        let given = operands.count + (final == nil ? 0 : 1)
        let wanted = function.parameters.count
        if function.further != nil {
            guard given >= wanted else {
                throw failure("wrong number of args for \(name): want at least \(wanted) got \(operands.count)")
            }
        } else if given != wanted {
            throw failure("wrong number of args for \(name): want \(wanted) got \(given)")
        }
        var values: [TemplateValue] = []
        values.reserveCapacity(given)
        for operand in operands {
            let index = values.count
            let parameter = index < wanted ? function.parameters[index] : function.further ?? .any
            values.append(try argument(operand, parameter, dot))
        }
        if let final {
            let index = values.count
            let parameter = index < wanted ? function.parameters[index] : function.further ?? .any
            values.append(try checked(final, parameter))
        }
        try charge(values, weight: function.weight)
        let result: TemplateValue
        do {
            result = try function.body(values)
        } catch {
            self.site = site
            throw failure("error calling \(name): \(error)")
        }
        if case .string(let text) = result, text.utf8.count > limits.resultBytes {
            self.site = site
            throw failure("error calling \(name): the result is longer than \(limits.resultBytes) bytes")
        }
        try charge([result], weight: 1)
        return result
    }

    /// The value of an argument, which must be of the parameter's type.
    private func argument(
        _ operand: Operand, _ parameter: TemplateFunction.Parameter, _ dot: TemplateValue
    ) throws(TemplateError) -> TemplateValue {
        site = operand.site
        switch operand.kind {
        case .dot: return try checked(dot, parameter)
        case .nil:
            switch parameter {
            case .any, .type: return .none
            default: throw failure("cannot assign nil to \(parameter.typeName)")
            }
        case .field, .variable, .chain: return try checked(try access(operand, dot, [], nil), parameter)
        case .pipeline(let pipeline): return try checked(try evaluate(pipeline, dot), parameter)
        case .identifier(let name):
            return try checked(try call(name, operand.site, [], nil, dot), parameter)
        case .bool, .number, .string: break
        }
        switch (parameter, operand.kind) {
        case (.any, _), (.bool, .bool), (.string, .string): return try constant(operand, dot)
        case (.int, .number(let number)):
            if let int = number.int { return .int(int) }
        case (.float, .number(let number)): return .float(number.float)
        default: break
        }
        switch parameter {
        case .bool: throw failure("expected bool; found \(operand)")
        case .string: throw failure("expected string; found \(operand)")
        case .int: throw failure("expected integer; found \(operand)")
        case .float: throw failure("expected float; found \(operand)")
        default: throw failure("can't handle \(operand) for arg of type \(parameter.typeName)")
        }
    }

    private func checked(
        _ value: TemplateValue, _ parameter: TemplateFunction.Parameter
    ) throws(TemplateError) -> TemplateValue {
        switch (parameter, value) {
        case (.any, _), (.bool, .bool), (.string, .string), (.int, .int), (.float, .float), (.type, .none): return value
        case (_, .none): throw failure("invalid value; expected \(parameter.typeName)")
        case (.type(let name), _) where name == value.typeName: return value
        default:
            throw failure("wrong type for value; expected \(parameter.typeName); got \(value.typeName)")
        }
    }
}
