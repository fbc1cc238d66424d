/// What a query cost: the samples it went through, and where its time went.
public struct QueryStatistics: Sendable, Hashable {
    /// What one step of a range query counted.
    public struct StepCount: Sendable, Hashable {
        /// Milliseconds.
        public var timestamp: Int64
        public var count: Int

        public init(timestamp: Int64, count: Int) {
            self.timestamp = timestamp
            self.count = count
        }
    }

    /// Samples that selectors hand to the evaluation; one in overlapping windows counts once per window.
    ///
    /// A histogram counts as the samples that its size is worth.
    public var totalQueryableSamples: Int
    /// Samples taken from memory and blocks, each once per selector, however many windows hold it.
    public var samplesRead: Int
    /// The most samples that were held at the same time.
    public var peakSamples: Int
    /// ``totalQueryableSamples`` by step, ascending in time; empty unless it was asked for.
    public var totalQueryableSamplesPerStep: [StepCount]
    /// ``samplesRead`` by step, ascending in time; empty unless it was asked for.
    public var samplesReadPerStep: [StepCount]
    public var timings: QueryTimings

    public init(
        totalQueryableSamples: Int = 0,
        samplesRead: Int = 0,
        peakSamples: Int = 0,
        totalQueryableSamplesPerStep: [StepCount] = [],
        samplesReadPerStep: [StepCount] = [],
        timings: QueryTimings = QueryTimings()
    ) {
        self.totalQueryableSamples = totalQueryableSamples
        self.samplesRead = samplesRead
        self.peakSamples = peakSamples
        self.totalQueryableSamplesPerStep = totalQueryableSamplesPerStep
        self.samplesReadPerStep = samplesReadPerStep
        self.timings = timings
    }
}

/// Where the time of a query went.
///
/// The core reads no clock: who runs the query measures.
public struct QueryTimings: Sendable, Hashable {
    /// Preparation, evaluation and sorting: everything but waiting for a place.
    public var evalTotal: Duration
    /// Sorting the series of the answer.
    public var resultSort: Duration
    /// Planning, and finding the series of the selectors.
    public var queryPreparation: Duration
    /// Walking the expression, decoding samples included.
    public var innerEval: Duration
    /// Waiting for a place among the running queries.
    public var execQueue: Duration
    /// From the request to the result.
    public var execTotal: Duration

    public init(
        evalTotal: Duration = .zero,
        resultSort: Duration = .zero,
        queryPreparation: Duration = .zero,
        innerEval: Duration = .zero,
        execQueue: Duration = .zero,
        execTotal: Duration = .zero
    ) {
        self.evalTotal = evalTotal
        self.resultSort = resultSort
        self.queryPreparation = queryPreparation
        self.innerEval = innerEval
        self.execQueue = execQueue
        self.execTotal = execTotal
    }
}
