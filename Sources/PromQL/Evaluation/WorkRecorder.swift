/// Records the work of nodes while the evaluation walks over them.
///
/// Used by the thread that walks alone; work of other threads is part of the node that waits for it.
final class WorkRecorder {
    /// What an evaluation has counted so far.
    private struct Counts {
        var samplesRead = 0
        var time = Duration.zero
    }

    private struct Frame {
        let node: SourceRange
        /// When it began.
        let start: Counts
        /// What nodes within it did.
        var inner = Counts()
    }

    private let now: @Sendable () -> Duration
    private var open: [Frame] = []
    private(set) var nodes: [SourceRange: QueryTrace.NodeWork] = [:]

    /// - Parameter now: The time since some fixed moment.
    init(now: @escaping @Sendable () -> Duration) {
        self.now = now
    }

    func begin(_ expression: Expression, _ evaluation: Evaluation) {
        open.append(Frame(node: expression.sourceRange, start: counts(evaluation)))
    }

    /// Ends what began last.
    func end(elementCount: Int, _ evaluation: Evaluation) {
        guard let frame = open.popLast() else { return }
        let end = counts(evaluation)
        let total = Counts(
            samplesRead: end.samplesRead - frame.start.samplesRead,
            time: end.time - frame.start.time
        )
        // A node that is both a stream and collected is one evaluation.
        let isOuter = open.last?.node != frame.node
        var work = nodes[frame.node] ?? QueryTrace.NodeWork()
        if isOuter { work.evaluationCount += 1 }
        work.elementCount = max(work.elementCount, elementCount)
        work.samplesRead += total.samplesRead - frame.inner.samplesRead
        work.time += total.time - frame.inner.time
        nodes[frame.node] = work
        guard let outer = open.indices.last else { return }
        open[outer].inner.samplesRead += total.samplesRead
        open[outer].inner.time += total.time
    }

    private func counts(_ evaluation: Evaluation) -> Counts {
        Counts(
            samplesRead: evaluation.samplesRead,
            time: now()
        )
    }
}
