internal import Synchronization

/// Splits the elements of a vector into spans that threads compute, and joins the results in order.
///
/// The spans depend on the number of elements alone, and so do all results: whatever the number of threads,
/// the same values are added up in the same order.
struct ParallelSpans {
    /// Elements.
    let count: Int
    private let spanSize: Int

    /// Enough spans that threads end at about the same time.
    private static let spanCount = 16

    init(count: Int) {
        self.count = count
        spanSize = max(1, (count + Self.spanCount - 1) / Self.spanCount)
    }

    private var spanCount: Int { (count + spanSize - 1) / spanSize }

    private func span(_ number: Int) -> Range<Int> {
        number * spanSize..<min(count, (number + 1) * spanSize)
    }

    /// Computes all spans and merges what they yield, in order, as early as possible.
    ///
    /// - Parameters:
    ///   - compute: Called on several threads at once, each with a memory of its own.
    ///   - merge: Called for one span at a time, in order.
    /// - Throws: The error of the first span that has one.
    func run<Part: Sendable, Result: Sendable>(
        _ evaluation: Evaluation,
        _ grid: StepGrid,
        into result: Result,
        compute:
            @escaping @Sendable (Range<Int>, EvaluationMemory) throws(EvaluationError) -> Part,
        merge: @escaping @Sendable (inout Result, Part) throws(EvaluationError) -> Void
    ) throws(EvaluationError) -> Result {
        let run = SpanRun<Part, Result>(result, merge)
        let memories = MemoryPool(
            stepCount: grid.count,
            countsSteps: evaluation.stepCounts != nil,
            evaluation.control
        )
        let control = evaluation.control
        evaluation.workers.forEach(spanCount) { number in
            guard !run.hasFailed(before: number) else { return }
            let memory = memories.take()
            do throws(EvaluationError) {
                try control.check()
                run.finish(number, .success(try compute(span(number), memory)), memory)
            } catch {
                run.finish(number, .failure(error), memory)
            }
            memories.give(memory)
        }
        if var counts = evaluation.stepCounts.take() {
            memories.addStepCounts(to: &counts)
            evaluation.stepCounts = counts
        }
        return try run.result(evaluation)
    }
}

/// Memories that threads take for a span and give back.
private final class MemoryPool: Sendable {
    private struct Box: @unchecked Sendable {
        // Only the thread that took it out of the pool uses the memory.
        let memory: EvaluationMemory
    }

    private let stepCount: Int
    private let countsSteps: Bool
    private let control: EvaluationControl
    private let free = Mutex<[Box]>([])

    init(stepCount: Int, countsSteps: Bool, _ control: EvaluationControl) {
        self.stepCount = stepCount
        self.countsSteps = countsSteps
        self.control = control
    }

    func take() -> EvaluationMemory {
        if let memory = free.withLock({ $0.popLast() })?.memory { return memory }
        let memory = EvaluationMemory(stepCount: stepCount, control)
        if countsSteps { memory.stepCounts = StepCounts(stepCount: stepCount) }
        return memory
    }

    /// What the memories have counted by step; all must have been given back.
    func addStepCounts(to counts: inout StepCounts) {
        for box in free.withLock({ $0 }) {
            if let more = box.memory.stepCounts { counts.add(more) }
        }
    }

    func give(_ memory: EvaluationMemory) {
        let box = Box(memory: memory)
        free.withLock { $0.append(box) }
    }
}

/// The results of spans on their way to be merged.
private final class SpanRun<Part: Sendable, Result: Sendable>: Sendable {
    private struct State {
        var result: Result
        /// The first span that is not merged yet.
        var next = 0
        var waiting: [Int: Part] = [:]
        var failure: (span: Int, error: EvaluationError)?
        var annotations: [Int: Annotations] = [:]
        var samplesProcessed = 0
        var samplesRead = 0
    }

    private let state: Mutex<State>
    private let merge: @Sendable (inout Result, Part) throws(EvaluationError) -> Void

    init(
        _ result: Result,
        _ merge: @escaping @Sendable (inout Result, Part) throws(EvaluationError) -> Void
    ) {
        state = Mutex(State(result: result))
        self.merge = merge
    }

    /// Whether nothing that a span yields can matter any more.
    func hasFailed(before span: Int) -> Bool {
        state.withLock { $0.failure.map { $0.span < span } ?? false }
    }

    func finish(
        _ span: Int,
        _ outcome: Swift.Result<Part, EvaluationError>,
        _ memory: EvaluationMemory
    ) {
        let annotations = memory.takeAnnotations()
        let (processed, read) = memory.takeCounts()
        state.withLock { state in
            if !annotations.isEmpty { state.annotations[span] = annotations }
            state.samplesProcessed += processed
            state.samplesRead += read
            do throws(EvaluationError) {
                state.waiting[span] = try outcome.get()
                while let part = state.waiting.removeValue(forKey: state.next) {
                    try merge(&state.result, part)
                    state.next += 1
                }
            } catch {
                if state.failure.map({ span < $0.span }) ?? true { state.failure = (span, error) }
            }
        }
    }

    func result(_ evaluation: Evaluation) throws(EvaluationError) -> Result {
        let (result, failure, annotations) = state.withLock { state in
            evaluation.samplesProcessed += state.samplesProcessed
            evaluation.samplesRead += state.samplesRead
            return (state.result, state.failure, state.annotations)
        }
        for (_, more) in annotations.sorted(by: { $0.key < $1.key }) {
            evaluation.annotations.add(more)
        }
        if let failure { throw failure.error }
        return result
    }
}

extension EvaluationMemory {
    fileprivate func takeAnnotations() -> Annotations {
        guard !annotations.isEmpty else { return Annotations() }
        defer { annotations = Annotations() }
        return annotations
    }

    fileprivate func takeCounts() -> (processed: Int, read: Int) {
        defer {
            samplesProcessed = 0
            samplesRead = 0
        }
        return (samplesProcessed, samplesRead)
    }
}
