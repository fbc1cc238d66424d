import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    @Suite struct ConfigurationTests {}
}

extension IntegrationTests.ConfigurationTests {
    @Test(arguments: [Executable.engram, .distributor, .ingester, .querier])
    func `an unknown key in the file ends the process with 78 and is named`(
        executable: Executable
    ) throws {
        let end = try run(executable, file: "limits:\n  lateWindow: 24h\n  lateWindoww: 24h\n")
        #expect(end.status == 78)
        #expect(end.output.contains("limits.lateWindoww"), "\(end.output)")
    }

    @Test(arguments: [
        ("ENGRAM_LIMITS_LATE_WINDOWW", "24h", "ENGRAM_LIMITS_LATE_WINDOWW"),
        ("ENGRAM_LIMITS_LATE_WINDOW", "one day", "limits.lateWindow"),
        ("ENGRAM_HTTP_LISTEN", "nowhere", "http.listen"),
        ("ENGRAM_INGESTER_BLOCK_DURATION", "7h", "ingester.blockDuration"),
        ("ENGRAM_INGESTER_WAL_SYNC", "sometimes", "ingester.walSync"),
        ("ENGRAM_RING_REPLICATION_FACTOR", "3", "ring.replicationFactor"),
    ])
    func `a bad variable ends the process with 78 and is named`(
        name: String,
        value: String,
        named: String
    ) throws {
        let end = try run(.engram, environment: [name: value])
        #expect(end.status == 78)
        #expect(end.output.contains(named), "\(end.output)")
    }

    @Test func `values that contradict each other are named`() throws {
        let end = try run(
            .ingester,
            ["--ring-heartbeat-interval", "30s", "--ring-heartbeat-timeout", "40s"]
                + ["--store-url", "postgres://nobody@127.0.0.1:1/none"]
        )
        #expect(end.status == 78 || end.status == 64)
        #expect(end.output.contains("heartbeat"), "\(end.output)")
    }

    @Test(arguments: [Executable.engram, .distributor, .ingester, .querier])
    func `an unknown flag ends the process with 64 and is named`(executable: Executable) throws {
        let end = try run(executable, ["--limits-late-windoww", "24h"])
        #expect(end.status == 64)
        #expect(end.output.contains("--limits-late-windoww"), "\(end.output)")
    }

    @Test func `a cluster's process without a store is told which key it needs`() throws {
        let end = try run(.querier)
        #expect(end.status == 78)
        #expect(end.output.contains("store.url"), "\(end.output)")
    }

    @Test func `a flag goes before a variable, a variable before the file`() throws {
        let file = "querier:\n  lookbackDelta: 1m\n  maxSamples: 1111\n  maxConcurrent: 3\n"
        let end = try run(
            .engram,
            ["--check-config", "--querier-lookback-delta", "3m"],
            environment: [
                "ENGRAM_QUERIER_LOOKBACK_DELTA": "2m", "ENGRAM_QUERIER_MAX_SAMPLES": "2222",
            ],
            file: file
        )
        #expect(end.status == 0)
        for line in ["lookbackDelta: 3m", "maxSamples: 2222", "maxConcurrent: 3"] {
            #expect(end.output.contains(line), "\(end.output)")
        }
    }

    @Test(.enabled(if: ThrowawayPostgres.unavailableReason == nil))
    func `passwords are masked in the configuration of a check and of a running process`() throws {
        let secret = "pa55-w0rd"
        // The server trusts everybody, so any password will do.
        let url = try ThrowawayPostgres.shared.get().freshDatabase()
            .replacingOccurrences(of: "engram@", with: "engram:\(secret)@")
        let check = try run(.querier, ["--check-config", "--store-url", url])
        #expect(check.status == 0)
        #expect(check.output.contains("postgres://engram:"), "\(check.output)")
        #expect(!check.output.contains(secret))

        let querier = try EngramProcess(.querier, ["--store-url", url])
        try querier.launch()
        // Without an ingester it does not get ready.
        try eventually(within: 30, "configuration") {
            (try? querier.send(.get("/config")))?.status == 200
        }
        let answer = try querier.send(.get("/config"))
        #expect(answer.text.contains("postgres://engram:"), "\(answer.text)")
        #expect(!answer.text.contains(secret))
        #expect(!querier.log.contains(secret))
        #expect(try querier.stop() == 0)
    }

    @Test func `a store that cannot be reached is no reason to hang or to print its password`()
        throws
    {
        let port = ServerPort.unused()
        let querier = try EngramProcess(
            .querier,
            ["--store-url", "postgres://engram:pa55-w0rd@127.0.0.1:\(port)/none"]
        )
        try querier.launch()
        try eventually(within: 30, "an answer or an end") {
            guard querier.isRunning else { return true }
            return (try? querier.send(.get("/ready")))?.status == 503
        }
        #expect(!querier.log.contains("pa55-w0rd"))
        if querier.isRunning { #expect(try querier.stop() == 0) }
    }

    /// Runs a program that ends by itself.
    private func run(
        _ executable: Executable,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        file: String? = nil
    ) throws -> (status: Int32, output: String) {
        let folder = try ScratchFolder("configuration")
        var arguments = arguments
        if let file {
            try folder.write(file, to: "engram.yaml")
            arguments += ["--config", folder.file("engram.yaml")]
        }
        let program = try RunningProgram(
            command: [try executable.path] + arguments,
            environment: environment,
            log: folder.file("log")
        )
        return (try program.exitStatus(within: 30), folder.tail(of: "log"))
    }
}
