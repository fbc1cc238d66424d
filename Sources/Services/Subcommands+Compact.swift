internal import ClusterInterface
internal import Compaction
internal import Glibc
internal import ServiceSupport
internal import Synchronization

extension Subcommands {
    /// Runs all merges and removals that are due, once, and shows how far it is.
    static func compact(_ arguments: [String]) async -> ExitCode {
        let configuration = ServiceMain.load(.engram, arguments)
        let telemetry = Telemetry(configuration)
        let settings = configuration.settings
        let limits = LimitsInForce(configuration.overrides)
        do {
            let store = try Store(settings.store)
            try await store.check()
            try await StoredOverrides(
                store: store.kind,
                limits: limits,
                interval: settings.overrides.reloadInterval,
                logger: telemetry.logger
            ).load()
            let line = ProgressLine()
            let compactor = Compactor(
                settings: CompactionService.settings(settings),
                store: store.kind,
                workers: BackgroundThreads(count: settings.compactor.concurrency),
                retention: Retention(now: WallClock.milliseconds) { limits.retention(of: $0) },
                deletions: DeletionSupport.parsing(storeSamples: nil),
                now: WallClock.milliseconds,
                onEvent: { line.show($0) }
            )
            let report = try await compactor.runPass()
            line.end()
            print(
                "\(report.merges) merges, \(report.promoted) blocks kept as they are, "
                    + "\(report.expired) blocks expired, \(report.removed) blocks "
                    + "(\(report.removedBytes) bytes) removed"
            )
            if report.takenByOthers > 0 {
                print("\(report.takenByOthers) days are worked on by other processes")
            }
            for failure in report.failures { StandardError.write("engram compact: \(failure)\n") }
            await store.close()
            return report.failures.isEmpty ? .success : .failure
        } catch {
            StandardError.write("engram compact: \(error)\n")
            return .failure
        }
    }
}

/// One line on a terminal that says how far a merge is; elsewhere only a line for each that is done.
private final class ProgressLine: Sendable {
    private let isTerminal = isatty(1) == 1
    private let shown = Mutex("")

    func show(_ event: CompactionEvent) {
        switch event {
        case .progressed(let job):
            guard isTerminal else { return }
            let text =
                "tenant \(job.tenant), day \(Self.date(job.day)): \(job.blocks) blocks, "
                + "\(Int(job.progress * 100)) %"
            shown.withLock { shown in
                guard shown != text else { return }
                shown = text
                write("\r\u{1B}[K" + text)
            }
        case .merged(let report):
            finish(
                "tenant \(report.day.tenant), day \(Self.date(report.day.number)): "
                    + "\(report.blocksIn) blocks of \(report.bytesIn) bytes to \(report.blocksOut) of "
                    + "\(report.bytesOut), \(report.samplesOut) samples, "
                    + "\(report.duration.milliseconds) ms, at most \(report.peakMemory) bytes in memory"
            )
        case .failed(let day, let cause):
            finish("tenant \(day.tenant), day \(Self.date(day.number)): failed: \(cause)")
        case .deleted(let tenant, let blocks, let samples):
            finish("tenant \(tenant): \(samples) samples deleted from \(blocks) blocks")
        case .deletionFailed(let tenant, let cause):
            finish("tenant \(tenant): deletion waits: \(cause)")
        case .cleaningFailed(let cause): finish("removal failed: \(cause)")
        }
    }

    func end() { shown.withLock { if !$0.isEmpty { write("\r\u{1B}[K") } } }

    private func finish(_ text: String) {
        shown.withLock { shown in
            write((shown.isEmpty ? "" : "\r\u{1B}[K") + text + "\n")
            shown = ""
        }
    }

    private func write(_ text: String) {
        print(text, terminator: "")
        fflush(nil)
    }

    /// `2026-11-28`.
    private static func date(_ day: Int64) -> String {
        var seconds = time_t(day * 86_400)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func padded(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(parts.tm_year + 1900)-\(padded(parts.tm_mon + 1))-\(padded(parts.tm_mday))"
    }
}
