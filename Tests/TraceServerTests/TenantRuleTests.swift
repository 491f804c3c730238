import Testing
import TraceServer
import TraceStorage

@Suite("Whose spans a request means")
struct TenantRuleTests {
    @Test("without tenants all are everybody's, but an account that is bound keeps to its own")
    func single() throws {
        let rule = TenantRule(isMultitenant: false)
        #expect(try rule.tenant(header: nil, bound: nil) == .single)
        #expect(try rule.tenant(header: "team", bound: nil) == .single)
        #expect(try rule.tenant(header: "other", bound: "team").name == "team")
    }

    @Test("with tenants the header names them, unless the account is bound")
    func multiple() throws {
        let rule = TenantRule(isMultitenant: true)
        #expect(try rule.tenant(header: "team", bound: nil).name == "team")
        #expect(try rule.tenant(header: "other", bound: "team").name == "team")
        #expect(throws: TenantRule.Refusal.self) { try rule.tenant(header: nil, bound: nil) }
        #expect(throws: TenantRule.Refusal.self) { try rule.tenant(header: "a|b", bound: nil) }
    }
}
