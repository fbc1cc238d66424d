import CoreMetrics
import Foundation
import Logging
import Synchronization
import Testing

@testable import ServiceSupport

@Suite(.timeLimit(.minutes(1))) struct OverridesWatchTests {
    private static let failed = "engram_overrides_reload_failed"
    private static let succeeded = "engram_overrides_last_reload_success_timestamp_seconds"

    /// A watch over a file that the test writes, and what came of it.
    private final class Fixture: Sendable {
        let path: String
        let clock = ManualClock()
        let registry = PrometheusMetricsRegistry()
        let wall = Mutex<Int64>(1_700_000_000_000)
        let applied = Mutex<[TenantOverrides]>([])
        let errors = Mutex<[String]>([])

        init(path: String) { self.path = path }

        func write(_ text: String) throws {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        }

        func metric(_ name: String) -> Double? {
            registry.samples().first { $0.name == name }?.value
        }

        var windows: [Duration?] {
            applied.withLock { $0.map { $0.limits["a"]?.lateWindow } }
        }

        /// Runs the watch while the body looks at it.
        func run(_ body: () async throws -> Void) async throws {
            let watch = OverridesWatch(
                try load(.engram, ["--limits-overrides-file", path]),
                clock: clock,
                now: { [self] in wall.withLock { $0 } },
                metrics: registry,
                logger: Logger(label: "test") { [self] _ in ErrorLog { self.note($0) } },
                apply: { [self] overrides in applied.withLock { $0.append(overrides) } }
            )
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await watch.run() }
                try await body()
                group.cancelAll()
            }
        }

        private func note(_ error: String) { errors.withLock { $0.append(error) } }
    }

    @Test func `a change is in force after the interval, and a bad file keeps the old`()
        async throws
    {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "engram-overrides-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let fixture = Fixture(path: folder.appending(path: "overrides.yaml").path)
        try fixture.write("overrides: {a: {lateWindow: 1h}}\n")
        try await fixture.run {
            await fixture.clock.advance(by: .seconds(10))
            #expect(fixture.windows.isEmpty)
            #expect(fixture.metric(Self.failed) == 0)
            #expect(fixture.metric(Self.succeeded) == 1_700_000_000)

            // Same size, maybe within one tick of the file system's clock.
            try fixture.write("overrides: {a: {lateWindow: 2h}}\n")
            await fixture.clock.advance(by: .seconds(9))
            #expect(fixture.windows.isEmpty, "not before the interval is over")
            fixture.wall.withLock { $0 += 60_000 }
            await fixture.clock.advance(by: .seconds(1))
            #expect(fixture.windows == [.seconds(7200)])
            #expect(fixture.metric(Self.succeeded) == 1_700_000_060)

            try fixture.write("overrides: {a: {lateWindow: 3 hours}}\n")
            for _ in 0..<3 { await fixture.clock.advance(by: .seconds(10)) }
            #expect(fixture.windows == [.seconds(7200)])
            #expect(fixture.metric(Self.failed) == 1)
            #expect(fixture.metric(Self.succeeded) == 1_700_000_060)
            #expect(fixture.errors.withLock { $0.count } == 1, "once for each change")
            let told = fixture.errors.withLock { $0.first } ?? ""
            #expect(told.contains("overrides.a.lateWindow: \"3 hours\" from file"))

            try FileManager.default.removeItem(atPath: fixture.path)
            for _ in 0..<2 { await fixture.clock.advance(by: .seconds(10)) }
            #expect(fixture.metric(Self.failed) == 1)
            #expect(fixture.errors.withLock { $0.count } == 2)

            try fixture.write("overrides: {a: {lateWindow: 3h}}\n")
            await fixture.clock.advance(by: .seconds(10))
            #expect(fixture.windows == [.seconds(7200), .seconds(10_800)])
            #expect(fixture.metric(Self.failed) == 0)
        }
    }
}

/// Hands on what is logged as an error.
private struct ErrorLog: LogHandler {
    let note: @Sendable (String) -> Void
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    init(note: @escaping @Sendable (String) -> Void) { self.note = note }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        guard event.level == .error else { return }
        note("\(event.message) \(event.metadata?["error"] ?? "")")
    }
}
