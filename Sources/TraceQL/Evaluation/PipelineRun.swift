/// One trace on its way through the stages.
struct PipelineRun {
    let query: QueryContext
    let trace: TraceView
    private var tree: TraceTree?

    init(query: QueryContext, trace: TraceView) {
        self.query = query
        self.trace = trace
    }

    mutating func apply(
        _ stages: [PipelinePlan.Stage], to input: [PipelineEvaluator.Spanset]
    ) throws(TraceQLError) -> [PipelineEvaluator.Spanset] {
        var sets = input
        for stage in stages {
            if sets.isEmpty { return [] }
            switch stage {
            case .spanset(let expression):
                var next: [PipelineEvaluator.Spanset] = []
                for set in sets {
                    for var found in try select(expression, set) where !found.spans.isEmpty {
                        found.attributes = set.attributes + found.attributes
                        next.append(found)
                    }
                }
                sets = next
            case .scalar(let scalar):
                sets = sets.compactMap { passes(scalar, $0) }
            case .group(let key, let text, let isDuration):
                sets = sets.flatMap { group($0, by: key, text, isDuration: isDuration) }
            case .coalesce:
                sets = [PipelineEvaluator.Spanset(spans: Set(sets.flatMap(\.spans)).sorted())]
            }
        }
        return sets
    }

    // MARK: Spansets

    private mutating func select(
        _ expression: PipelinePlan.Spanset, _ input: PipelineEvaluator.Spanset
    ) throws(TraceQLError) -> [PipelineEvaluator.Spanset] {
        switch expression {
        case .filter(let filter):
            let spans = input.spans.filter { index in
                let span = trace.spans[index]
                return query.context(Int(span.table)).rows(matching: filter)[Int(span.row)]
            }
            return [PipelineEvaluator.Spanset(spans: spans)]
        case .pipeline(let stages):
            return try apply(stages, to: [PipelineEvaluator.Spanset(spans: input.spans)])
        case .operation(let symbol, let left, let right):
            let spans = try combine(symbol, try single(left, input), try single(right, input))
            return [PipelineEvaluator.Spanset(spans: spans)]
        }
    }

    private mutating func single(
        _ expression: PipelinePlan.Spanset, _ input: PipelineEvaluator.Spanset
    ) throws(TraceQLError) -> [Int] {
        let sets = try select(expression, input)
        guard sets.count <= 1 else {
            throw TraceQLError(.type, "operators between spansets need one spanset a side; add coalesce() after by()")
        }
        return sets.first?.spans ?? []
    }

    private mutating func combine(
        _ symbol: SpansetOperator, _ left: [Int], _ right: [Int]
    ) throws(TraceQLError) -> [Int] {
        switch symbol {
        case .and: return left.isEmpty || right.isEmpty ? [] : Set(left).union(right).sorted()
        case .or: return Set(left).union(right).sorted()
        case .structural(let relation): return indices(related(relation, left, right))
        case .negated(let relation):
            var result = bitmap(right)
            result.subtract(related(relation, left, right))
            return indices(result)
        case .union(let relation):
            var result = related(relation, left, right)
            result.formUnion(related(relation.inverse, right, left))
            return indices(result)
        }
    }

    private mutating func related(_ relation: Relation, _ left: [Int], _ right: [Int]) -> Bitmap {
        if left.isEmpty || right.isEmpty { return Bitmap(count: trace.spans.count) }
        let tree = self.tree ?? trace.tree(query)
        self.tree = tree
        return tree.related(relation, left: bitmap(left), right: bitmap(right))
    }

    private func bitmap(_ spans: [Int]) -> Bitmap {
        var result = Bitmap(count: trace.spans.count)
        for span in spans { result[span] = true }
        return result
    }

    private func indices(_ bitmap: Bitmap) -> [Int] {
        var result: [Int] = []
        bitmap.forEach { result.append($0) }
        return result
    }

    // MARK: Groups and scalars

    private func group(
        _ set: PipelineEvaluator.Spanset, by key: ValuePlan, _ text: String, isDuration: Bool
    ) -> [PipelineEvaluator.Spanset] {
        var places: [Value: Int] = [:]
        var groups: [PipelineEvaluator.Spanset] = []
        for span in set.spans {
            let value = query.value(key, trace.spans[span])
            if let place = places[value] {
                groups[place].spans.append(span)
            } else {
                places[value] = groups.count
                let shown = value == .missing ? Value("nil") : isDuration ? value.asDuration : value
                groups.append(
                    PipelineEvaluator.Spanset(spans: [span], attributes: set.attributes + [(key: text, value: shown)]))
            }
        }
        return groups
    }

    private func passes(_ scalar: PipelinePlan.Scalar, _ set: PipelineEvaluator.Spanset) -> PipelineEvaluator.Spanset? {
        guard let result = aggregate(scalar, set.spans), result.holds(scalar.symbol, scalar.constant) else {
            return nil
        }
        var passed = set
        passed.attributes.append((key: scalar.text, value: scalar.isDuration ? result.asDuration : result))
        return passed
    }

    private func aggregate(_ scalar: PipelinePlan.Scalar, _ spans: [Int]) -> Value? {
        guard let argument = scalar.argument else { return .int(Int64(spans.count)) }
        var result: Value?
        var count = 0
        for span in spans {
            let value = query.value(argument, trace.spans[span])
            guard value.number != nil else { continue }
            count += 1
            guard let sofar = result else {
                result = value
                continue
            }
            switch scalar.aggregate {
            case .min: if value.holds(.less, sofar) { result = value }
            case .max: if value.holds(.greater, sofar) { result = value }
            default: result = sofar.computed(.add, value)
            }
        }
        if scalar.aggregate == .avg, let sum = result?.number { return .double(sum / Double(count)) }
        return result
    }
}
