internal import ChunkCoding
internal import ClusterInterface
internal import MetricsModel
internal import PromQL

/// Collects what one tenant's ingesters and blocks hold.
///
/// Ingesters are asked first and the catalog second: a sample that moves from memory to a block meanwhile is seen at
/// least once.
struct Gatherer: Sendable {
    let directory: any IngesterDirectory
    let blocks: BlockReader
    /// Where tenants' deletions are; nil where there are none.
    var deletions: (any DeletionStore)?

    /// Series that may have samples in the range, joined from all places.
    ///
    /// - Parameters:
    ///   - oldest: Samples before this time are left out; nil takes all.
    ///   - memory: Where the bytes of chunks and pages are counted.
    ///   - rename: What becomes of labels.
    func samples(
        _ request: SelectRequest,
        oldest: Int64? = nil,
        memory: MemoryAccount,
        rename: (@Sendable (Labels) -> Labels)?,
        check: @escaping @Sendable () throws -> Void
    ) async throws -> GatheredSeries {
        let rules = try await rules(request)
        let recent = try await askIngesters { try await $0.select(request) }
        try check()
        try memory.charge(recent.reduce(0) { $0 + Self.size($1) })
        let stored = try await blocks.select(request, memory: memory, check: check)
        return GatheredSeries(
            stored: stored,
            recent: recent,
            seed: TenantSeed(request.tenant),
            range: request.range,
            oldest: oldest,
            rules: rules,
            rename: rename,
            isCancelled: {
                do { try check() } catch { return true }
                return false
            }
        )
    }

    /// Bytes of an ingester's answer, about.
    private static func size(_ answer: [SelectedSeries]) -> Int {
        answer.reduce(0) { size, series in
            series.chunks.reduce(size + series.labels.key.count + 64) { $0 + $1.bytes.count + 64 }
        }
    }

    /// Label sets of series with samples in the range, sorted.
    func series(_ request: SelectRequest) async throws -> [Labels] {
        let rules = try await rules(request)
        var recent = try await askIngesters { try await $0.series(request) }
        if rules.concern(.memory) {
            recent = recent.map {
                $0.filter { !rules.hide($0, in: .memory, within: request.range) }
            }
        }
        return SortedUnion.labels(recent + [try await blocks.series(request, rules)])
    }

    /// What deletions hide of a request's range.
    ///
    /// Read before anything else: one that is done later has its blocks written anew by then, or hides them still.
    private func rules(_ request: SelectRequest) async throws -> DeletionRules {
        guard let deletions else { return .none }
        do {
            let inForce = try await deletions.deletionsInForce(
                of: request.tenant,
                overlapping: request.range
            )
            guard !inForce.isEmpty else { return .none }
            return try DeletionRules(inForce) { try Parser.parseSelector($0).matchers }
        } catch let error as StoreError {
            throw QueryError.unavailable(error.description)
        }
    }

    /// Label names of these series, sorted.
    func labelNames(_ request: SelectRequest) async throws -> [String] {
        if try await !rules(request).isEmpty {
            // Names that only hidden series have are not answered.
            let names = Set(try await series(request).flatMap { $0.pairs.map(\.name) })
            return SortedUnion.strings([Array(names)])
        }
        let recent = try await askIngesters { try await $0.labelNames(request) }
        return SortedUnion.strings(recent + (try await blocks.labelNames(request)))
    }

    /// Values of one label of these series, sorted.
    func labelValues(_ name: String, _ request: SelectRequest) async throws -> [String] {
        if try await !rules(request).isEmpty {
            let values = Set(try await series(request).compactMap { $0.value(of: name) })
            return SortedUnion.strings([Array(values)])
        }
        let recent = try await askIngesters { try await $0.labelValues(name, request) }
        return SortedUnion.strings(recent + (try await blocks.labelValues(name, request)))
    }

    /// Asks the only member, in the task that runs already.
    private func askOne<Answer: Sendable>(
        _ member: (instance: String, client: any IngesterClient),
        _ ask: @escaping @Sendable (any IngesterClient) async throws -> Answer
    ) async throws -> Answer {
        do {
            return try await ask(member.client)
        } catch {
            if Task.isCancelled { throw QueryError.cancelled }
            throw QueryError.unavailable(Self.missingText(["\(member.instance): \(error)"], 0))
        }
    }

    private static func missingText(_ missing: [String], _ tolerated: Int) -> String {
        "\(missing.count) ingesters did not answer, at most \(tolerated) may be missing: "
            + missing.sorted().joined(separator: "; ")
    }

    /// Asks every member that may hold recent samples, all at once; answers are in the order of the members.
    ///
    /// - Throws: ``QueryError/unavailable(_:)`` where more members are missing than an answer may miss.
    func askIngesters<Answer: Sendable>(
        _ ask: @escaping @Sendable (any IngesterClient) async throws -> Answer
    ) async throws -> [Answer] {
        let readers = directory.readers()
        if readers.members.count == 1, readers.missing.isEmpty, readers.tolerated == 0 {
            return [try await askOne(readers.members[0], ask)]
        }
        var missing = readers.missing.map { "\($0): not ready" }
        var answers: [Int: Answer] = [:]
        try await withThrowingTaskGroup(of: (Int, Result<Answer, any Error>).self) { group in
            for (index, member) in readers.members.enumerated() {
                group.addTask {
                    do {
                        return (index, .success(try await ask(member.client)))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            for try await (index, answer) in group {
                switch answer {
                case .success(let answer): answers[index] = answer
                case .failure(let error):
                    missing.append("\(readers.members[index].instance): \(error)")
                }
            }
        }
        if Task.isCancelled { throw QueryError.cancelled }
        guard missing.count <= readers.tolerated else {
            throw QueryError.unavailable(Self.missingText(missing, readers.tolerated))
        }
        return readers.members.indices.compactMap { answers[$0] }
    }
}
