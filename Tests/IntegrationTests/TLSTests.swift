import Foundation
import MetricsModel
import RemoteWrite
import TestSupport
import Testing

extension IntegrationTests {
    @Suite(.enabled(if: TestAuthority.unavailableReason == nil))
    struct TLSTests {}
}

extension IntegrationTests.TLSTests {
    private static let tenant = "secret"
    private static let failures = "engram_rpc_tls_reload_failures_total"
    private static let notAfter = "engram_rpc_tls_certificate_not_after_seconds"

    @Test(.enabled(if: ThrowawayPostgres.unavailableReason == nil), .timeLimit(.minutes(4)))
    func `a cluster with certificates is written to and read, also after they were changed`()
        throws
    {
        let authority = try TestAuthority()
        let ends = try ["distributor", "querier", "ingester"].map { try authority.issue($0) }
        let cluster = try LocalCluster(
            Self.arguments(ends[0], authority),
            queriers: Self.arguments(ends[1], authority),
            ingesters: Self.arguments(ends[2], authority)
        )
        try cluster.awaitConnections(tenant: "probe")
        try Self.writeAndRead(cluster, 1)
        let before = try cluster.all.map { try $0.metric(Self.notAfter) }

        for (number, end) in ends.enumerated() {
            try authority.issue("next-\(number)", days: 5).replace(end)
        }
        for (process, old) in zip(cluster.all, before) {
            try eventually(within: 30, "new certificate in \(process.log)", every: 0.2) {
                try process.metric(Self.notAfter) > old + 3 * 86_400
            }
            #expect(try process.metric(Self.failures) == 0)
        }
        // Connections that were open go on.
        try Self.writeAndRead(cluster, 2)

        // A file that is none is told, and the certificate before stays in force for the connections that come.
        try "nothing".write(toFile: ends[2].certificate, atomically: true, encoding: .utf8)
        for ingester in cluster.ingesters {
            try eventually(within: 30, "refusal in \(ingester.log)", every: 0.2) {
                try ingester.metric(Self.failures) == 1
            }
            #expect(ingester.log.contains("TLS files refused"))
        }
        for process in cluster.distributors + cluster.queriers {
            #expect(try process.stop() == 0)
            try process.start()
        }
        try cluster.awaitRing()
        try cluster.awaitConnections(tenant: "probe")
        try Self.writeAndRead(cluster, 3)
        for process in cluster.all {
            let refused = try process.metric(
                "engram_rpc_tls_handshake_failures_total",
                where: "side"
            )
            #expect(refused == 0, "\(process.log)")
        }
    }

    @Test(.enabled(if: ThrowawayPostgres.unavailableReason == nil), .timeLimit(.minutes(4)))
    func `a running cluster changes to TLS, ingesters first`() throws {
        let authority = try TestAuthority()
        let end = try authority.issue("engram")
        let cluster = try LocalCluster(
            Self.arguments(end, authority),
            ingesters: Self.arguments(end, authority) + ["--rpc-plaintext", "true"]
        )
        // The queriers have not changed yet.
        try cluster.awaitConnections(tenant: "probe")
        try Self.writeAndRead(cluster, 1)
    }

    @Test(.enabled(if: ThrowawayPostgres.unavailableReason == nil), .timeLimit(.minutes(2)))
    func `a querier does not call another machine without TLS, and says so`() throws {
        let common = [
            "--store-url", try ThrowawayPostgres.shared.get().freshDatabase(),
            "--ring-poll-interval", "300ms",
        ]
        let rpc = "127.0.0.1:\(ServerPort.unused())"
        let ingester = try EngramProcess(
            .ingester,
            common + [
                "--rpc-listen", rpc, "--ring-advertise", "192.0.2.1:9021", "--ring-instance-id",
                "far",
            ]
        )
        try ingester.start()
        let querier = try EngramProcess(.querier, common)
        try querier.launch()
        try eventually(within: 30, "refusal in \(querier.log)", every: 0.1) {
            guard let answer = try? querier.send(.get("/ready")), answer.status == 503 else {
                return false
            }
            return answer.text.contains("far at 192.0.2.1:9021 is not on this machine")
                && answer.text.contains("rpc.plaintext")
        }
        #expect(try querier.stop() == 0)
        #expect(try ingester.stop() == 0)
    }

    @Test func `an ingester that others could reach without TLS does not start`() throws {
        let folder = try ScratchFolder("tls")
        let program = try RunningProgram(
            command: [
                try Executable.ingester.path, "--rpc-listen", ":\(ServerPort.unused())",
                "--store-url", "postgres://nobody@127.0.0.1:1/none", "--data-directory",
                folder.file("data"),
            ],
            environment: [:],
            log: folder.file("log")
        )
        #expect(try program.exitStatus(within: 30) == 78)
        let log = folder.tail(of: "log")
        for key in [
            "rpc.listen", "rpc.tlsCertificateFile", "rpc.tlsKeyFile", "rpc.tlsTrustRootsFile",
            "rpc.plaintext",
        ] {
            #expect(log.contains(key), "\(log)")
        }
    }

    @Test(arguments: [Executable.distributor, .querier, .ingester])
    func `a TLS file that is none ends a process with 78 and its key is named`(
        executable: Executable
    ) throws {
        let authority = try TestAuthority()
        let end = try authority.issue("engram")
        try "nothing".write(toFile: end.key, atomically: true, encoding: .utf8)
        let folder = try ScratchFolder("tls")
        let program = try RunningProgram(
            command: [
                try executable.path, "--check-config", "--store-url",
                "postgres://nobody@127.0.0.1:1/none",
            ] + Self.arguments(end, authority),
            environment: [:],
            log: folder.file("log")
        )
        #expect(try program.exitStatus(within: 30) == 78)
        let log = folder.tail(of: "log")
        #expect(log.contains("rpc.tlsKeyFile") && log.contains("holds no private key"), "\(log)")
    }

    private static func arguments(
        _ issued: TestAuthority.Issued,
        _ authority: TestAuthority
    ) -> [String] {
        [
            "--rpc-tls-certificate-file", issued.certificate, "--rpc-tls-key-file", issued.key,
            "--rpc-tls-trust-roots-file", authority.trustRoots,
        ]
    }

    /// Writes one sample by each distributor, and reads them from each querier.
    private static func writeAndRead(_ cluster: LocalCluster, _ round: Int) throws {
        let time = Moment.now
        for (number, distributor) in cluster.distributors.enumerated() {
            var body = WriteRequestEncoder()
            body.add(
                ["__name__": "rounds", "by": "\(number)", "round": "\(round)"],
                timestamp: time,
                value: Double(round)
            )
            let answer = try distributor.send(HTTPRequest.push(body).tenant(tenant))
            #expect(answer.status == 204, "\(answer.text)")
        }
        for querier in cluster.queriers {
            let found = try querier.queries(tenant: tenant)
                .instant("rounds{round=\"\(round)\"}", at: time)
            #expect(found.count == 2, "\(querier.log)")
        }
    }
}
