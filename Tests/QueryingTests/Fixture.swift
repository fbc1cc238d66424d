import ClusterInterface
import MetricsModel
import PromQL

@testable import Querying

/// Ingesters that are always the same.
struct FixedDirectory: IngesterDirectory {
    var ingesters: [MemoryIngester] = []
    var missing: [String] = []
    var tolerated = 0
    /// Instances that fail together; others fail alone.
    var zones: [[String]] = []
    /// Since when nobody left.
    var knownSince = Int64.min

    /// Tenants whose samples only some ingesters may hold.
    var shards: [TenantID: Set<String>] = [:]

    func readers(of tenant: TenantID) -> ReadSet {
        var readers = readers()
        guard let shard = shards[tenant] else { return readers }
        readers.members.removeAll { !shard.contains($0.instance) }
        readers.missing.removeAll { !shard.contains($0.instance) }
        return readers
    }

    func readers() -> ReadSet {
        ReadSet(
            members: ingesters.enumerated().map {
                ReadSet.Member(
                    instance: $1.name,
                    domain: domain(of: $1.name) ?? 1000 + UInt32($0),
                    client: $1
                )
            },
            missing: missing.enumerated().map {
                ReadSet.Missing(instance: $1, domain: domain(of: $1) ?? 2000 + UInt32($0))
            },
            tolerated: tolerated,
            knownSince: knownSince
        )
    }

    private func domain(of instance: String) -> UInt32? {
        zones.firstIndex { $0.contains(instance) }.map(UInt32.init)
    }
}

/// Does the work where it is asked for.
struct InlineWorkers: WorkerPool {
    func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try work()
    }
}

extension Querier {
    /// A querier over these ingesters and this store.
    convenience init(
        _ directory: FixedDirectory,
        _ store: MemoryStore = MemoryStore(),
        change: (inout QueryingSettings) -> Void = { _ in }
    ) {
        var settings = QueryingSettings()
        change(&settings)
        self.init(
            settings: settings,
            directory: directory,
            store: store,
            workers: InlineWorkers()
        )
    }
}

extension QueryRequest {
    /// An instant query at a time, or a range query where there is a step.
    init(
        _ text: String,
        _ tenants: TenantSet = TenantSet(.anonymous),
        at start: Int64,
        to end: Int64? = nil,
        step: Int64 = 0,
        timeout: Int64? = nil
    ) {
        self.init(
            tenants: tenants,
            text: text,
            start: start,
            end: end ?? start,
            step: step,
            timeout: timeout,
            features: .standard
        )
    }
}

extension QueryResult {
    /// The value as text, so that results can be compared with their bits.
    var text: String {
        switch value {
        case .scalar(let timestamp, let value): "\(timestamp) \(value.bitPattern)"
        case .string(let timestamp, let text): "\(timestamp) \(text)"
        case .vector(let elements):
            elements.map { "\($0.labels) \($0.timestamp) \($0.value.float?.bitPattern ?? 0)" }
                .joined(separator: "\n")
        case .matrix(let series):
            series.map { "\($0.labels) \($0.timestamps) \($0.values.map(\.bitPattern))" }
                .joined(separator: "\n")
        }
    }
}

/// Waits until other tasks have come so far, by letting them run; a test's time limit ends it.
func eventually(_ condition: () -> Bool) async {
    while !condition(), !Task.isCancelled { await Task.yield() }
}
