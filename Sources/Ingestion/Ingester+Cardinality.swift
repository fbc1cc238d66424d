public import ClusterInterface
internal import HeadStorage
internal import MetricsModel

extension Ingester {
    /// Series with samples in the range, by columns straight out of the head.
    ///
    /// One that is flushed meanwhile may be missing here; it is in a block by then, and blocks are asked after
    /// ingesters.
    public func countedSeries(_ request: SelectRequest) async throws -> [CountedSeries] {
        guard let head = try readable(request.tenant) else { return [] }
        let tally = try head.run { head in
            (search: head.search(request.matchers, request.range), tally: SeriesTally())
        } slice: { head, state, limit in
            guard head.isCurrent(state.search) else { return .outdated }
            head.count(&state.search, into: &state.tally, limit: limit)
            return state.search.isFinished ? .finished : .more
        }.tally
        let (chunkCount, range) = (tally.chunkCount, tally.range)
        var pieces = tally.finish().map { CountedSeries($0) }
        guard !pieces.isEmpty else { return [] }
        // The facts that are not of single pieces go with the first.
        pieces[0].chunkCount = chunkCount
        pieces[0].range = range
        return pieces
    }
}
