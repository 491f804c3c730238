import CSystemd
import Glibc

/// Reads the systemd journal in order, from a cursor or an age on.
///
/// libsystemd wants one journal object to stay on one thread: make it, use it and let it go on the same one.
package final class JournalReader {
    /// What may come from one entry: the kernel bounds a field at some MiB, this bounds what we keep of it.
    private static let fieldLimit = 256 << 10

    private let journal: OpaquePointer

    /// Opens the journal of `directory`, or the machine's own. `matches` are `FIELD=value` pairs, joined as journalctl
    /// joins them: equal fields by or, different ones by and. A lone `+` is an or between the groups around it.
    package init(directory: String?, matches: [String]) throws(JournalError) {
        var opened: OpaquePointer?
        let code: Int32
        if let directory {
            code = sd_journal_open_directory(&opened, directory, 0)
        } else {
            code = sd_journal_open(&opened, Int32(SD_JOURNAL_LOCAL_ONLY))
        }
        guard code >= 0, let opened else {
            if code == -ENOENT { throw .absent(path: directory ?? "/var/log/journal") }
            throw .call(name: "sd_journal_open", code: -code)
        }
        journal = opened
        sd_journal_set_data_threshold(opened, JournalReader.fieldLimit)
        for match in matches {
            let result =
                match == "+"
                ? sd_journal_add_disjunction(opened)
                : Array(match.utf8).withUnsafeBytes { sd_journal_add_match(opened, $0.baseAddress, $0.count) }
            if result < 0 { throw .call(name: "sd_journal_add_match", code: -result) }
        }
    }

    deinit { sd_journal_close(journal) }

    /// True when at least one journal file is open.
    package var hasFiles: Bool {
        sd_journal_has_persistent_files(journal) > 0 || sd_journal_has_runtime_files(journal) > 0
            || sd_journal_seek_head(journal) >= 0 && sd_journal_next(journal) > 0
    }

    /// True when the machine's own journal has at least one entry to read.
    package static func machineHasJournal() -> Bool {
        (try? JournalReader(directory: nil, matches: []))?.hasFiles ?? false
    }

    /// Goes behind the entry that `cursor` names. False when the cursor is not of this journal; reading then begins at
    /// the nearest entry.
    package func seek(after cursor: String) throws(JournalError) -> Bool {
        try check("sd_journal_seek_cursor", sd_journal_seek_cursor(journal, cursor))
        guard try check("sd_journal_next", sd_journal_next(journal)) > 0 else { return false }
        if sd_journal_test_cursor(journal, cursor) > 0 { return true }
        // The entry itself is gone; the one found now is the next and must not be passed over.
        if try check("sd_journal_previous", sd_journal_previous(journal)) == 0 {
            // There is none before it, and the place has not moved.
            try check("sd_journal_seek_head", sd_journal_seek_head(journal))
        }
        return false
    }

    /// Goes to the first entry that is not older than the given Unix time in microseconds.
    package func seek(toMicroseconds time: UInt64) throws(JournalError) {
        try check("sd_journal_seek_realtime_usec", sd_journal_seek_realtime_usec(journal, time))
    }

    /// The next entry, or nil when there is none at present. Takes note of rotated and new files.
    package func next() throws(JournalError) -> JournalEntry? {
        if try check("sd_journal_next", sd_journal_next(journal)) == 0 {
            // Not waiting: this only takes in inotify's news.
            let change = sd_journal_process(journal)
            if change < 0 { throw .call(name: "sd_journal_process", code: -change) }
            if change == Int32(SD_JOURNAL_NOP) { return nil }
            if try check("sd_journal_next", sd_journal_next(journal)) == 0 { return nil }
        }
        return try entry()
    }

    /// Names the entry read last, so that reading can go on behind it another time.
    package func cursor() throws(JournalError) -> String {
        var text: UnsafeMutablePointer<CChar>?
        try check("sd_journal_get_cursor", sd_journal_get_cursor(journal, &text))
        guard let text else { return "" }
        defer { free(text) }
        return String(cString: text)
    }

    private func entry() throws(JournalError) -> JournalEntry {
        var microseconds: UInt64 = 0
        try check("sd_journal_get_realtime_usec", sd_journal_get_realtime_usec(journal, &microseconds))
        var fields: [String: String] = [:]
        var message: [UInt8]?
        sd_journal_restart_data(journal)
        while true {
            var data: UnsafeRawPointer?
            var length = 0
            let result = sd_journal_enumerate_available_data(journal, &data, &length)
            if result == 0 { break }
            if result < 0 { throw .call(name: "sd_journal_enumerate_available_data", code: -result) }
            guard let data else { break }
            let field = UnsafeRawBufferPointer(start: data, count: length)
            guard let equals = field.firstIndex(of: 0x3D) else { continue }
            let name = String(decoding: field[..<equals], as: UTF8.self)
            if name == "MESSAGE" {
                if message == nil { message = Array(field[(equals + 1)...]) }
            } else if fields[name] == nil {
                fields[name] = String(decoding: field[(equals + 1)...], as: UTF8.self)
            }
        }
        return JournalEntry(
            fields: fields, message: message ?? [], timestamp: Int64(clamping: microseconds) &* 1000)
    }

    @discardableResult
    private func check(_ name: String, _ code: Int32) throws(JournalError) -> Int32 {
        if code < 0 { throw .call(name: name, code: -code) }
        return code
    }
}
