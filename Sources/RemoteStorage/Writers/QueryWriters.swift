import Logging
import MartletCore
package import PromQL
package import Service

/// The processes that write what this one reads from an object store. Each is asked for the samples that are not there yet.
///
/// Of each writer there is a mark a tenant: all before it is in the object store. A mark holds once the object store was looked
/// at after the writer had told it, so that no sample is in neither of the two.
package final class QueryWriters: Sendable {
    let writers: [QueryWriter]
    private let namesTenants: Bool
    private let mainTenant: String
    /// By tenant, then by the place of the writer; the minimum where the writer is asked for all.
    private let marks = Lock<[String: [Int: Int64]]>([:])

    /// Writers at base URLs, which are asked under the same settings. Tenants are named to them where requests name theirs.
    /// - Throws: ``UsageError`` for what is no URL, and when a file of the settings cannot be used.
    package init(
        _ urls: [String], http: HTTPClientSettings, timeoutMs: Int64, namesTenants: Bool, mainTenant: String
    ) throws {
        self.namesTenants = namesTenants
        self.mainTenant = mainTenant
        writers = try urls.map { url in
            guard url.hasPrefix("http://") || url.hasPrefix("https://"), url.split(separator: "/").count > 1 else {
                throw UsageError("--query.writers: \"\(url)\" is no URL of a server: use http://HOST:PORT")
            }
            guard URLText.withoutCredentials(url) == url else {
                throw UsageError(
                    "--query.writers: a login belongs into --query.writers.http-config-file, not into the URL")
            }
            var base = url[...]
            while base.hasSuffix("/") { base = base.dropLast() }
            do {
                return try QueryWriter(String(base), http: http, timeoutMs: timeoutMs)
            } catch {
                throw UsageError("--query.writers.http-config-file: \(error)")
            }
        }
    }

    /// The URLs, each with whether the writer has answered the last look.
    package var states: [(url: String, isAnswering: Bool)] { writers.map { ($0.url, $0.failure == nil) } }

    /// Asks all writers what they have sealed of a tenant, before the object store is looked at. What they say holds once
    /// that was done: call what this gives then. Those that do not answer keep their marks, and queries do without them until
    /// the next look; one that answers for another tenant loses its mark.
    package func look(at tenant: String) async -> @Sendable () -> Void {
        let (isNamed, isMain) = (isNamed(tenant), tenant == mainTenant)
        let told = await withTaskGroup(of: (Int, Told).self) { group in
            for (index, writer) in writers.enumerated() {
                // One look after the other: a thousand tenants must not wait for one writer each. That for the main one tries.
                if !isMain, writer.failure != nil { continue }
                group.addTask {
                    do {
                        return (index, .mark(try await writer.status(tenant, isNamed: isNamed).sealedBefore ?? .min))
                    } catch is QueryWriter.OtherTenant {
                        return (index, .otherTenant)
                    } catch {
                        return (index, .nothing)
                    }
                }
            }
            var told: [Int: Told] = [:]
            for await item in group { told[item.0] = item.1 }
            return told
        }
        return { [self] in
            marks.withLock { marks in
                for (index, told) in told {
                    switch told {
                    case .mark(let time): marks[tenant, default: [:]][index] = time
                    case .otherTenant: marks[tenant]?[index] = nil
                    case .nothing: break
                    }
                }
            }
        }
    }

    private enum Told: Sendable {
        case mark(Int64)
        case otherTenant
        case nothing
    }

    /// What `base` and the writers have of a tenant.
    package func source(over base: any MetricSource, tenant: String) -> any MetricSource {
        WriterSource(base: base, writers: self, tenant: tenant)
    }

    /// Ends connections.
    package func shutdown() async { for writer in writers { await writer.shutdown() } }

    /// The marks of a tenant.
    func marks(of tenant: String) -> [Int: Int64] { marks.withLock { $0[tenant] ?? [:] } }

    /// Makes sure that a writer without a mark answers for the tenant. It is asked for all, and that is not kept in mind: the
    /// tenant may be none at all.
    func meet(_ index: Int, tenant: String) async throws {
        _ = try await writers[index].status(tenant, isNamed: isNamed(tenant))
    }

    /// The tenant as it is named to writers; nil where it is the only one.
    func named(_ tenant: String) -> String? { isNamed(tenant) ? tenant : nil }

    private func isNamed(_ tenant: String) -> Bool { namesTenants || tenant != mainTenant }
}
