internal import Synchronization

/// Counts the samples that an evaluation holds at the same time; several threads charge it.
final class SampleBudget: Sendable {
    let limit: Int
    private let held = Atomic(0)
    private let highest = Atomic(0)
    /// Where the bytes behind the samples are counted.
    private let memory: MemoryAccount

    /// What a sample takes with its share of the labels and arrays around it, in bytes; rather less than in truth.
    private static let bytesPerSample = 8

    init(limit: Int, memory: MemoryAccount) {
        self.limit = limit
        self.memory = memory
    }

    deinit { memory.release(held.load(ordering: .relaxed) * Self.bytesPerSample) }

    var current: Int { held.load(ordering: .relaxed) }

    var peak: Int { highest.load(ordering: .relaxed) }

    /// Counts samples that are about to be held.
    ///
    /// - Throws: ``EvaluationError/tooManySamples(limit:)`` or ``EvaluationError/outOfMemory(_:)``; nothing
    ///   is counted then.
    func charge(_ count: Int) throws(EvaluationError) {
        let total = held.wrappingAdd(count, ordering: .relaxed).newValue
        guard total <= limit else {
            held.wrappingSubtract(count, ordering: .relaxed)
            throw .tooManySamples(limit: limit)
        }
        do throws(MemoryLimitExceeded) {
            try memory.charge(count * Self.bytesPerSample)
        } catch {
            held.wrappingSubtract(count, ordering: .relaxed)
            throw .outOfMemory(error)
        }
        highest.max(total, ordering: .relaxed)
    }

    func release(_ count: Int) {
        held.wrappingSubtract(count, ordering: .relaxed)
        memory.release(count * Self.bytesPerSample)
    }

    /// Forgets all that was charged since `current` was `mark`; no other thread may charge meanwhile.
    func release(to mark: Int) { release(current - mark) }
}
