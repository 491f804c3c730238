import MartletCore
package import Service

/// A promtail config.yml, checked as a whole.
package struct PromtailConfig: Sendable {
    /// Where lines go.
    package internal(set) var clients: [LogClient] = []
    /// Where positions are kept; nil leaves it to the storage path.
    package internal(set) var positionsFile: String?
    /// What is read.
    package internal(set) var jobs: [LogJob] = []
    /// How files are followed.
    package internal(set) var tail = TailOptions()
    /// Milliseconds between two looks at the files.
    package internal(set) var pollMilliseconds: Int64 = 250
    /// One line per key that has no effect here.
    package internal(set) var warnings: [String] = []

    /// Reads a file; every mistake is a `ConfigError` with its place.
    package init(path: String) throws { try self.init(ConfigDocument(path: path)) }

    /// Decodes a document.
    package init(_ document: ConfigDocument) throws {
        try document.root.mapping { (top: inout ConfigMapping) throws in try decode(&top) }
        warnings = document.warnings
    }

    /// What is read without a configuration file: the journal, or the usual text logs on a machine without one.
    package static func standard(hasJournal: Bool) -> String {
        guard !hasJournal else {
            return """
                scrape_configs:
                - job_name: journal
                  journal: {max_age: 12h, labels: {job: systemd-journal}}
                  relabel_configs:
                  - {source_labels: [__journal__systemd_unit], target_label: unit}
                  - {source_labels: [__journal__hostname], target_label: hostname}
                  - {source_labels: [__journal_priority_keyword], target_label: level}
                """
        }
        return """
            scrape_configs:
            - job_name: varlogs
              static_configs:
              - labels: {job: varlogs, __path__: '/var/log/{*.log,syslog,messages}'}
            """
    }
}
