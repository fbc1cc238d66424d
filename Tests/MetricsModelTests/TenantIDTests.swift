import MetricsModel
import Testing

@Suite struct TenantIDTests {
    @Test(arguments: ["a", "team-1", "A_b.c*d'(e)!", String(repeating: "x", count: 150)])
    func `names that Cortex takes are taken`(name: String) throws {
        #expect(try TenantID(name).name == name)
    }

    @Test(arguments: [
        ("", TenantError.empty), (String(repeating: "x", count: 151), .tooLong(151)),
        ("a/b", .forbiddenCharacter(0x2f)), ("a b", .forbiddenCharacter(0x20)),
        ("ä", .forbiddenCharacter(0xc3)), ("a|b", .forbiddenCharacter(0x7c)),
        (".", .reserved(".")), ("..", .reserved("..")), ("__markers__", .reserved("__markers__")),
        ("user-index.json.gz", .reserved("user-index.json.gz")),
    ])
    func `other names are refused with the reason`(name: String, error: TenantError) {
        #expect(throws: error) { try TenantID(name) }
    }
}
