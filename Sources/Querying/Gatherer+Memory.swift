internal import ClusterInterface
internal import MetricsModel
internal import PromQL
internal import Synchronization

/// What is to be said beside an answer, in the order it came; of each matter once.
final class AnswerNotes: Sendable {
    private let notes = Mutex<[(matter: String, text: String)]>([])

    var all: [String] { notes.withLock { $0.map(\.text) } }

    func add(_ text: String, about matter: String) {
        notes.withLock { notes in
            if !notes.contains(where: { $0.matter == matter }) { notes.append((matter, text)) }
        }
    }
}

extension Gatherer {
    /// Asks ingesters and blocks; while the store is away, ingesters alone, where these surely have all of the answer.
    ///
    /// - Parameter ask: Asks all places that the gatherer it is given knows.
    func orFromMemory<Answer>(
        _ request: SelectRequest,
        _ ask: (Gatherer) async throws -> Answer
    ) async throws -> Answer {
        do {
            try await refresh()
            return try await ask(self)
        } catch QueryError.storeAway(let cause) {
            guard let deletionCopy else { throw QueryError.storeAway(cause) }
            guard
                let known = deletionCopy.deletions(of: request.tenant, overlapping: request.range)
            else {
                throw QueryError.unavailable("\(cause); deletions were never read before")
            }
            let ingesters = WholeIngesters(base: directory, request: request)
            let gatherer = Gatherer(
                directory: ingesters,
                blocks: Self.noBlocks,
                knownDeletions: known.deletions,
                clock: clock,
                onGivenUp: onGivenUp
            )
            do {
                let answer = try await ask(gatherer)
                onWithoutStore()
                notes?.add(Self.note(cause, age: known.age), about: "store")
                return answer
            } catch QueryError.unavailable(let text) {
                let time = await ingesters.answerableSince()
                throw QueryError.unavailable(Self.refusal(cause, request, time, text))
            }
        }
    }

    private func refresh() async throws {
        do {
            try await directory.refresh()
        } catch let error as StoreError {
            throw QueryError(error)
        }
    }

    private static let noBlocks = BlockReader(
        store: NoBlocks(),
        cacheSize: 0,
        workers: SerialWorkers()
    )

    /// Said beside an answer that does without the store.
    private static func note(_ cause: String, age: Duration) -> String {
        "\(cause); the answer is from the memory of the ingesters, which have all samples of its times; "
            + "deletions are those of \(age.components.seconds) s ago"
    }

    private static func refusal(
        _ cause: String,
        _ request: SelectRequest,
        _ time: Int64?,
        _ failures: String
    ) -> String {
        let wanted = PartialAnswer.text(request.range.start)
        guard let time, time > request.range.start else {
            return "\(cause); without it, \(failures)"
        }
        return
            "\(cause); without it only samples from \(PartialAnswer.text(time)) on can be answered, "
            + "which ingesters have in memory; this query needs samples from \(wanted) on"
    }
}
