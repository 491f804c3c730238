import MartletCore
import Testing

@Suite("Escaping of names")
struct NameEscapingTests {
    @Test(
        "a name that is no legacy name is written as the scheme has it",
        arguments: [
            (NameEscaping.none, "a.b_c é"), (.underscores, "a_b_c__"), (.dots, "a_dot_b__c____"),
            (.values, "U__a_2e_b__c_20__e9_"),
        ])
    func escape(scheme: NameEscaping, text: String) {
        #expect(scheme.escape("a.b_c é") == text)
    }

    @Test("a legacy name stays as it is", arguments: NameEscaping.allCases)
    func legacy(scheme: NameEscaping) {
        #expect(scheme.escape("a_b:c1") == "a_b:c1")
        #expect(scheme.escape("") == "")
    }

    @Test("a digit in front is no legacy name")
    func digit() {
        #expect(NameEscaping.underscores.escape("1a1") == "_a1")
        #expect(NameEscaping.values.escape("1a1") == "U___31_a1")
    }

    @Test(
        "values are read back, and what is not written in the scheme stays as it is",
        arguments: [
            ("U__a_2e_b__c_20__e9_", "a.b_c é"), ("U__a_2E_b", "a.b"), ("plain__name", "plain__name"), ("U__", ""),
            ("U__a_", "U__a_"), ("U__a_2e", "U__a_2e"), ("U__a_zz_", "U__a_zz_"), ("U__a_+2e_", "U__a_+2e_"),
            ("U__a_d800_", "U__a_d800_"), ("U__a_1F600_", "a😀"), ("U__a_01F600_", "U__a_01F600_"),
        ])
    func unescape(escaped: String, name: String) {
        #expect(NameEscaping.unescapeValues(escaped) == name)
    }
}
