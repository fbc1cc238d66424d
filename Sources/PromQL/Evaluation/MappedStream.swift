internal import MetricsModel

/// The elements of another stream, each changed by itself.
final class MappedStream: ElementStream {
    private let base: any ElementStream
    private let namePolicy: NamePolicy
    private let transform: @Sendable (EvaluationMemory) -> Void

    /// - Parameter transform: Changes the memory's column.
    init(
        _ base: any ElementStream,
        _ namePolicy: NamePolicy,
        _ transform: @escaping @Sendable (EvaluationMemory) -> Void
    ) {
        self.base = base
        self.namePolicy = namePolicy
        self.transform = transform
    }

    var count: Int { base.count }

    func labels(at index: Int) -> Labels { namePolicy.labels(base.labels(at: index)) }

    var hasOneName: Bool { namePolicy == .drop || base.hasOneName }

    func keys(_ projection: LabelProjection) -> any SeriesKeys {
        base.keys(namePolicy.restricted(projection))
    }

    func dropsName(at index: Int) -> Bool {
        namePolicy == .markToDrop || base.dropsName(at: index)
    }

    func compute(_ index: Int, _ memory: EvaluationMemory) throws(EvaluationError) {
        try base.compute(index, memory)
        if !memory.column.span.isEmpty { transform(memory) }
    }
}

extension StepColumn {
    /// Applies a function to each float, and drops histograms.
    ///
    /// - Parameter body: Returns the absent mark to remove the value.
    @inline(__always)
    func mapFloats(_ body: (_ step: Int, _ value: Double) -> Double) {
        for step in span where !values[step].isAbsent { values[step] = body(step, values[step]) }
        setFloats(span)
    }

    /// Replaces each value; nil removes it.
    func mapSamples(_ body: (_ step: Int, _ value: SampleValue) -> SampleValue?) {
        var results: [(Int, SampleValue)] = []
        let old = histograms
        for step in span {
            let value: SampleValue
            if !values[step].isAbsent {
                value = .float(values[step])
            } else if !old.isEmpty, let histogram = old[step] {
                value = .histogram(histogram)
            } else {
                continue
            }
            if let result = body(step, value) { results.append((step, result)) }
        }
        removeAll()
        for (step, value) in results { append(value, at: step) }
    }
}
