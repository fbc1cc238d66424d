internal import ClusterInterface
internal import MetricsModel
internal import PromQL

extension Gatherer {
    /// Hands over the series of ingesters and blocks that have samples in the range; a series comes once from
    /// each place that has it.
    ///
    /// - Parameter memory: Where the ingesters' answers are counted while they are held.
    func countedSeries(
        _ request: SelectRequest,
        memory: MemoryAccount,
        check: @escaping @Sendable () throws -> Void,
        _ body: (CountedSeries) throws -> Void
    ) async throws {
        let recent = try await askIngesters(of: request.tenant) {
            try await $0.countedSeries(request)
        }
        let size = recent.joined().reduce(0) { $0 + $1.columns.size }
        try memory.charge(size)
        for piece in recent.joined() {
            try check()
            try body(piece)
        }
        memory.release(size)
        try await blocks.countedSeries(request, check: check, body)
    }
}

extension LabelColumns {
    /// Bytes in memory, about.
    fileprivate var size: Int {
        strings.count + stringEnds.count * 4 + seriesCount * 20 + labelNumbers.count * 4
    }
}
