import Hummingbird
import MartletCore
import MetricStorage
import PromQL
import Scraping
import Service

extension MetricServer {
    func addTargetRoutes(_ router: Router<ServiceContext>) {
        both(router, "/api/v1/targets") { server, parameters, _ in try server.targets(parameters) }
        both(router, "/api/v1/targets/metadata") { server, parameters, context in
            try await server.targetMetadata(parameters, context)
        }
        router.get("/api/v1/scrape_pools") { request, context in
            try await serving(request, context).requireMain()
            let names = config.withLock { $0.scrapeConfigs.map(\.jobName) }.sorted()
            return Self.object([("scrapePools", .array(names.map { .string($0) }))])
        }
    }

    private func targets(_ parameters: RequestParameters) throws -> Response {
        try requireMain()
        let state = parameters["state"]?.lowercased() ?? ""
        let shows = { (kind: String) in ["", "any", kind].contains(state) }
        let pool = parameters["scrapePool"].flatMap { $0.isEmpty ? nil : $0 }
        let targets = scrapes.targets
        return APIResponse.success { json in
            json.beginObject()
            json.key("activeTargets")
            json.beginArray()
            if shows("active") {
                for target in targets.active where pool == nil || target.scrapePool == pool {
                    Self.write(target, &json)
                }
            }
            json.endArray()
            json.key("droppedTargets")
            json.beginArray()
            if shows("dropped") {
                for target in targets.dropped where pool == nil || target.scrapePool == pool {
                    json.beginObject()
                    json.key("discoveredLabels")
                    json.labels(target.discoveredLabels)
                    json.key("scrapePool")
                    json.string(target.scrapePool)
                    json.endObject()
                }
            }
            json.endArray()
            json.key("droppedTargetCounts")
            json.beginObject()
            for (name, count) in targets.droppedCounts.sorted(by: { $0.key < $1.key }) {
                json.key(name)
                json.int(count)
            }
            json.endObject()
            json.endObject()
        }
    }

    /// What is known of the metrics that targets have brought, from the series that carry a target's labels.
    private func targetMetadata(_ parameters: RequestParameters, _ request: ServiceContext) async throws -> Response {
        try requireMain()
        let matchers: [Matcher]
        do throws(ParseError) {
            if let text = parameters["match_target"], !text.isEmpty {
                matchers = try Parser.parseSelector(text)
            } else {
                matchers = []
            }
        } catch {
            throw APIError.badParameter("match_target", error.description)
        }
        let metric = parameters["metric"].flatMap { $0.isEmpty ? nil : $0 }
        let limit = try parameters.entryLimit()
        let labels = scrapes.targets.active.map(\.target.labels).filter { labels in
            matchers.allSatisfy { $0.matches(labels) }
        }
        let store = store
        return try await queries.run(for: request) { context in
            var found: [(target: Labels, family: String, entry: MetadataTable.Entry)] = []
            for target in labels where found.count < limit {
                let equal = target.pairs.map { Matcher(equal: $0.name, $0.value) }
                let before = context.holding
                defer { context.release(context.holding - before) }
                let names = try store.labelValues(
                    of: Labels.metricName, matching: [equal], minTime: .min, maxTime: .max, limit: 0, context: context)
                var seen: Set<String> = []
                for name in names {
                    guard let (family, entry) = store.metadata.family(ofMetric: name),
                        metric == nil || metric == family, seen.insert(family).inserted
                    else { continue }
                    found.append((target, family, entry))
                }
            }
            return APIResponse.success { json in
                json.beginArray()
                for item in found.prefix(limit) {
                    json.beginObject()
                    json.key("target")
                    json.labels(item.target)
                    if metric == nil {
                        json.key("metric")
                        json.string(item.family)
                    }
                    item.entry.write(to: &json)
                    json.endObject()
                }
                json.endArray()
            }
        }
    }

    private static func write(_ active: ScrapeManager.ActiveTarget, _ json: inout JSONWriter) {
        let status = active.status
        json.beginObject()
        json.key("discoveredLabels")
        json.labels(active.target.discoveredLabels)
        json.key("labels")
        json.labels(active.target.labels)
        let texts: [(String, String)] = [
            ("scrapePool", active.scrapePool), ("scrapeUrl", active.target.url), ("globalUrl", active.target.url),
            ("lastError", status.lastError),
            ("lastScrape", status.lastScrapeMs.map(moment) ?? "0001-01-01T00:00:00Z"),
        ]
        for (key, text) in texts {
            json.key(key)
            json.string(text)
        }
        json.key("lastScrapeDuration")
        json.double(status.lastDurationSeconds)
        json.key("health")
        json.string(status.health.rawValue)
        json.key("scrapeInterval")
        json.string(PrometheusDuration.format(active.target.intervalMs))
        json.key("scrapeTimeout")
        json.string(PrometheusDuration.format(active.target.timeoutMs))
        json.endObject()
    }
}
