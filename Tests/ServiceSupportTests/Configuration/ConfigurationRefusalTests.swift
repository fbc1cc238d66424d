import ServiceSupport
import Testing

@Suite struct ConfigurationRefusalTests {
    @Test(arguments: [
        (
            ["--limits-late-windwo", "1h"],
            "unknown flag --limits-late-windwo; did you mean --limits-late-window?"
        ),
        (["--late-window=1h"], "unknown flag --late-window; did you mean --limits-late-window?"),
        (["--frobnicate"], "unknown flag --frobnicate"),
        (["-x"], "unknown flag -x"),
        (["--http-listen"], "flag --http-listen needs a value"),
        (["--http-listen", "--check-config"], "flag --http-listen needs a value"),
        (["--config"], "flag --config needs a value"),
        (["--check-config=yes"], "flag --check-config takes no value"),
        (
            ["--ring-instance-id=a", "--ring-instance-id=b"],
            "flag --ring-instance-id is given twice"
        ),
        (["--data-directory", "a", "b"], "unexpected argument \"b\""),
        (["serve"], "unexpected argument \"serve\""),
        (["--ring-zone=a"], "engram has no flag --ring-zone; it belongs to engram-ingester"),
    ])
    func `bad usage is named and ends with 64`(arguments: [String], message: String) throws {
        let refused = try refusal(.engram, arguments)
        #expect(refused.message == message)
        #expect(refused.code == .usage)
    }

    @Test(arguments: [
        (
            "limts:\n  lateWindow: 1h\n",
            "unknown key limts.lateWindow in file FILE, line 2; did you mean limits.lateWindow?"
        ),
        ("ring:\n  zone: a\n\n  colour: b\n", "unknown key ring.colour in file FILE, line 4"),
        ("verbose: true\n", "unknown key verbose in file FILE, line 1"),
        ("verbose:\n", "unknown key verbose in file FILE, line 1"),
        ("http: ':9009'\n", "unknown key http in file FILE, line 1"),
        (
            "http:\n  listen: ':1'\nhttp.listen: ':2'\n",
            "key http.listen is set again in file FILE, line 3"
        ),
        (
            "limits:\n  lateWindow: 3651d\n",
            "limits.lateWindow: \"3651d\" from file FILE, line 2 is refused: "
                + "expected a duration from 0 to 3650d"
        ),
        (
            "ring:\n  instanceID:\n",
            "ring.instanceID: \"\" from file FILE, line 2 is refused: "
                + "expected up to 128 letters, digits, dots, hyphens and underscores"
        ),
        (
            "store:\n  migrateAtStart: [true]\n",
            "store.migrateAtStart: \"a list\" from file FILE, line 2 is refused: "
                + "expected true or false"
        ),
        ("- a\n", "file FILE: expected sections with keys at the top level"),
        // A key of another executable is checked all the same.
        (
            "ring:\n  heartbeatInterval: often\n",
            "ring.heartbeatInterval: \"often\" from file FILE, line 2 is refused: "
                + "expected a duration from 100ms to 1m"
        ),
    ])
    func `a bad file is named with its line and ends with 78`(file: String, message: String) throws
    {
        let refused = try refusal(.engram, file: file)
        #expect(refused.message == message)
        #expect(refused.code == .configuration)
    }

    @Test func `broken YAML is refused with the place of the mistake`() throws {
        let refused = try refusal(.engram, file: "http:\n  listen: 'unfinished\n")
        #expect(
            refused.message
                == "file FILE: line 3, column 1: found unexpected end of stream"
        )
        #expect(refused.code == .configuration)
        let twice = try refusal(.engram, file: "http: {listen: ':1'}\nhttp: {listen: ':2'}\n")
        #expect(twice.message == "file FILE: line 1: set twice: http")
    }

    @Test func `a missing file is refused with the system's reason`() throws {
        let refused = try refusal(.engram, ["--config=/nonexistent/engram.yaml"])
        #expect(
            refused.message
                == "cannot read the file /nonexistent/engram.yaml: No such file or directory"
        )
        #expect(refused.code == .configuration)
    }

    @Test(arguments: [
        (
            "ENGRAM_LIMITS_LATEWINDOW", "1h",
            "unknown environment variable ENGRAM_LIMITS_LATEWINDOW; "
                + "did you mean ENGRAM_LIMITS_LATE_WINDOW?"
        ),
        ("ENGRAM_COLOUR", "1h", "unknown environment variable ENGRAM_COLOUR"),
        (
            "ENGRAM_HTTP_LISTEN", "9009",
            "http.listen: \"9009\" from environment variable ENGRAM_HTTP_LISTEN is refused: "
                + "expected an address such as 127.0.0.1:9009 or [::1]:9009"
        ),
        (
            "ENGRAM_STORE_POOL_SIZE", "0",
            "store.poolSize: \"0\" from environment variable ENGRAM_STORE_POOL_SIZE is refused: "
                + "expected a whole number from 1 to 256"
        ),
        (
            "ENGRAM_INGESTER_WAL_SYNC", "always",
            "ingester.walSync: \"always\" from environment variable ENGRAM_INGESTER_WAL_SYNC is "
                + "refused: expected one of batch, interval, off"
        ),
        (
            "ENGRAM_AUTH_MODE", "token",
            "auth.mode: \"token\" from environment variable ENGRAM_AUTH_MODE is refused: "
                + "token is not available in this version; expected one of none, header"
        ),
        (
            "ENGRAM_LIMITS_PROMQL_FEATURES", "promql-duration-expr,no-such",
            "limits.promqlFeatures: \"promql-duration-expr,no-such\" from environment variable "
                + "ENGRAM_LIMITS_PROMQL_FEATURES is refused: expected a list, separated by commas, of "
                + LimitsSettings.knownPromQLFeatures.joined(separator: ", ")
        ),
        (
            "ENGRAM_DISTRIBUTOR_MAX_REQUEST_SIZE", "2GiB",
            "distributor.maxRequestSize: \"2GiB\" from environment variable "
                + "ENGRAM_DISTRIBUTOR_MAX_REQUEST_SIZE is refused: expected a size from 1KiB to 1GiB"
        ),
    ])
    func `a bad variable is named and ends with 78`(
        name: String,
        value: String,
        message: String
    ) throws {
        let refused = try refusal(.engram, environment: [name: value])
        #expect(refused.message == message)
        #expect(refused.code == .configuration)
    }

    @Test func `variables of other programs and of Kubernetes are ignored`() throws {
        let environment = [
            "HOME": "/root", "ENGRAMS": "1",
            "ENGRAM_SERVICE_HOST": "10.0.0.1", "ENGRAM_SERVICE_PORT": "9009",
            "ENGRAM_SERVICE_PORT_HTTP": "9009", "ENGRAM_PORT": "tcp://10.0.0.1:9009",
            "ENGRAM_PORT_9009_TCP": "tcp://10.0.0.1:9009", "ENGRAM_PORT_9009_TCP_PROTO": "tcp",
            "ENGRAM_PORT_9009_TCP_PORT": "9009", "ENGRAM_PORT_9009_TCP_ADDR": "10.0.0.1",
            "ENGRAM_INGESTER_SERVICE_HOST": "10.0.0.2",
            "ENGRAM_INGESTER_PORT": "tcp://10.0.0.2:9020",
            "ENGRAM_INGESTER_PORT_9021_TCP_PORT": "9021",
        ]
        #expect(try load(environment: environment).sources.isEmpty)
        for name in ["ENGRAM_HTTP_PORT", "ENGRAM_PORT", "ENGRAM_PORT_HTTP", "ENGRAM_SERVICE"] {
            let refused = try refusal(.engram, environment: [name: "9009"])
            #expect(refused.message.hasPrefix("unknown environment variable \(name)"))
        }
    }

    @Test(arguments: [
        (
            Executable.ingester, [String](),
            "store.url: engram-ingester needs it; "
                + "expected postgres://user:password@host:port/database"
        ),
        (
            .querier, ["--store-url=sqlite:a.db"],
            "store.url: \"sqlite:a.db\" from flag --store-url is refused: the processes of a cluster "
                + "share a store; expected postgres://user:password@host:port/database"
        ),
        (
            .engram, ["--ring-replication-factor=3"],
            "ring.replicationFactor: \"3\" from flag --ring-replication-factor is refused: "
                + "engram is its only ingester; expected 1"
        ),
        (
            .engram, ["--ingester-block-duration=7h"],
            "ingester.blockDuration: \"7h\" from flag --ingester-block-duration is refused: "
                + "24h has to be a multiple of it"
        ),
        (
            .engram, ["--distributor-max-decoded-size=1MiB"],
            "distributor.maxDecodedSize: \"1MiB\" from flag --distributor-max-decoded-size is "
                + "refused: expected at least distributor.maxRequestSize, which is 32MiB"
        ),
        (
            .engram, ["--telemetry-self-monitoring-tenant=ops"],
            "telemetry.selfMonitoringTenant: \"ops\" from flag --telemetry-self-monitoring-tenant is "
                + "refused: with auth.mode none only the tenant anonymous can be queried"
        ),
        (
            .engram, ["--ha-tracker-failover-timeout=26s"],
            "haTracker.failoverTimeout: \"26s\" from flag --ha-tracker-failover-timeout is refused: "
                + "expected more than haTracker.updateTimeout, haTracker.updateJitter and 1.2 times "
                + "haTracker.pollInterval together, which are 26s"
        ),
        (
            .engram, ["--limits-ha-replica-label=cluster"],
            "limits.haReplicaLabel: \"cluster\" from flag --limits-ha-replica-label is refused: "
                + "expected another label than limits.haClusterLabel"
        ),
        (
            .ingester, ["--store-url=postgres://db/e", "--ring-heartbeat-interval=30s"],
            "ring.heartbeatTimeout: \"1m\" from the default is refused: expected at least three times "
                + "ring.heartbeatInterval, which is 30s"
        ),
        (
            .querier, ["--store-url=postgres://db/e", "--rpc-tls-key-file=/tls/key.pem"],
            "rpc.tlsCertificateFile: \"\" from the default is refused: expected a file, since rpc.tlsKeyFile "
                + "names one: TLS needs certificate, key and authorities"
        ),
        (
            .ingester,
            [
                "--store-url=postgres://db/e", "--rpc-tls-certificate-file=/tls/cert.pem",
                "--rpc-tls-key-file=/tls/key.pem",
            ],
            "rpc.tlsTrustRootsFile: \"\" from the default is refused: expected a file, since "
                + "rpc.tlsCertificateFile names one: TLS needs certificate, key and authorities"
        ),
        (
            .distributor, ["--store-url=postgres://db/e", "--rpc-tls-server-name=ingester"],
            "rpc.tlsServerName: \"ingester\" from flag --rpc-tls-server-name is refused: there is no "
                + "certificate to check without rpc.tlsTrustRootsFile"
        ),
        (
            .ingester, ["--store-url=postgres://db/e", "--ring-advertise=:9021"],
            "ring.advertise: \"0.0.0.0:9021\" from flag --ring-advertise is refused: "
                + "others cannot connect to every interface; expected the address of one"
        ),
    ])
    func `contradictions name a key and end with 78`(
        executable: Executable,
        arguments: [String],
        message: String
    ) throws {
        let refused = try refusal(executable, arguments)
        #expect(refused.message == message)
        #expect(refused.code == .configuration)
    }

    @Test func `a refused value shows no password`() throws {
        let refused = try refusal(.engram, ["--store-url=mysql://me:hunter2@db/e"])
        #expect(refused.message.contains("mysql://me:***@db/e"))
        #expect(!refused.message.contains("hunter2"))
        let secret = "postgres://me:hunter2@db/e"
        for arguments in [["\(secret)"], ["-s=\(secret)"], ["--store-urll=\(secret)"]] {
            #expect(!(try refusal(.engram, arguments).message.contains("hunter2")))
        }
        for file in ["store: {url: '\(secret)}\n", "a: \(secret)\na: 1\n", "\(secret)\n: :"] {
            #expect(!(try refusal(.engram, file: file).message.contains("hunter2")))
        }
    }
}
