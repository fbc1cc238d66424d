import ClusterInterface
import Foundation
import Glibc
import MetricsModel
import TestSupport
import Testing

@testable import ClusterTransport

/// What calls cost with and without TLS, both ends in this process; for `docs/performance.md`.
///
/// Runs on purpose only, with `ENGRAM_MEASURE_TRANSPORT=1` and a release build.
@Suite(
    .serialized,
    .enabled(if: ProcessInfo.processInfo.environment["ENGRAM_MEASURE_TRANSPORT"] == "1")
)
struct TransportMeasurement {
    /// Writes on their way at the same time.
    private static let inFlight = 16
    private static let time = Duration.seconds(5)

    @Test(arguments: [false, true, false, true], [2000, 20_000])
    func `writes of known series`(hasTLS: Bool, rows: Int) async throws {
        let batch = WriteBatch.steady(tenant: .anonymous, rows: rows)
        let size = PushMessage(sequence: 0, batch: batch).encodedSize
        try await measure("\(rows) samples, \(size >> 10) KiB", size, rows, hasTLS) { client in
            _ = try await client.write(batch)
        }
    }

    @Test(arguments: [false, true, false, true])
    func `answers of many series`(hasTLS: Bool) async throws {
        let series = (0..<20_000).map { SelectedSeries.numbered($0) }
        let size = ListMessage(series).encodedSize
        let ingester = FakeIngester(select: { _ in series })
        try await measure("answer of \(size >> 10) KiB", size, 20_000, hasTLS, ingester) { client in
            _ = try await client.select(.everything(of: .anonymous))
        }
    }

    /// Makes the same call again and again, and prints what it took.
    private func measure(
        _ what: String,
        _ size: Int,
        _ items: Int,
        _ hasTLS: Bool,
        _ ingester: FakeIngester = FakeIngester(),
        _ call: @escaping @Sendable (RemoteIngesterClient) async throws -> Void
    ) async throws {
        var settings = Loopback.settings
        let authority = try TestAuthority()
        if hasTLS {
            let issued = try authority.issue("both")
            let files = IdentityFiles(
                certificate: issued.certificate,
                key: issued.key,
                trustRoots: authority.trustRoots
            )
            let now = Int64(Date().timeIntervalSince1970 * 1000)
            settings.security = .mutual(try TransportIdentity(files, now: now))
        }
        try await Loopback.withPair(ingester, settings: settings) { client, _ in
            try await call(client)
            let (began, cpu) = (ContinuousClock.now, Self.cpuSeconds)
            let calls = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<Self.inFlight {
                    group.addTask {
                        var calls = 0
                        while ContinuousClock.now - began < Self.time {
                            try await call(client)
                            calls += 1
                        }
                        return calls
                    }
                }
                return try await group.reduce(0, +)
            }
            let seconds = (ContinuousClock.now - began) / .seconds(1)
            let used = Self.cpuSeconds - cpu
            #expect(calls > 0)
            print(
                String(
                    format:
                        "%@, TLS %@: %.0f MB/s, %.0f calls/s, %.1f ns of CPU an item, %.2f cores",
                    what,
                    hasTLS ? "yes" : "no",
                    Double(calls * size) / seconds / 1e6,
                    Double(calls) / seconds,
                    used / Double(calls * items) * 1e9,
                    used / seconds
                )
            )
        }
    }

    /// Of both ends, and of the tests themselves.
    private static var cpuSeconds: Double { Double(clock()) / 1e6 }
}
