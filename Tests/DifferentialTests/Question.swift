import QueryFuzzing

/// A query with its times, in milliseconds.
struct Question: Sendable {
    var tree: QueryTree
    var start: Int64
    var end: Int64
    /// 0 makes it an instant query.
    var step: Int64

    var isInstant: Bool { step == 0 }

    var description: String {
        isInstant
            ? "\(tree.text)\n  at \(start) ms"
            : "\(tree.text)\n  from \(start) ms to \(end) ms by \(step) ms"
    }

    /// Draws a query and times at which no border of a window meets a sample.
    init<Random: RandomNumberGenerator>(
        _ generator: inout ExpressionGenerator<Random>
    ) {
        let isInstant = Int.random(in: 0..<5, using: &generator.random) < 2
        tree = generator.query(isInstant: isInstant)
        start =
            Int64.random(in: 650...2750, using: &generator.random) * 1000
            + DataSetGenerator<Random>.queryMillisecond
        end = start
        step = 0
        guard !isInstant else { return }
        let steps: [Int64] = [15_000, 30_000, 60_000, 7_000, 61_000, 300_000, 1_000]
        step = steps[Int.random(in: 0..<steps.count, using: &generator.random)]
        end += step * Int64.random(in: 0...25, using: &generator.random)
    }
}
