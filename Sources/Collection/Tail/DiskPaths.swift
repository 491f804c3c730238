import CPlatform
import Glibc

/// The machine's own file system as a glob sees it.
package struct DiskPaths: PathLister {
    /// Without state.
    package init() {}

    package func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { raw in
                String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    package func kind(of path: String, followLinks: Bool) -> PathKind? {
        var status = cplatform_file_status()
        guard cplatform_path_status(path, followLinks, &status) else { return nil }
        if status.is_regular { return .file }
        return status.is_directory ? .directory : .other
    }
}
