import Hummingbird
import MartletCore
import Scraping
import Service

extension MetricServer {
    func addTargetRoutes(_ router: Router<ServiceContext>) {
        both(router, "/api/v1/targets") { parameters, _ in try targets(parameters) }
        router.get("/api/v1/scrape_pools") { _, _ in
            let names = config.withLock { $0.scrapeConfigs.map(\.jobName) }.sorted()
            return Self.object([("scrapePools", .array(names.map { .string($0) }))])
        }
    }

    private func targets(_ parameters: RequestParameters) throws -> Response {
        let state = parameters["state"]?.lowercased() ?? "any"
        let pool = parameters["scrapePool"].flatMap { $0.isEmpty ? nil : $0 }
        let targets = scrapes.targets
        return APIResponse.success { json in
            json.beginObject()
            json.key("activeTargets")
            json.beginArray()
            if state != "dropped" {
                for target in targets.active where pool == nil || target.scrapePool == pool {
                    Self.write(target, &json)
                }
            }
            json.endArray()
            json.key("droppedTargets")
            json.beginArray()
            if state != "active" {
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
