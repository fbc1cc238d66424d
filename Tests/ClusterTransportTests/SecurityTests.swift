import ClusterInterface
import Foundation
import MetricsModel
import Synchronization
import TestSupport
import Testing

@testable import ClusterTransport

/// TLS with certificates on both ends, made by `openssl` for each test.
@Suite(.timeLimit(.minutes(2)), .enabled(if: TestAuthority.unavailableReason == nil))
struct SecurityTests {
    private let authority: TestAuthority
    private let ingester: Identity

    init() throws {
        authority = try TestAuthority()
        ingester = try Identity(authority, "ingester")
    }

    @Test func `calls work with certificates of one authority on both ends`() async throws {
        let caller = try Identity(authority, "querier")
        let series = (0..<500).map { SelectedSeries.numbered($0) }
        let fake = FakeIngester(select: { _ in series })
        try await ingester.serve(fake) { address in
            try await caller.call(address) { client in
                let batch = WriteBatch.steady(tenant: .anonymous, rows: 20_000)
                try await #expect(client.write(batch) == WriteAnswer())
                try await #expect(client.select(.everything(of: .anonymous)) == series)
            }
        }
        #expect(ingester.refusals.isEmpty && caller.refusals.isEmpty)
    }

    @Test func `a caller without a certificate is refused`() async throws {
        try await ingester.serve { address in
            // It trusts the ingester, but has nothing to show: openssl as a client without -cert.
            let answer = try OpenSSL.connect(address, authority.trustRoots, ["-ign_eof"])
            #expect(answer.contains("certificate required"), "\(answer)")
            try await eventually { ingester.refusals.contains { $0.side == .server } }
        }
    }

    @Test func `a caller with a certificate of another authority is refused`() async throws {
        let stranger = try Identity(
            TestAuthority("other"),
            "stranger",
            trusting: authority.trustRoots
        )
        try await ingester.serve { address in
            try await stranger.expectRefusal(address)
            try await eventually { ingester.refusals.contains { $0.side == .server } }
        }
    }

    @Test func `an ingester with a certificate of another authority is refused`() async throws {
        let stranger = try Identity(
            TestAuthority("other"),
            "stranger",
            trusting: authority.trustRoots
        )
        let caller = try Identity(authority, "distributor")
        try await stranger.serve { address in
            try await caller.expectRefusal(address)
            try await eventually { caller.refusals.contains { $0.side == .client } }
        }
    }

    @Test func `a certificate that has ended is refused by either end`() async throws {
        let ended = try Identity(authority, "ended", hasEnded: true)
        let caller = try Identity(authority, "distributor")
        try await ingester.serve { address in
            try await ended.expectRefusal(address)
            try await eventually { ingester.refusals.contains { $0.side == .server } }
        }
        try await ended.serve { address in
            try await caller.expectRefusal(address)
            try await eventually { caller.refusals.contains { $0.side == .client } }
        }
    }

    @Test func `the certificate has the address that is called, or the name that is expected`()
        async throws
    {
        let named = try Identity(authority, "named", alternativeNames: "DNS:ingester.engram")
        let caller = try Identity(authority, "distributor")
        let knowing = try Identity(authority, "other", serverName: "ingester.engram")
        try await named.serve { address in
            try await caller.expectRefusal(address)
            try await knowing.call(address) { client in
                _ = try await client.write(.steady(tenant: .anonymous, rows: 1))
            }
        }
        let misnamed = try Identity(authority, "misnamed", alternativeNames: "DNS:elsewhere")
        try await misnamed.serve { address in try await knowing.expectRefusal(address) }
    }

    @Test func `ends with and without TLS do not understand each other`() async throws {
        let caller = try Identity(authority, "distributor")
        try await ingester.serve { address in
            try await Loopback.withClient(of: address) { client in
                await #expect(throws: TransportError.self) {
                    try await client.write(.steady(tenant: .anonymous, rows: 1))
                }
            }
        }
        try await Loopback.withServer(FakeIngester()) { _, address in
            try await caller.expectRefusal(address)
        }
    }

    @Test func `while a cluster changes to TLS an ingester takes calls with and without`()
        async throws
    {
        let caller = try Identity(authority, "distributor")
        let stranger = try Identity(TestAuthority("other"), "s", trusting: authority.trustRoots)
        var settings = Loopback.settings
        settings.security = .mutualOrPlaintext(ingester.transport)
        try await Loopback.withServer(FakeIngester(), settings: settings) { _, address in
            let batch = WriteBatch.steady(tenant: .anonymous, rows: 20_000)
            try await Loopback.withClient(of: address) { client in
                _ = try await client.write(batch)
            }
            try await caller.call(address) { client in _ = try await client.write(batch) }
            try await stranger.expectRefusal(address)
            // Who looks whether the port is open leaves nothing behind.
            _ = try HTTPConnection(port: try #require(Int(address.split(separator: ":")[1])))
        }
    }

    @Test
    func `changed files are taken, new connections have the new certificate, open ones go on`()
        async throws
    {
        let caller = try Identity(authority, "distributor")
        let first = ingester.issued.serialNumber
        let second = try authority.issue("second")
        try await ingester.serve { address in
            try await caller.call(address) { client in
                _ = try await client.write(.steady(tenant: .anonymous, rows: 1))
                #expect(try serial(at: address, caller) == first)
                #expect(ingester.look() == .unchanged)
                try second.replace(ingester.issued)
                #expect(ingester.look() == .replaced)
                #expect(ingester.look() == .unchanged)
                #expect(try serial(at: address, caller) == second.serialNumber)
                #expect(ingester.transport.serialNumber == second.serialNumber)
                _ = try await client.write(.steady(tenant: .anonymous, rows: 1))
            }
        }
    }

    @Test func `authorities are changed, too`() async throws {
        let next = try TestAuthority("next")
        let caller = try Identity(authority, "distributor")
        let files = [ingester, caller].map(\.files.trustRoots)
        for file in files {
            let both = try [authority, next].map {
                try String(contentsOfFile: $0.trustRoots, encoding: .utf8)
            }
            try both.joined().write(toFile: file, atomically: true, encoding: .utf8)
        }
        #expect(ingester.look() == .replaced && caller.look() == .replaced)
        // One end after the other gets a certificate of the new authority.
        for end in [ingester, caller] {
            try next.issue(end.name).replace(end.issued)
            #expect(end.look() == .replaced)
            try await ingester.serve { address in
                try await caller.call(address) { client in
                    _ = try await client.write(.steady(tenant: .anonymous, rows: 1))
                }
            }
        }
        let late = try Identity(authority, "late", trusting: files[0])
        for file in files {
            try String(contentsOfFile: next.trustRoots, encoding: .utf8)
                .write(toFile: file, atomically: true, encoding: .utf8)
        }
        #expect(ingester.look() == .replaced)
        try await ingester.serve { address in try await late.expectRefusal(address) }
    }

    @Test func `files that are no identity leave the one before in force, and are told once`()
        async throws
    {
        let caller = try Identity(authority, "distributor")
        let files = ingester.files
        let good = try IdentityText(files)
        let other = try authority.issue("other")
        let ended = try authority.issue("past", hasEnded: true)
        let texts = try [other.key, ended.certificate, ended.key].map {
            try String(contentsOfFile: $0, encoding: .utf8)
        }
        let cases: [(String, (inout IdentityText) -> Void, IdentityFiles.Part)] = [
            ("holds no certificate", { $0.certificate = "nothing" }, .certificate),
            ("holds no private key", { $0.key = "" }, .key),
            ("is not that of the certificate", { $0.key = texts[0] }, .key),
            (
                "ended 1577923200 s after 1970",
                { ($0.certificate, $0.key) = (texts[1], texts[2]) }, .certificate
            ),
            ("holds no certificate of an authority", { $0.trustRoots = "" }, .trustRoots),
        ]
        try await ingester.serve { address in
            for (message, change, part) in cases {
                var bad = good
                change(&bad)
                try bad.write(to: files)
                // Of two files one is replaced first, so it may be that they fit each other at the next look.
                if message.contains("is not that") { #expect(ingester.look() == .unchanged) }
                guard case .refused(let error) = ingester.look() else {
                    Issue.record("\(message): taken")
                    continue
                }
                #expect(error.part == part)
                #expect(error.description.contains(message), "\(error)")
                #expect(ingester.look() == .unchanged)
                #expect(throws: IdentityError.self) {
                    try TransportIdentity(files, now: Identity.now)
                }
                #expect(try serial(at: address, caller) == ingester.issued.serialNumber)
            }
            try FileManager.default.removeItem(atPath: files.key)
            guard case .refused(.unreadable(.key, _, _)) = ingester.look() else {
                Issue.record("a missing file was taken")
                return
            }
            try good.write(to: files)
            #expect(ingester.look() == .replaced)
        }
    }

    /// With the usual frames of 16 KiB the frame decoder copies what waits behind each, which TLS delivers in large
    /// pieces: 31 MB/s were left of more than 370.
    @Test func `frames are larger than those that make TLS slow`() {
        #expect(TransportSettings.frameSize >= 64 << 10)
    }

    @Test func `without TLS and without permission nothing leaves the machine`() throws {
        for address in ["10.0.0.7:9021", "ingester-a:9021", "[fe80::1]:9021"] {
            #expect(throws: TransportError.unprotected(peer: address)) {
                try RemoteIngesterClient(address: address, logger: Loopback.logger)
            }
            var settings = TransportSettings()
            settings.security = .plaintext
            _ = try RemoteIngesterClient(
                address: address,
                settings: settings,
                logger: Loopback.logger
            )
        }
        for address in ["127.0.0.1:9021", "127.1.2.3:9021", "localhost:9021", "[::1]:9021"] {
            _ = try RemoteIngesterClient(address: address, logger: Loopback.logger)
        }
        for address in ["0.0.0.0:0", ":0", "10.0.0.7:0"] {
            #expect(throws: TransportError.unprotected(peer: address)) {
                try IngesterServer(ingester: FakeIngester(), address: address)
            }
        }
    }

    /// The serial number of the certificate that a new connection is shown.
    private func serial(at address: String, _ caller: Identity) throws -> String {
        try OpenSSL.serialNumber(
            try OpenSSL.connect(
                address,
                authority.trustRoots,
                ["-cert", caller.issued.certificate, "-key", caller.issued.key]
            )
        )
    }
}

/// One end of a connection with its files, which each have a copy of their own.
private final class Identity: Sendable {
    let name: String
    let issued: TestAuthority.Issued
    let files: IdentityFiles
    let transport: TransportIdentity
    /// Keeps the files.
    private let authority: TestAuthority
    private let refused = RefusalList()

    static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

    /// - Parameter roots: A file other than that of the authority itself.
    init(
        _ authority: TestAuthority,
        _ name: String,
        alternativeNames: String = "IP:127.0.0.1",
        hasEnded: Bool = false,
        trusting roots: String? = nil,
        serverName: String? = nil
    ) throws {
        self.authority = authority
        self.name = name
        issued = try authority.issue(
            name,
            alternativeNames: alternativeNames,
            hasEnded: hasEnded
        )
        let trustRoots = authority.file(name + ".roots")
        try FileManager.default.copyItem(
            atPath: roots ?? authority.trustRoots,
            toPath: trustRoots
        )
        files = IdentityFiles(
            certificate: issued.certificate,
            key: issued.key,
            trustRoots: trustRoots
        )
        transport = try TransportIdentity(
            files,
            serverName: serverName,
            // Who wants to show a certificate that has ended has to have read it in time.
            now: hasEnded ? 0 : Self.now,
            onRefusal: refused.add
        )
    }

    var refusals: [RefusedHandshake] { refused.all }

    func look() -> TransportIdentity.Look { transport.look(now: Self.now) }

    private var settings: TransportSettings {
        var settings = Loopback.settings
        settings.security = .mutual(transport)
        return settings
    }

    func serve(
        _ ingester: FakeIngester = FakeIngester(),
        _ body: (_ address: String) async throws -> Void
    ) async throws {
        try await Loopback.withServer(ingester, settings: settings) { _, address in
            try await body(address)
        }
    }

    func call(
        _ address: String,
        _ body: (RemoteIngesterClient) async throws -> Void
    ) async throws {
        try await Loopback.withClient(of: address, settings: settings, body)
    }

    func expectRefusal(_ address: String) async throws {
        try await call(address) { client in
            await #expect(throws: TransportError.self) {
                try await client.write(.steady(tenant: .anonymous, rows: 1))
            }
            await #expect(throws: TransportError.self) {
                try await client.labelNames(.everything(of: .anonymous))
            }
        }
    }
}

private final class RefusalList: Sendable {
    private let refusals = Mutex<[RefusedHandshake]>([])

    @Sendable func add(_ refused: RefusedHandshake) { refusals.withLock { $0.append(refused) } }

    var all: [RefusedHandshake] { refusals.withLock { $0 } }
}

/// What the three files hold.
private struct IdentityText {
    var certificate: String
    var key: String
    var trustRoots: String

    init(_ files: IdentityFiles) throws {
        certificate = try String(contentsOfFile: files.certificate, encoding: .utf8)
        key = try String(contentsOfFile: files.key, encoding: .utf8)
        trustRoots = try String(contentsOfFile: files.trustRoots, encoding: .utf8)
    }

    func write(to files: IdentityFiles) throws {
        for (text, path) in [
            (certificate, files.certificate), (key, files.key), (trustRoots, files.trustRoots),
        ] {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        }
    }
}

/// `openssl` as a client that is not ours.
private enum OpenSSL {
    /// What it says of a connection, its errors included.
    static func connect(
        _ address: String,
        _ trustRoots: String,
        _ arguments: [String]
    ) throws -> String {
        let words =
            ["openssl", "s_client", "-connect", address, "-CAfile", trustRoots, "-alpn", "h2"]
            + ["-tls1_3"] + arguments
        let command = "timeout 20 " + words.joined(separator: " ") + " </dev/null 2>&1; true"
        return try Command.run(["sh", "-c", command])
    }

    static func serialNumber(_ text: String) throws -> String {
        let end = "-----END CERTIFICATE-----"
        let begin = try #require(text.range(of: "-----BEGIN CERTIFICATE-----"))
        let last = try #require(text.range(of: end))
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("engram-shown-\(UUID().uuidString.prefix(13)).pem").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try String(text[begin.lowerBound..<last.upperBound])
            .write(toFile: path, atomically: true, encoding: .utf8)
        let line = try Command.run(["openssl", "x509", "-in", path, "-noout", "-serial"])
        return line.split(separator: "=")[1].trimmingCharacters(in: .whitespacesAndNewlines)
            .lowercased()
    }
}

/// Waits until something holds; the suite's time limit bounds it.
private func eventually(_ condition: () -> Bool) async throws {
    while !condition() { try await Task.sleep(for: .milliseconds(5)) }
}
