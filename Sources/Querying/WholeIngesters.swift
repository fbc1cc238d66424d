internal import ClusterInterface
internal import MetricsModel

/// Ingesters whose answers are to do without blocks: one that no longer holds all it took of the times that are asked for
/// counts as one that did not answer.
///
/// An acknowledged sample is in as many failure domains as a write needs. As long as fewer than that are missing, or have
/// dropped something of these times from memory, one of the others has the sample in memory; see
/// `docs/decisions/0034-recent-queries-without-the-store.md`.
struct WholeIngesters: IngesterDirectory {
    let base: any IngesterDirectory
    let request: SelectRequest

    func readers() -> ReadSet {
        var set = base.readers()
        for index in set.members.indices {
            let member = set.members[index]
            set.members[index].client = WholeIngester(client: member.client) { [set, request] in
                let since = try await member.client.wholeSince(
                    request.tenant,
                    departure: set.knownSince
                )
                guard since <= request.range.start else { throw NotWhole(since: since) }
            }
        }
        return set
    }

    /// The time from which on the ingesters could do without blocks now; nil where there is none.
    func answerableSince() async -> Int64? {
        let set = base.readers()
        var domains: [UInt32: Int64] = [:]
        for missing in set.missing { domains[missing.domain] = .max }
        let times = await Self.times(set, request.tenant)
        for (index, member) in set.members.enumerated() {
            let since = times[index] ?? .max
            domains[member.domain] = max(domains[member.domain] ?? .min, since)
        }
        let needed = domains.values.sorted(by: >).dropFirst(set.tolerated)
        return needed.first == .max ? nil : needed.first
    }

    /// Since when each member has everything, by its position; those that do not answer soon are left out.
    private static func times(_ set: ReadSet, _ tenant: TenantID) async -> [Int: Int64] {
        await withTaskGroup(of: (Int, Int64)?.self) { group in
            for (index, member) in set.members.enumerated() {
                group.addTask {
                    let since = try? await member.client.wholeSince(
                        tenant,
                        departure: set.knownSince
                    )
                    return (index, since ?? .max)
                }
            }
            group.addTask {
                try? await Task.sleep(for: patience)
                return nil
            }
            var times: [Int: Int64] = [:]
            for await time in group {
                guard let time else { break }
                times[time.0] = time.1
                if times.count == set.members.count { break }
            }
            group.cancelAll()
            return times
        }
    }

    /// How long an error is held back for what it can say.
    private static let patience = Duration.milliseconds(500)
}

/// An ingester that lacks something of the times asked for.
private struct NotWhole: Error, CustomStringConvertible {
    let since: Int64

    var description: String { "it has all samples from \(PartialAnswer.text(since)) on" }
}

/// An ingester that is asked, after each answer, whether it has everything.
///
/// After it, because what leaves memory meanwhile may be missing in the answer.
private struct WholeIngester: IngesterClient {
    let client: any IngesterClient
    let check: @Sendable () async throws -> Void

    func write(_ batch: WriteBatch) async throws -> WriteAnswer { try await client.write(batch) }

    func select(_ request: SelectRequest) async throws -> [SelectedSeries] {
        try await checked(try await client.select(request))
    }

    func streamSeries(
        _ request: SelectRequest,
        _ take: @escaping @Sendable (PackedSeries) async throws -> Void
    ) async throws {
        try await client.streamSeries(request, take)
        try await check()
    }

    func series(_ request: SelectRequest) async throws -> [Labels] {
        try await checked(try await client.series(request))
    }

    func labelNames(_ request: SelectRequest) async throws -> [String] {
        try await checked(try await client.labelNames(request))
    }

    func labelValues(_ name: String, _ request: SelectRequest) async throws -> [String] {
        try await checked(try await client.labelValues(name, request))
    }

    func exemplars(_ request: SelectRequest) async throws -> [SelectedExemplars] {
        try await checked(try await client.exemplars(request))
    }

    func metadata(_ request: MetadataRequest) async throws -> [SeenMetadata] {
        try await checked(try await client.metadata(request))
    }

    private func checked<Answer>(_ answer: Answer) async throws -> Answer {
        try await check()
        return answer
    }
}

/// No blocks at all.
struct NoBlocks: BlockStore {
    func publish(_ block: NewBlock) async throws -> Bool {
        throw StoreError.unavailable("there is no store")
    }

    func blocks(of tenant: TenantID, overlapping range: TimeRange) async throws -> [BlockRecord] {
        []
    }

    func read(_ block: BlockRecord, ranges: [Range<Int>]) async throws -> [[UInt8]] {
        throw StoreError.missing("block \(block.id)")
    }

    func read(_ wanted: [BlockRead]) async throws -> [[[UInt8]]] {
        guard let first = wanted.first else { return [] }
        throw StoreError.missing("block \(first.block.id)")
    }
}
