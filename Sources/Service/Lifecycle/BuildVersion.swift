/// What `--version`, the Server header and the `*_build_info` metrics say.
package enum BuildVersion {
    /// Semantic version of this source tree.
    package static let number = "0.1.0"
}
