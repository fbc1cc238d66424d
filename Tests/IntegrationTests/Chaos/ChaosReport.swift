import Foundation

/// Prints what happens, with the time since the beginning, and the figures at the end.
final class ChaosReport {
    private let began = ContinuousClock.now

    var seconds: Double { (ContinuousClock.now - began) / .seconds(1) }

    func note(_ text: String) {
        print(String(format: "%7.1f s  ", seconds) + text)
        fflush(nil)
    }

    func figures(_ books: [SampleBook], _ writes: ChaosWriter.Outcome) {
        let requests = books.map(\.count).reduce(0, +)
        let acknowledged = books.map(\.acknowledgedCount).reduce(0, +)
        note(
            "\(books.count) tenants: \(requests * SampleBook.seriesCount) samples sent, "
                + "\(acknowledged * SampleBook.seriesCount) acknowledged"
        )
        let refused = writes.refusals.sorted { $0.key < $1.key }
            .map { "\($0.value) × \($0.key) (\(writes.texts[$0.key]?.prefix(160) ?? ""))" }
        note(
            "writes: \(Self.quantiles(writes.durations)); refused and sent again: "
                + (refused.isEmpty ? "none" : refused.joined(separator: ", "))
                + "; broken connections: \(writes.brokenConnections)"
        )
    }

    func figures(_ reads: ChaosReader.Outcome) {
        note(
            "queries: \(reads.answered) answered, \(reads.withoutStore) of them without the store, "
                + "\(reads.failedCount) failed; \(Self.quantiles(reads.durations))"
        )
        for (reason, failures) in reads.failures.sorted(by: { $0.key < $1.key }) {
            note("  \(failures.count) × \(reason): \(failures.text)")
        }
        for fault in reads.faults.prefix(20) { note("  FAULT \(fault)") }
    }

    private static func quantiles(_ durations: [Double]) -> String {
        guard !durations.isEmpty else { return "no answers" }
        let sorted = durations.sorted()
        func quantile(_ part: Double) -> String {
            String(format: "%.1f", 1000 * sorted[Int(Double(sorted.count - 1) * part)])
        }
        return "p50 \(quantile(0.5)) ms, p99 \(quantile(0.99)) ms, longest \(quantile(1)) ms"
    }
}
