import ServiceSupport
import Testing

@Suite struct LoadedConfigurationTests {
    @Test func `what is in force reads back to the same settings`() throws {
        let variants: [(Executable, [String])] = [
            (.engram, []),
            (.engram, ["--data-directory=/a \"b\"\\c: #d", "--limits-promql-features="]),
            (
                .ingester,
                [
                    "--store-url=postgres://me@[::1]:5432/e?options=-c%20x", "--ring-zone=a",
                    "--telemetry-log-level=debug", "--rpc-listen=[::]:9021",
                ]
            ),
            (.distributor, ["--store-url=postgres://db/e"]),
            (
                .querier,
                [
                    "--store-url=postgres://db/e",
                    "--limits-promql-features=promql-duration-expr,type-and-unit-labels",
                ]
            ),
        ]
        for (executable, arguments) in variants {
            let loaded = try load(executable, arguments)
            try withFile(loaded.effectiveYAML) { path in
                let again = try load(executable, ["--config", path])
                #expect(again.settings == loaded.settings, "\(loaded.effectiveYAML)")
            }
        }
    }

    @Test func `passwords are masked`() throws {
        let url = "postgres://me:hunter2@db/e?sslpassword=hunter3"
        let loaded = try load(.querier, environment: ["ENGRAM_STORE_URL": url])
        #expect(!loaded.effectiveYAML.contains("hunter"))
        #expect(
            loaded.effectiveYAML.contains(
                """
                store:
                  url: "postgres://me:***@db/e?sslpassword=***"  \
                # environment variable ENGRAM_STORE_URL
                  poolSize: 8

                """
            )
        )
        #expect(loaded.settings.store.url.connectionText == url)
    }

    @Test func `only the keys of the executable are shown, by section`() throws {
        let yaml = try load(.distributor, ["--store-url=postgres://db/e"]).effectiveYAML
        let sections = yaml.split(separator: "\n").filter { !$0.hasPrefix(" ") }
        #expect(
            sections == [
                "http:", "rpc:", "store:", "auth:", "ring:", "distributor:", "haTracker:",
                "limits:", "telemetry:",
            ]
        )
    }
}
