internal import MetricsModel

/// The series of a range selector or subquery with the windows over them.
struct RangeInput: Sendable {
    let source: any SeriesSource
    /// Whether all series have the same name.
    let hasOneName: Bool
    /// Which names are only kept until the end of the query; empty for none.
    var namesToDrop: [Bool] = []
    let windows: WindowGrid

    func dropsName(at index: Int) -> Bool { !namesToDrop.isEmpty && namesToDrop[index] }
}

/// The elements of a range function.
final class RangeFunctionStream: ElementStream {
    private let function: RangeFunction
    private let input: RangeInput
    private let namePolicy: NamePolicy

    init(_ function: RangeFunction, _ input: RangeInput, _ namePolicy: NamePolicy) {
        self.function = function
        self.input = input
        self.namePolicy = namePolicy
    }

    var count: Int { input.source.count }

    func labels(at index: Int) -> Labels { namePolicy.labels(input.source.labels(at: index)) }

    var hasOneName: Bool { namePolicy == .drop || input.hasOneName }

    func project(_ index: Int, _ projection: LabelProjection, into key: inout [UInt8]) {
        let projection = namePolicy.restricted(projection)
        input.source.withKey(at: index) { projection.project($0, into: &key) }
    }

    func dropsName(at index: Int) -> Bool {
        namePolicy == .markToDrop || input.dropsName(at: index)
    }

    func compute(_ index: Int, _ memory: EvaluationMemory) throws(EvaluationError) {
        try memory.read(index, of: input.source)
        memory.samples.removeMarkers()
        let runner = memory.windows ?? function.makeRunner(input.windows.edges)
        memory.windows = runner
        guard function.readsFloatsOnly(memory.samples) else {
            let windows = MixedWindows(
                function,
                input.windows,
                runner,
                memory.samples,
                name: input.source.labels(at: index).name
            )
            try windows.run(memory)
            memory.countSteps(in: input.windows)
            if memory.column.hasFloat { function.noteNonCounter(index, of: input.source, memory) }
            return
        }
        let processed = try memory.samples.withFloats { (series) throws(EvaluationError) in
            try runner.run(series, input.windows, memory)
        }
        memory.samplesProcessed += processed
        memory.countSteps(in: input.windows)
        if processed > 0 { try function.checkParameters(memory) }
        if !memory.column.span.isEmpty {
            function.noteNonCounter(index, of: input.source, memory)
        }
    }
}

/// What happens to the names of elements whose values are no longer those of the metric.
enum NamePolicy: Sendable {
    case keep
    case drop
    /// Kept until the end of the query (delayed name removal).
    case markToDrop

    func labels(_ labels: Labels) -> Labels {
        self == .drop ? labels.dropping(.reserved) : labels
    }

    /// The projection of labels that are left.
    func restricted(_ projection: LabelProjection) -> LabelProjection {
        self == .drop ? projection.droppingReserved() : projection
    }
}

extension SampleColumns {
    /// Lends the floats.
    func withFloats<Result, Failure: Error>(
        _ body: (FloatSeries) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try timestamps.withUnsafeBufferPointer { (timestamps) throws(Failure) in
            try values.withUnsafeBufferPointer { (values) throws(Failure) in
                try body(FloatSeries(timestamps: timestamps, values: values))
            }
        }
    }
}
