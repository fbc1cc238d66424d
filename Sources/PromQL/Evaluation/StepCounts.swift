/// The samples of each step, counted only where they are asked for.
struct StepCounts: Sendable {
    /// Samples in the steps' windows and lookbacks.
    private(set) var processed: [Int]
    /// Samples that the steps were the first to reach.
    private(set) var read: [Int]

    init(stepCount: Int) {
        processed = [Int](repeating: 0, count: stepCount)
        read = [Int](repeating: 0, count: stepCount)
    }

    mutating func addProcessed(_ count: Int, at step: Int) { processed[step] += count }

    /// Adds samples read to the first step that reaches them; what no step reaches, to the last one.
    ///
    /// - Parameters:
    ///   - timestamps: Ascending, in milliseconds.
    ///   - end: The last moment that a step sees; never falls from step to step.
    mutating func addRead(_ timestamps: [Int64], end: (Int) -> Int64) {
        var next = 0
        for step in read.indices.dropLast() {
            let last = end(step)
            let first = next
            while next < timestamps.count, timestamps[next] <= last { next += 1 }
            read[step] += next - first
        }
        if let last = read.indices.last { read[last] += timestamps.count - next }
    }

    mutating func add(_ other: StepCounts) {
        for step in processed.indices {
            processed[step] += other.processed[step]
            read[step] += other.read[step]
        }
    }

    /// Adds what was counted once for all steps: windows at each of them, reading at the first.
    mutating func addInvariant(processed processedOnce: Int, read readOnce: Int) {
        for step in processed.indices { processed[step] += processedOnce }
        if !read.isEmpty { read[0] += readOnce }
    }

    /// Adds samples read by a subquery, whose own steps are no steps of the query.
    mutating func addInnerRead(_ count: Int) {
        if !read.isEmpty { read[0] += count }
    }
}
