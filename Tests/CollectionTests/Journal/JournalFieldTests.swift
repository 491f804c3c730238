import Collection
import Testing

@Suite("Journal fields become Promtail's labels")
struct JournalFieldTests {
    @Test("with the priority also as a word")
    func labels() {
        let labels = JournalField.labels([
            "_SYSTEMD_UNIT": "ssh.service", "PRIORITY": "4", "MESSAGE": "x", "__CURSOR": "c",
        ])
        #expect(
            labels == [
                "__journal__systemd_unit": "ssh.service", "__journal_priority": "4",
                "__journal_priority_keyword": "warning", "__journal___cursor": "c",
            ])
    }

    @Test("A priority that is none has no word", arguments: ["8", "-1", "x", ""])
    func bad(_ priority: String) {
        #expect(JournalField.labels(["PRIORITY": priority])["__journal_priority_keyword"] == nil)
    }
}
