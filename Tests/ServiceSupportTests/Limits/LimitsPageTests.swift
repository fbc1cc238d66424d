import Foundation
import Testing

@testable import ServiceSupport

/// `docs/limits.md` is written by hand; its tables may not miss a limit or a spelling.
@Suite struct LimitsPageTests {
    @Test func `the page names every limit in each of its spellings`() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "docs/limits.md")
        let lines = try String(contentsOf: page, encoding: .utf8).split(separator: "\n")
        for key in LimitNames.keys {
            let row = try #require(lines.first { $0.hasPrefix("| `\(key.nameInSection)` | `") })
            for name in LimitNames.all(of: key) { #expect(row.contains("`\(name)`"), "\(row)") }
            let rolesWithKey: [(Executable, String)] = [
                (.distributor, "distributor"), (.ingester, "ingester"), (.querier, "querier"),
            ]
            for (executable, role) in rolesWithKey where row.hasSuffix(" \(role) |") {
                #expect(key.executables.contains(executable), "\(row)")
            }
        }
    }

    @Test func `the example of the page is a right file`() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "docs/limits.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let example = try #require(text.split(separator: "```yaml\n").dropFirst().first)
        let yaml = try #require(example.split(separator: "```").first)
        let overrides = try TenantOverridesTests.read(String(yaml))
        #expect(overrides.limits["team-a"]?.lateWindow == .seconds(3650 * 86_400))
        #expect(overrides.limits["team-b"]?.retention == .seconds(90 * 86_400))
    }
}
