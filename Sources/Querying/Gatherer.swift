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
    /// Those to go by where the store is not asked.
    var knownDeletions: [SeriesDeletion] = []
    /// What answers go by while the store is away; nil where there are none then.
    var deletionCopy: DeletionCopy?
    /// Where it is noted that an answer did without the store.
    var notes: AnswerNotes?
    /// Where it is noted what an answer lacks; nil where one that lacks something is an error.
    var partial: PartialAnswer?
    /// What the waits for slow ingesters are measured by.
    var clock: any Clock<Duration> = ContinuousClock()
    /// Told which ingesters were not waited for any longer.
    var onGivenUp: @Sendable ([String]) -> Void = { _ in }
    /// Told of each answer that did without the store.
    var onWithoutStore: @Sendable () -> Void = {}

    /// The same, for an answer that may lack what ingesters hold that do not answer.
    ///
    /// - Parameter notes: Gets what is to be said beside the answer.
    func allowing(_ partial: PartialAnswer?, notes: AnswerNotes? = nil) -> Gatherer {
        var gatherer = self
        gatherer.partial = partial
        gatherer.notes = notes
        return gatherer
    }

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
        try await orFromMemory(request) {
            try await $0.foundSamples(
                request,
                oldest: oldest,
                memory: memory,
                rename: rename,
                check: check
            )
        }
    }

    private func foundSamples(
        _ request: SelectRequest,
        oldest: Int64?,
        memory: MemoryAccount,
        rename: (@Sendable (Labels) -> Labels)?,
        check: @escaping @Sendable () throws -> Void
    ) async throws -> GatheredSeries {
        let known = try await deletions(request)
        let recent = try await recent(request, memory)
        try check()
        let stored = try await blocks.select(request, memory: memory, check: check)
        let rules = try await rules(request, known, stored.map(\.block))
        return GatheredSeries(
            stored: stored,
            recent: recent.lists,
            merged: recent.merged,
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

    /// What the ingesters have: the list of the only one as it is, the series of several merged while they come.
    private func recent(
        _ request: SelectRequest,
        _ memory: MemoryAccount
    ) async throws -> (lists: [[SelectedSeries]], merged: MergedSeries) {
        try await withReaders(of: request.tenant) { try await recent(request, memory, $0) }
    }

    private func recent(
        _ request: SelectRequest,
        _ memory: MemoryAccount,
        _ readers: ReadSet
    ) async throws -> Asked<(lists: [[SelectedSeries]], merged: MergedSeries)> {
        guard readers.members.count > 1 else {
            let asked = try await ask(readers, within: request.range) {
                try await $1.select(request)
            }
            try memory.charge(asked.answer.reduce(0) { $0 + Self.size($1) })
            return Asked(answer: (asked.answer, MergedSeries()), isWhole: asked.isWhole)
        }
        let streams = SeriesStreams(
            count: readers.members.count,
            seed: TenantSeed(request.tenant),
            memory: memory,
            clock: clock
        )
        var (answers, failures) = await askAll(readers) { number, client in
            try await streams.read(number, client, request)
        }
        let (merged, damage) = try streams.finish(count: readers.members.count)
        for (number, error) in damage where answers.removeValue(forKey: number) != nil {
            failures.append("\(readers.members[number].instance): \(error)")
        }
        try conclude(readers, answers, failures, request.range)
        return Asked(answer: ([], merged), isWhole: readers.isWhole(answers))
    }

    /// Bytes of an ingester's answer, about.
    private static func size(_ answer: [SelectedSeries]) -> Int {
        answer.reduce(0) { size, series in
            series.chunks.reduce(size + series.labels.key.count + 64) { $0 + $1.bytes.count + 64 }
        }
    }

    /// Label sets of series with samples in the range, sorted.
    func series(_ request: SelectRequest) async throws -> [Labels] {
        try await orFromMemory(request) { try await $0.foundSeries(request) }
    }

    private func foundSeries(_ request: SelectRequest) async throws -> [Labels] {
        let known = try await deletions(request)
        var recent = try await askIngesters(of: request.tenant, within: request.range) {
            try await $0.series(request)
        }
        let rules = try Self.rules(known.filter { $0.phase != .done })
        if rules.concern(.memory) {
            recent = recent.map {
                $0.filter { !rules.hide($0, in: .memory, within: request.range) }
            }
        }
        let stored = try await blocks.series(request) { try await self.rules(request, known, $0) }
        return SortedUnion.labels(recent + [stored])
    }

    /// The deletions that may hide something of a request's range, by number.
    ///
    /// Read before anything else: one that is done later has its blocks written anew by then, or hides them still.
    private func deletions(_ request: SelectRequest) async throws -> [SeriesDeletion] {
        guard let deletions else { return knownDeletions }
        return try await QueryError.translating {
            try await deletions.latestDeletions(of: request.tenant, overlapping: request.range)
        }
    }

    /// What deletions hide in blocks.
    ///
    /// No block has samples that a deletion means which is done, but for one of an ingester that was away: where a block
    /// has not seen the newest, all are read, since those that mean it were done when the query began
    /// (docs/decisions/0035-deletions-without-an-ingester.md).
    /// - Parameters:
    ///   - known: What ``deletions(_:)`` said.
    ///   - found: The blocks that the query reads.
    private func rules(
        _ request: SelectRequest,
        _ known: [SeriesDeletion],
        _ found: [BlockRecord]
    ) async throws -> DeletionRules {
        let inForce = known.filter { $0.phase != .done }
        guard let deletions, let newest = known.last(where: { $0.phase == .done })?.number,
            found.contains(where: { $0.deletionsSeen < newest })
        else { return try Self.rules(inForce) }
        let numbers = Set(inForce.map(\.number))
        let done = try await QueryError.translating {
            try await deletions.deletions(of: request.tenant, overlapping: request.range)
        }.filter { $0.number <= newest && !numbers.contains($0.number) }
        return try Self.rules(inForce + done)
    }

    private static func rules(_ deletions: [SeriesDeletion]) throws -> DeletionRules {
        guard !deletions.isEmpty else { return .none }
        return try DeletionRules(deletions) { try Parser.parseSelector($0).matchers }
    }

    /// Label names of these series, sorted.
    func labelNames(_ request: SelectRequest) async throws -> [String] {
        try await orFromMemory(request) { try await $0.foundLabelNames(request) }
    }

    private func foundLabelNames(_ request: SelectRequest) async throws -> [String] {
        if try await deletions(request).contains(where: { $0.phase != .done }) {
            // Names that only hidden series have are not answered.
            let names = Set(try await foundSeries(request).flatMap { $0.pairs.map(\.name) })
            return SortedUnion.strings([Array(names)])
        }
        let recent = try await askIngesters(of: request.tenant, within: request.range) {
            try await $0.labelNames(request)
        }
        return SortedUnion.strings(recent + (try await blocks.labelNames(request)))
    }

    /// Values of one label of these series, sorted.
    func labelValues(_ name: String, _ request: SelectRequest) async throws -> [String] {
        try await orFromMemory(request) { try await $0.foundLabelValues(name, request) }
    }

    private func foundLabelValues(
        _ name: String,
        _ request: SelectRequest
    ) async throws -> [String] {
        if try await deletions(request).contains(where: { $0.phase != .done }) {
            let values = Set(try await foundSeries(request).compactMap { $0.value(of: name) })
            return SortedUnion.strings([Array(values)])
        }
        let recent = try await askIngesters(of: request.tenant, within: request.range) {
            try await $0.labelValues(name, request)
        }
        return SortedUnion.strings(recent + (try await blocks.labelValues(name, request)))
    }

    /// Asks every member that may hold recent samples of a tenant, all at once; answers are in the order of the members.
    ///
    /// Once the answers are enough, those that are outstanding are waited for a little longer, and then given up: one slow
    /// ingester does not make every query slow.
    /// - Parameter range: What the question is about, for the warning where an answer may be partial.
    /// - Throws: ``QueryError/unavailable(_:)`` where more members are missing than an answer may miss.
    func askIngesters<Answer: Sendable>(
        of tenant: TenantID,
        within range: TimeRange? = nil,
        _ ask: @escaping @Sendable (any IngesterClient) async throws -> Answer
    ) async throws -> [Answer] {
        try await withReaders(of: tenant) { readers in
            try await self.ask(readers, within: range) { try await ask($1) }
        }
    }

    /// What ingesters have answered, and whether all have.
    private struct Asked<Answer> {
        var answer: Answer
        var isWhole: Bool
    }

    /// How often ingesters are asked again since others have joined.
    private static let maximumRounds = 4

    /// Asks the ingesters of a tenant, and again if not all have answered and others have joined.
    ///
    /// One that is missing is tolerated because others have what it holds; these others have to be known. Nobody can join
    /// while the store is away.
    private func withReaders<Answer>(
        of tenant: TenantID,
        _ ask: (ReadSet) async throws -> Asked<Answer>
    ) async throws -> Answer {
        for _ in 0..<Self.maximumRounds {
            let readers = directory.readers(of: tenant)
            let asked = try await ask(readers)
            if asked.isWhole { return asked.answer }
            try await QueryError.translating { try await directory.refreshNow() }
            let isKnown = directory.readers(of: tenant).instances.isSubset(of: readers.instances)
            if isKnown { return asked.answer }
        }
        throw QueryError.unavailable(
            "an ingester did not answer, and others joined each of \(Self.maximumRounds) times that they were asked"
        )
    }

    private func ask<Answer: Sendable>(
        _ readers: ReadSet,
        within range: TimeRange?,
        _ ask: @escaping @Sendable (Int, any IngesterClient) async throws -> Answer
    ) async throws -> Asked<[Answer]> {
        var answers: [Int: Answer] = [:]
        var failures: [String] = []
        if readers.members.count == 1 {
            // In the task that runs already.
            do {
                answers[0] = try await ask(0, readers.members[0].client)
            } catch {
                failures.append("\(readers.members[0].instance): \(error)")
            }
        } else {
            (answers, failures) = await askAll(readers, ask)
        }
        try conclude(readers, answers, failures, range)
        return Asked(
            answer: readers.members.indices.compactMap { answers[$0] },
            isWhole: readers.isWhole(answers)
        )
    }

    /// - Throws: ``QueryError/unavailable(_:)`` where more members are missing than an answer may miss.
    private func conclude<Answer>(
        _ readers: ReadSet,
        _ answers: [Int: Answer],
        _ failures: [String],
        _ range: TimeRange?
    ) throws {
        if Task.isCancelled { throw QueryError.cancelled }
        var progress = ReadProgress(readers)
        for index in readers.members.indices where answers[index] != nil {
            progress.record(index, hasAnswered: true)
        }
        if progress.verdict == .waiting || progress.verdict == .incomplete || !failures.isEmpty {
            try judge(readers, progress, failures, range)
        }
    }

    private enum Event<Answer: Sendable>: Sendable {
        case answered(Int, Result<Answer, any Error>)
        case waitedEnough
    }

    /// The answers by member, and what went wrong with the others.
    private func askAll<Answer: Sendable>(
        _ readers: ReadSet,
        _ ask: @escaping @Sendable (Int, any IngesterClient) async throws -> Answer
    ) async -> (answers: [Int: Answer], failures: [String]) {
        let elapsed = Self.stopwatch(clock)
        var progress = ReadProgress(readers)
        var answers: [Int: Answer] = [:]
        var failures: [String] = []
        await withTaskGroup(of: Event<Answer>.self) { group in
            for (index, member) in readers.members.enumerated() {
                group.addTask {
                    do {
                        return .answered(index, .success(try await ask(index, member.client)))
                    } catch {
                        return .answered(index, .failure(error))
                    }
                }
            }
            var isLastWait = false
            for await event in group {
                switch event {
                case .answered(let index, .success(let answer)):
                    answers[index] = answer
                    progress.record(index, hasAnswered: true)
                case .answered(_, .failure(is MemoryLimitExceeded)):
                    // The query fails, whatever the others answer.
                    return group.cancelAll()
                case .answered(let index, .failure(let error)):
                    failures.append("\(readers.members[index].instance): \(error)")
                    progress.record(index, hasAnswered: false)
                case .waitedEnough:
                    onGivenUp(progress.outstanding.map { readers.members[$0].instance })
                    return group.cancelAll()
                }
                switch progress.verdict {
                case .complete: return group.cancelAll()
                case .enough where !isLastWait:
                    isLastWait = true
                    let wait = Self.lastWait(after: elapsed())
                    group.addTask {
                        try? await clock.sleep(for: wait)
                        return .waitedEnough
                    }
                case .incomplete where partial == nil: return group.cancelAll()
                case .enough, .waiting, .incomplete: break
                }
            }
        }
        return (answers, failures)
    }

    /// Tells the time since it was made.
    static func stopwatch<C: Clock<Duration>>(_ clock: C) -> @Sendable () -> Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }

    /// How long ingesters are waited for whose answers are not needed: twice as long as the others took, within bounds.
    ///
    /// Long enough that two equal replicas both answer nearly always, and short beside what people notice.
    static func lastWait(after duration: Duration) -> Duration {
        min(max(duration * 2, .milliseconds(20)), .milliseconds(500))
    }

    /// - Parameter progress: Knows who has answered.
    private func judge(
        _ readers: ReadSet,
        _ progress: ReadProgress,
        _ failures: [String],
        _ range: TimeRange?
    ) throws {
        // Whoever has not answered does not any more.
        var progress = progress
        for index in progress.outstanding { progress.record(index, hasAnswered: false) }
        guard progress.verdict == .incomplete else { return }
        let missing = readers.missing.map { "\($0.instance): not ready" } + failures
        if let partial { return partial.note(missing, within: range) }
        throw QueryError.unavailable(
            "\(missing.count) ingesters did not answer, at most \(readers.tolerated) may be missing: "
                + missing.sorted().joined(separator: "; ")
        )
    }
}

extension ReadSet {
    /// Whether all that may hold samples have answered.
    fileprivate func isWhole<Answer>(_ answers: [Int: Answer]) -> Bool {
        missing.isEmpty && answers.count == members.count
    }
}
