import MartletCore
import Testing

@Suite("Names of tenants")
struct TenantNameRuleTests {
    @Test(
        "have letters, digits and a few signs",
        arguments: ["a", "Team-1", "!-_.*'()", "...", String(repeating: "x", count: 150)])
    func allowed(name: String) throws { try TenantNameRule.check(name) }

    @Test(
        "are no other",
        arguments: [
            ("", TenantNameRule.Breach.empty), (".", .dots), ("..", .dots), ("lost+found", .byte(UInt8(ascii: "+"))),
            ("a/b", .byte(UInt8(ascii: "/"))), ("a b", .byte(UInt8(ascii: " "))),
            (String(repeating: "x", count: 151), .tooLong),
        ])
    func refused(name: String, breach: TenantNameRule.Breach) {
        #expect(throws: breach) { try TenantNameRule.check(name) }
    }
}
