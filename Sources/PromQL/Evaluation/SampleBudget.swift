/// Counts the floats that an evaluation holds at the same time.
struct SampleBudget {
    let limit: Int
    private(set) var current = 0
    private(set) var peak = 0

    init(limit: Int) {
        self.limit = limit
    }

    mutating func charge(_ count: Int) throws(EvaluationError) {
        let (total, overflow) = current.addingReportingOverflow(count)
        guard !overflow, total <= limit else { throw .tooManySamples(limit: limit) }
        current = total
        peak = max(peak, total)
    }

    /// Forgets all that was charged since `current` was `mark`.
    mutating func release(to mark: Int) {
        current = mark
    }
}
