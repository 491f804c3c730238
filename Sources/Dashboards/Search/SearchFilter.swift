import HTTPTypes
import Service

/// What `/api/search` is asked for.
struct SearchFilter: Sendable {
    /// The order of what is found.
    enum Order: String, CaseIterable, Sendable {
        case byTitle = "alpha-asc"
        case byTitleBackwards = "alpha-desc"
        case newestFirst = "updated-desc"
        case oldestFirst = "updated-asc"

        /// How a person chooses it.
        var title: String {
            switch self {
            case .byTitle: "Alphabetically (A–Z)"
            case .byTitleBackwards: "Alphabetically (Z–A)"
            case .newestFirst: "Last changed"
            case .oldestFirst: "Longest unchanged"
            }
        }
    }

    /// Lower-case words that must all be in the title.
    private let words: [String]
    private let tags: [String]
    private let uids: Set<String>
    private let folderUIDs: Set<String>
    /// What kinds of things are wanted.
    let wantsFolders: Bool
    let wantsBoards: Bool
    private let onlyStarred: Bool
    private let order: Order?

    init(_ query: QueryParameters) throws(HTTPFailure) {
        words = (query["query"] ?? "").lowercased().split(separator: " ").map(String.init)
        tags = query.all("tag").filter { !$0.isEmpty }
        uids = Set((query.all("dashboardUIDs") + query.all("dashboardUID")).filter { !$0.isEmpty })
        folderUIDs = Set(query.all("folderUIDs").map { FolderTree.topNames.contains($0) ? "" : $0 })
        onlyStarred = query["starred"] == "true"
        let type = query["type"] ?? ""
        guard ["", "dash-db", "dash-folder"].contains(type) else {
            throw HTTPFailure(.badRequest, "type must be dash-db or dash-folder, not \"\(type.prefix(40))\"")
        }
        // Folders have neither tags nor stars.
        wantsFolders = type != "dash-db" && tags.isEmpty && !onlyStarred
        wantsBoards = type != "dash-folder"
        if let text = query["sort"], !text.isEmpty {
            guard let order = Order(rawValue: text) else {
                throw HTTPFailure(
                    .badRequest, "sort must be one of \(Order.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            self.order = order
        } else {
            order = nil
        }
    }

    func accepts(_ hit: SearchHit, stars: Set<String>) -> Bool {
        guard hit.isFolder ? wantsFolders : wantsBoards else { return false }
        guard !onlyStarred || stars.contains(hit.uid) else { return false }
        guard uids.isEmpty || uids.contains(hit.uid) else { return false }
        guard folderUIDs.isEmpty || folderUIDs.contains(hit.folder?.uid ?? "") else { return false }
        guard tags.allSatisfy({ hit.tags.contains($0) }) else { return false }
        guard !words.isEmpty else { return true }
        let title = hit.title.lowercased()
        return words.allSatisfy { title.contains($0) }
    }

    /// Folders first, as long as no order is asked for.
    func sorted(_ hits: [SearchHit]) -> [SearchHit] {
        let named = hits.map { (hit: $0, title: $0.title.lowercased()) }
        return named.sorted { one, other in
            switch order {
            case nil:
                if one.hit.isFolder != other.hit.isFolder { return one.hit.isFolder }
                return (one.title, one.hit.uid) < (other.title, other.hit.uid)
            case .byTitle: return (one.title, one.hit.uid) < (other.title, other.hit.uid)
            case .byTitleBackwards: return (one.title, one.hit.uid) > (other.title, other.hit.uid)
            case .newestFirst: return (one.hit.updatedAt, other.title) > (other.hit.updatedAt, one.title)
            case .oldestFirst: return (one.hit.updatedAt, one.title) < (other.hit.updatedAt, other.title)
            }
        }.map(\.hit)
    }
}
