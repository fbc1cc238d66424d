import Foundation
import ServiceSupport
import Testing

@Suite struct ConfigurationReferenceTests {
    /// `docs/configuration.md` of this checkout.
    private var page: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "docs/configuration.md")
    }

    /// With `ENGRAM_WRITE_DOCS=1` this writes the page instead: that is what `make docs` runs.
    @Test func `the page docs/configuration is up to date`() throws {
        let expected = ConfigurationReference.markdown()
        if ProcessInfo.processInfo.environment["ENGRAM_WRITE_DOCS"] == "1" {
            try expected.write(to: page, atomically: true, encoding: .utf8)
        }
        let found = (try? String(contentsOf: page, encoding: .utf8)) ?? ""
        #expect(found == expected, "docs/configuration.md is out of date: run `make docs`")
    }

    @Test func `every key has an entry with its spellings and default`() {
        let text = ConfigurationReference.markdown()
        for key in ConfigurationKey.all {
            #expect(text.contains("\n### `\(key.name)`\n\n\(key.documentation)\n"))
            #expect(
                text.contains("\n- Flag `\(key.flag)`, variable `\(key.environmentVariable)`\n")
            )
        }
        #expect(
            text.contains(
                """
                - Default: `127.0.0.1:9009` (engram), `0.0.0.0:9010` (engram-distributor), \
                `0.0.0.0:9020` (engram-ingester), `0.0.0.0:9030` (engram-querier)
                """
            )
        )
    }
}
