/// What an evaluation did, by node of its plan.
public struct QueryTrace: Sendable {
    /// The work of one node without that of the nodes below it.
    ///
    /// Elements that are streamed are computed by the node that asks for them, and are its work.
    public struct NodeWork: Sendable, Hashable {
        /// How often it was evaluated.
        public var evaluationCount = 0
        /// Elements it had, those without any value included if they are streamed.
        public var elementCount = 0
        /// Samples taken from the selectors below, each once.
        public var samplesRead = 0
        /// Zero where the evaluation has no clock.
        public var time = Duration.zero
    }

    /// The work of one fetch.
    public struct FetchWork: Sendable, Hashable {
        public var seriesCount: Int
        /// Samples the evaluation decoded; those of series that several selectors read count for each.
        public var samplesRead: Int
        /// Bytes of chunks and open pages that were gathered.
        public var size: Int
        /// How long gathering took.
        public var time: Duration

        public init(seriesCount: Int, samplesRead: Int, size: Int, time: Duration) {
            self.seriesCount = seriesCount
            self.samplesRead = samplesRead
            self.size = size
            self.time = time
        }
    }

    /// What was planned; who fetches may add estimates.
    public var tree: PlanTree
    /// The work of each node that was evaluated, by ``PlanNode/sourceRange``.
    public var nodes: [SourceRange: NodeWork]
    /// The work of each of the plan's fetches; added by who fetches.
    public var fetches: [FetchWork] = []
}
