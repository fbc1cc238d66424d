import ServiceSupport
import Testing

@Suite struct ConfigurationTests {
    private let flag = ["--ingester-flush-delay", "1m"]
    private let environment = ["ENGRAM_INGESTER_FLUSH_DELAY": "2m"]
    private let file = "ingester:\n  flushDelay: 3m\n"

    @Test func `a flag goes before the environment, that before the file, that before the default`()
        throws
    {
        try withFile(file) { path in
            let config = ["--config", path]
            let all = try load(.engram, flag + config, environment: environment)
            #expect(all.settings.ingester.flushDelay == .seconds(60))
            #expect(all.sources == ["ingester.flushDelay": .flag("--ingester-flush-delay")])

            let two = try load(.engram, config, environment: environment)
            #expect(two.settings.ingester.flushDelay == .seconds(120))
            #expect(
                two.sources["ingester.flushDelay"]
                    == .environment(variable: "ENGRAM_INGESTER_FLUSH_DELAY")
            )

            let one = try load(.engram, config)
            #expect(one.settings.ingester.flushDelay == .seconds(180))
            #expect(one.sources["ingester.flushDelay"] == .file(path: path, line: 2))

            let none = try load()
            #expect(none.settings.ingester.flushDelay == .seconds(300))
            #expect(none.sources.isEmpty)
        }
    }

    @Test(arguments: [
        ["--http-listen", "127.0.0.1:1234"], ["--http-listen=127.0.0.1:1234"],
    ])
    func `a flag takes its value as the next word or after an equals sign`(
        arguments: [String]
    ) throws {
        let listen = try load(.engram, arguments).settings.http.listen
        #expect(listen == NetworkAddress(host: "127.0.0.1", port: 1234))
    }

    @Test func `a value may hold commas and equals signs`() throws {
        let directory = try load(.engram, ["--data-directory=/a=b,c"]).settings.data.directory
        #expect(directory == "/a=b,c")
    }

    @Test func `lists are separated by commas everywhere, and may be YAML lists in the file`()
        throws
    {
        let expected = ["promql-duration-expr", "type-and-unit-labels"]
        let text = expected.joined(separator: ",")
        let fromFlag = try load(.engram, ["--limits-promql-features", text])
        #expect(fromFlag.settings.limits.promqlFeatures == expected)
        let fromVariable = try load(environment: ["ENGRAM_LIMITS_PROMQL_FEATURES": text])
        #expect(fromVariable.settings.limits.promqlFeatures == expected)
        for yaml in ["'\(text)'", "[\(text)]", "\n    - \(expected[0])\n    - \(expected[1])"] {
            try withFile("limits:\n  promqlFeatures: \(yaml)\n") { path in
                let settings = try load(.engram, ["--config", path]).settings
                #expect(settings.limits.promqlFeatures == expected, "\(yaml)")
            }
        }
    }

    @Test(arguments: [
        "", "# nothing\n", "---\n", "http:\n", "http:\n  # listen: :1\nlimits: ~\n",
    ])
    func `a file without values changes nothing`(text: String) throws {
        try withFile(text) { path in
            let loaded = try load(.engram, ["--config", path])
            #expect(loaded.settings == (try load().settings))
            #expect(loaded.sources.isEmpty)
        }
    }

    @Test func `a file may write a key out instead of nesting it`() throws {
        try withFile("http.listen: ':1'\nlimits: {lateWindow: 0}\n") { path in
            let settings = try load(.engram, ["--config", path]).settings
            #expect(settings.http.listen == NetworkAddress(host: "0.0.0.0", port: 1))
            #expect(settings.limits.lateWindow == .zero)
        }
    }

    @Test func `keys of other executables are fine in the file and the environment`() throws {
        let file = "ingester: {walSync: off}\nstore: {url: 'postgres://db/engram'}\n"
        try withFile(file) { path in
            let loaded = try load(
                .distributor,
                ["--config", path],
                environment: ["ENGRAM_RING_ZONE": "a"]
            )
            #expect(loaded.settings.ingester.walSync == .batch)
            #expect(loaded.settings.ring.zone == "")
            #expect(!loaded.effectiveYAML.contains("walSync"))
        }
    }

    @Test func `defaults are those of the executable`() throws {
        let engram = try load().settings
        #expect(engram.http.listen.description == "127.0.0.1:9009")
        #expect(engram.store.url == .sqlite(path: "./data/engram.db"))
        #expect(engram.auth.mode == .none)
        #expect(engram.ring.replicationFactor == 1)
        #expect(engram.ring.instanceID == "host-1")
        let ports: [Executable: Int] = [.distributor: 9010, .ingester: 9020, .querier: 9030]
        for (executable, port) in ports {
            let settings = try load(executable, ["--store-url=postgres://db/e"]).settings
            #expect(settings.http.listen == NetworkAddress(host: "0.0.0.0", port: port))
            #expect(settings.auth.mode == .header)
            #expect(settings.ring.replicationFactor == 3)
            #expect(settings.rpc.listen.port == 9021)
        }
    }

    @Test func `defaults follow from other keys`() throws {
        let engram = try load(.engram, ["--data-directory", "/var/lib/engram"]).settings
        #expect(engram.store.url == .sqlite(path: "/var/lib/engram/engram.db"))
        let url = "--store-url=postgres://db/e"
        let wildcard = try load(.ingester, [url, "--rpc-listen=:7000"]).settings
        #expect(wildcard.ring.advertise == NetworkAddress(host: "10.0.0.7", port: 7000))
        let bound = try load(.ingester, [url, "--rpc-listen=192.168.1.2:7000"]).settings
        #expect(bound.ring.advertise == NetworkAddress(host: "192.168.1.2", port: 7000))
        let set = try load(.ingester, [url, "--ring-advertise=ingester-0:9021"]).settings
        #expect(set.ring.advertise == NetworkAddress(host: "ingester-0", port: 9021))
    }

    @Test func `the machine has a name`() {
        let host = HostFacts.current()
        #expect(!host.name.isEmpty)
        #expect(host.address != "127.0.0.1")
    }

    @Test func `a replication factor of two is accepted`() throws {
        let arguments = ["--store-url=postgres://db/e", "--ring-replication-factor=2"]
        #expect(try load(.distributor, arguments).settings.ring.replicationFactor == 2)
    }

    @Test func `help and version answer even when the rest of the line is wrong`() throws {
        let help = try load(.querier, ["--help", "--nonsense"])
        guard case .print(let text) = help.action else {
            Issue.record("help runs the service")
            return
        }
        #expect(text.contains("--querier-lookback-delta DURATION\n"))
        #expect(text.contains("Default: 5m."))
        #expect(!text.contains("--ingester-wal-sync"))
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 120 })
        let version = try load(.querier, ["--version"]).action
        #expect(version == .print("engram-querier \(BuildInformation.version)\n"))
    }

    @Test func `check-config prints what would be in force`() throws {
        let checked = try load(.engram, ["--check-config", "--limits-late-window=0"])
        #expect(checked.action == .print(checked.effectiveYAML))
        #expect(checked.effectiveYAML.contains("  lateWindow: 0  # flag --limits-late-window\n"))
        #expect(try load().action == .run)
    }
}
