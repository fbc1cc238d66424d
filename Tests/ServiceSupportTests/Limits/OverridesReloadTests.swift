import Testing

@testable import ServiceSupport

@Suite struct OverridesReloadTests {
    private let first = Array("overrides: {a: {lateWindow: 1h}}".utf8)
    private let second = Array("overrides: {a: {lateWindow: 2h}}".utf8)
    private let bad = Array("overrides: {a: {lateWindow: x}}".utf8)
    private let away = ConfigurationError.fileUnreadable(path: "FILE", reason: "away")

    private func read(_ bytes: [UInt8]) throws(ConfigurationError) -> TenantOverrides {
        try TenantOverridesTests.read(String(decoding: bytes, as: UTF8.self))
    }

    @Test func `an unchanged file is not read again`() {
        var reload = OverridesReload(content: first)
        for _ in 0..<3 {
            let effect = reload.handle(.content(first)) { _ throws(ConfigurationError) in
                Issue.record("read")
                throw away
            }
            #expect(effect == .none)
        }
    }

    @Test func `a changed file is applied once`() throws {
        var reload = OverridesReload(content: first)
        #expect(reload.handle(.content(second), read: read) == .apply(try read(second)))
        #expect(reload.handle(.content(second), read: read) == .none)
        #expect(reload.handle(.content(first), read: read) == .apply(try read(first)))
    }

    @Test func `a bad file is told once for each change, and the way back is a change`() throws {
        var reload = OverridesReload(content: first)
        let expected = #expect(throws: ConfigurationError.self) { try read(bad) }
        let error = try #require(expected)
        #expect(reload.handle(.content(bad), read: read) == .refuse(error))
        #expect(reload.handle(.content(bad), read: read) == .none)
        #expect(reload.handle(.unreadable(away), read: read) == .refuse(away))
        #expect(reload.handle(.unreadable(away), read: read) == .none)
        #expect(reload.handle(.content(bad), read: read) == .refuse(error))
        #expect(reload.handle(.content(first), read: read) == .apply(try read(first)))
    }
}
