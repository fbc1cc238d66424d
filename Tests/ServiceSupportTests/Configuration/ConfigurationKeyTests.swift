import ServiceSupport
import Testing

@Suite struct ConfigurationKeyTests {
    @Test(arguments: [
        ("http.listen", "--http-listen", "ENGRAM_HTTP_LISTEN"),
        ("ring.instanceID", "--ring-instance-id", "ENGRAM_RING_INSTANCE_ID"),
        ("limits.lateWindow", "--limits-late-window", "ENGRAM_LIMITS_LATE_WINDOW"),
        ("ingester.walSync", "--ingester-wal-sync", "ENGRAM_INGESTER_WAL_SYNC"),
        ("limits.promqlFeatures", "--limits-promql-features", "ENGRAM_LIMITS_PROMQL_FEATURES"),
    ])
    func `names are spelled as flags and variables`(
        name: String,
        flag: String,
        variable: String
    ) throws {
        let key = try #require(ConfigurationKey.all.first { $0.name == name })
        #expect(key.flag == flag)
        #expect(key.environmentVariable == variable)
    }

    @Test func `no two keys share a spelling and every key is documented`() {
        let keys = ConfigurationKey.all
        #expect(Set(keys.map(\.name)).count == keys.count)
        #expect(Set(keys.map(\.flag)).count == keys.count)
        #expect(Set(keys.map(\.environmentVariable)).count == keys.count)
        for key in keys {
            #expect(key.name.split(separator: ".").count == 2, "\(key.name)")
            #expect(key.documentation.hasSuffix("."), "\(key.name)")
            #expect(!key.executables.isEmpty, "\(key.name)")
            #expect(key.executables == key.executables.sorted(), "\(key.name)")
        }
    }

    @Test func `every fixed default is accepted as a value of its key`() throws {
        for executable in Executable.allCases {
            var arguments: [String] = []
            for key in ConfigurationKey.all where key.executables.contains(executable) {
                let text = key.defaultText(for: executable)
                if key.name == "store.url" {
                    let cluster = executable != .engram
                    arguments.append(key.flag + (cluster ? "=postgres://db/e" : "=sqlite:e.db"))
                } else if !["ring.instanceID", "ring.zone", "ring.advertise"].contains(key.name) {
                    arguments.append("\(key.flag)=\(text)")
                }
            }
            let loaded = try load(executable, arguments)
            #expect(loaded.sources.count == arguments.count)
        }
    }
}
