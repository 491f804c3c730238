package import MartletCore

/// What `--version`, the Server header and the `*_build_info` metrics say.
package enum BuildVersion {
    /// Semantic version of this source tree.
    package static let number = "0.1.0"

    /// What the servers of Prometheus, Grafana and Alertmanager say of their builds: the version, and empty texts for what there is
    /// not here.
    package static let members =
        [JSONValue.Member("version", .string(number))]
        + ["revision", "branch", "buildUser", "buildDate", "goVersion"].map { JSONValue.Member($0, .string("")) }
}
