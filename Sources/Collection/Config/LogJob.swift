package import MartletCore
package import Service

/// One entry of `scrape_configs`.
package struct LogJob: Sendable {
    /// Files by pattern.
    package struct FileTarget: Sendable {
        /// Labels of the target, `__path__` and `__path_exclude__` among them.
        package let labels: Labels
        /// Patterns to read.
        package let include: [GlobPattern]
        /// Patterns to leave out.
        package let exclude: [GlobPattern]
    }

    /// The journal.
    package struct JournalTarget: Sendable {
        /// Whether a line is the entry as JSON instead of its message.
        package var asJSON = false
        /// Milliseconds; older entries are passed over when there is no saved cursor.
        package var maxAge: Int64 = 25_200_000
        /// A directory of journal files instead of the machine's own.
        package var path: String?
        /// `FIELD=value` pairs that entries must have.
        package var matches: [String] = []
        /// Labels of every entry.
        package var labels = Labels()
    }

    /// The job's name.
    package let name: String
    /// Files.
    package let files: [FileTarget]
    /// The journal, if the job reads it.
    package let journal: JournalTarget?
    /// Relabelling: of a file's target once, of a journal entry each.
    package let relabel: [RelabelRule]
    /// What lines go through; a fresh copy for each file.
    package let pipeline: Pipeline
}
