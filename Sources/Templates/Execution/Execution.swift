import MartletCore

/// One run of a template.
final class Execution {
    /// What the end of a list of nodes means for the loop around it.
    enum Flow {
        case next, breakLoop, continueLoop
    }

    let template: Template
    let functions: TemplateFunctions
    let limits: TemplateLimits
    private(set) var output: [UInt8] = []
    private let data: TemplateValue
    private var variables: [(name: String, value: TemplateValue)]
    /// What messages are about, as an index of the template's sites.
    var site = -1
    private var steps = 0
    private var depth = 0
    private var name: String
    private static let bytesPerStep = 256

    init(_ template: Template, functions: TemplateFunctions, limits: TemplateLimits, data: TemplateValue) {
        self.template = template
        self.functions = functions
        self.limits = limits
        self.data = data
        name = template.name
        variables = [("$", data)]
    }

    /// Executes all of it.
    func run() throws(TemplateError) {
        _ = try walk(template.definitions[template.name] ?? [], data)
    }

    // MARK: Messages and limits

    func failure(_ message: String) -> TemplateError {
        guard site >= 0 else { return TemplateError("template: \(template.name): \(message)") }
        let place = template.sites[site]
        let before = template.text[..<place.position]
        let line = before.count { $0 == 10 } + 1
        let column = place.position - (before.lastIndex(of: 10).map { $0 + 1 } ?? 0)
        return TemplateError(
            "template: \(template.name):\(line):\(column): executing \(GoQuote.quote(name)) at <\(place)>: \(message)")
    }

    func step(_ count: Int = 1) throws(TemplateError) {
        steps += count
        if steps > limits.steps { throw failure("stopped after \(limits.steps) steps") }
    }

    /// Counts what a function that costs `weight` for each byte does with these values. Without it a short template could
    /// work for hours, and hold gigabytes, on texts that it makes itself.
    func charge(_ values: [TemplateValue], weight: Int) throws(TemplateError) {
        var bytes = 0
        for case .string(let text) in values { bytes += text.utf8.count }
        let count = bytes * weight / Self.bytesPerStep
        if count > 0 { try step(count) }
    }

    private func write(_ bytes: some Collection<UInt8>) throws(TemplateError) {
        guard output.count + bytes.count <= limits.resultBytes else {
            throw failure("the result is longer than \(limits.resultBytes) bytes")
        }
        output.append(contentsOf: bytes)
    }

    // MARK: Variables

    func value(of variable: String) throws(TemplateError) -> TemplateValue {
        guard let index = variables.lastIndex(where: { $0.name == variable }) else {
            throw failure("undefined variable: \(variable)")
        }
        return variables[index].value
    }

    /// Declares or sets what a pipeline names.
    func bind(_ pipeline: Pipeline, _ value: TemplateValue) throws(TemplateError) {
        for variable in pipeline.declared {
            guard pipeline.isAssignment else {
                variables.append((variable, value))
                continue
            }
            guard let index = variables.lastIndex(where: { $0.name == variable }) else {
                throw failure("undefined variable: \(variable)")
            }
            variables[index].value = value
        }
    }

    // MARK: Nodes

    private func walk(_ nodes: [TemplateNode], _ dot: TemplateValue) throws(TemplateError) -> Flow {
        for node in nodes {
            try step()
            switch node {
            case .text(let bytes): try write(bytes)
            case .action(let pipeline, let site):
                self.site = site
                let value = try evaluate(pipeline, dot)
                if pipeline.declared.isEmpty {
                    self.site = site
                    try print(value)
                }
            case .branch(let branch):
                let flow = try branch.kind == .range ? loop(branch, dot) : choose(branch, dot)
                if flow != .next { return flow }
            case .call(let called, let argument, let site): try call(called, argument, site, dot)
            case .breakLoop: return .breakLoop
            case .continueLoop: return .continueLoop
            }
        }
        return .next
    }

    private func print(_ value: TemplateValue) throws(TemplateError) {
        switch value {
        case .string(let text): try write(text.utf8)
        case .none: try write("<no value>".utf8)
        default:
            var text: [UInt8] = []
            GoText.append(value, to: &text)
            try write(text)
        }
    }

    private func choose(_ branch: TemplateNode.Branch, _ dot: TemplateValue) throws(TemplateError) -> Flow {
        let mark = variables.count
        defer { variables.removeLast(variables.count - mark) }
        let value = try evaluate(branch.pipeline, dot)
        if value.isTrue { return try walk(branch.body, branch.kind == .with ? value : dot) }
        return try walk(branch.otherwise ?? [], dot)
    }

    private func loop(_ branch: TemplateNode.Branch, _ dot: TemplateValue) throws(TemplateError) -> Flow {
        let mark = variables.count
        defer { variables.removeLast(variables.count - mark) }
        let value = try evaluate(branch.pipeline, dot)
        var isEmpty = true
        switch value {
        case .list(let list):
            for (index, element) in list.elements.enumerated() {
                isEmpty = false
                if try !iterate(branch, .int(Int64(index)), element) { return .next }
            }
        case .map(let map):
            for key in map.keys {
                isEmpty = false
                if try !iterate(branch, .string(key), map.entries[key] ?? .none) { return .next }
            }
        case .int(let count):
            var index: Int64 = 0
            while index < count {
                isEmpty = false
                if try !iterate(branch, .int(index), .int(index)) { return .next }
                index += 1
            }
        case .none: break
        default: throw failure("range can't iterate over \(value.text)")
        }
        return isEmpty ? try walk(branch.otherwise ?? [], dot) : .next
    }

    /// One turn of a loop; false when it was the last.
    private func iterate(
        _ branch: TemplateNode.Branch, _ key: TemplateValue, _ element: TemplateValue
    ) throws(TemplateError) -> Bool {
        try step()
        let mark = variables.count
        let declared = branch.pipeline.declared.count
        if declared == 1 { variables[mark - 1].value = element }
        if declared == 2 {
            variables[mark - 2].value = key
            variables[mark - 1].value = element
        }
        let flow = try walk(branch.body, element)
        variables.removeLast(variables.count - mark)
        return flow != .breakLoop
    }

    private func call(
        _ called: String, _ argument: Pipeline?, _ site: Int, _ dot: TemplateValue
    ) throws(TemplateError) {
        self.site = site
        guard let nodes = template.definitions[called] else {
            throw failure("template \(GoQuote.quote(called)) not defined")
        }
        guard depth < limits.nesting else { throw failure("exceeded maximum template depth (\(limits.nesting))") }
        var value = TemplateValue.none
        if let argument { value = try evaluate(argument, dot) }
        let (outerName, outerVariables) = (name, variables)
        name = called
        variables = [("$", value)]
        depth += 1
        _ = try walk(nodes, value)
        depth -= 1
        (name, variables) = (outerName, outerVariables)
    }
}
