internal import CoreMetrics
internal import Synchronization

/// What a querier counts.
final class QueryingMetrics: Sendable {
    /// What was asked; raw values are the label `kind`.
    enum Kind: String, CaseIterable {
        case instant
        case range
        case series
        case labels
        case exemplars
        case metadata
        case cardinality
    }

    private struct PerKind {
        let succeeded: Counter
        let failed: Counter
        let duration: Timer

        init(_ kind: Kind) {
            let label = "engram_querier_queries_total"
            succeeded = Counter(
                label: label,
                dimensions: [("kind", kind.rawValue), ("status", "success")]
            )
            failed = Counter(
                label: label,
                dimensions: [("kind", kind.rawValue), ("status", "error")]
            )
            duration = Timer(
                label: "engram_querier_query_duration_seconds",
                dimensions: [("kind", kind.rawValue)]
            )
        }
    }

    private let kinds: [Kind: PerKind]
    private let ingestersGivenUp = Counter(label: "engram_querier_ingesters_given_up_total")
    private let withoutStore = Counter(label: "engram_querier_answers_without_store_total")

    init() {
        kinds = Dictionary(uniqueKeysWithValues: Kind.allCases.map { ($0, PerKind($0)) })
    }

    /// Ingesters whose answers a query did without, because they were slow and not needed.
    func count(ingestersGivenUp count: Int) { ingestersGivenUp.increment(by: count) }

    /// Series of one selector, or labels, that came from the memory of ingesters alone, while the store was away.
    func countAnswerWithoutStore() { withoutStore.increment() }

    func measure<Value>(_ kind: Kind, _ body: () async throws -> Value) async throws -> Value {
        let began = ContinuousClock.now
        defer {
            let (seconds, attoseconds) = (ContinuousClock.now - began).components
            kinds[kind]?.duration.recordNanoseconds(
                seconds * 1_000_000_000 + attoseconds / 1_000_000_000
            )
        }
        do {
            let value = try await body()
            kinds[kind]?.succeeded.increment()
            return value
        } catch {
            kinds[kind]?.failed.increment()
            throw error
        }
    }
}
