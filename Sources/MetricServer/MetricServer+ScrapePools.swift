import Hummingbird
import MartletCore
import Scraping
import Service

extension MetricServer {
    /// A job as it is configured, and what its relabelling makes of labels, rule by rule.
    func addScrapePoolRoutes(_ router: Router<ServiceContext>) {
        router.get("/api/v1/scrape_pools/config") { request, context in
            try await serving(request, context).requireMain()
            return try await APIResponse.answering {
                let job = try job(try await RequestParameters(request, context))
                return Self.object([("yaml", .string(job.text))])
            }
        }
        router.get("/api/v1/targets/relabel_steps") { request, context in
            try await serving(request, context).requireMain()
            return try await APIResponse.answering {
                let parameters = try await RequestParameters(request, context)
                let job = try job(parameters)
                return Self.steps(job.relabelRules, try Self.labels(parameters))
            }
        }
    }

    /// The job that the parameter `scrapePool` names.
    private func job(_ parameters: RequestParameters) throws(APIError) -> ScrapeConfig {
        guard let name = parameters["scrapePool"], !name.isEmpty else {
            throw .badData("no scrapePool parameter provided")
        }
        guard let job = config.withLock({ $0.scrapeConfigs.first { $0.jobName == name } }) else {
            throw .badData("error retrieving scrape config: scrape pool \(GoQuote.quote(name)) not found")
        }
        return job
    }

    /// The labels that the parameter `labels` has as JSON.
    private static func labels(_ parameters: RequestParameters) throws(APIError) -> LabelsBuilder {
        guard let text = parameters["labels"], !text.isEmpty else { throw .badData("no labels parameter provided") }
        guard let json = try? JSONValue(parsing: text), case .object(let members) = json else {
            throw .badData("error parsing labels: not a JSON object")
        }
        var labels = LabelsBuilder()
        for member in members {
            guard let value = member.value.string else {
                throw .badData("error parsing labels: the value of \(GoQuote.quote(member.key)) is not a string")
            }
            labels.set(member.key, value)
        }
        return labels
    }

    private static func steps(_ rules: [RelabelRule], _ start: LabelsBuilder) -> Response {
        var labels = start
        var isKept = true
        return APIResponse.success { json in
            json.beginObject()
            json.key("steps")
            json.beginArray()
            for rule in rules {
                isKept = isKept && rule.apply(to: &labels)
                json.beginObject()
                json.key("rule")
                write(rule, &json)
                json.key("output")
                json.labels(isKept ? labels.build() : Labels())
                json.key("keep")
                json.bool(isKept)
                json.endObject()
            }
            json.endArray()
            json.endObject()
        }
    }

    private static func write(_ rule: RelabelRule, _ json: inout JSONWriter) {
        json.beginObject()
        if !rule.sourceLabels.isEmpty {
            json.key("source_labels")
            json.beginArray()
            for name in rule.sourceLabels { json.string(name) }
            json.endArray()
        }
        json.key("separator")
        json.string(rule.separator)
        json.key("regex")
        json.string(rule.regex.pattern)
        if rule.modulus > 0 {
            json.key("modulus")
            json.int(Int(clamping: rule.modulus))
        }
        if !rule.targetLabel.isEmpty {
            json.key("target_label")
            json.string(rule.targetLabel)
        }
        json.key("replacement")
        json.string(rule.replacement)
        json.key("action")
        json.string(rule.action.rawValue)
        json.endObject()
    }
}
