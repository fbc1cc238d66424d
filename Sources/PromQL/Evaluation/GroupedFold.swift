internal import MetricsModel

/// The groups of an aggregation, and what it remembers of each.
struct GroupedFold<Fold: GroupFold>: Sendable {
    private let stepCount: Int
    private let histogramUse: HistogramUse
    private var index = GroupIndex()
    /// Whether the name of an element of the group is only kept until the end of the query.
    private var dropsName: [Bool] = []
    private var fold = Fold()
    private var histograms = HistogramFold()

    init(stepCount: Int, _ histogramUse: HistogramUse) {
        self.stepCount = stepCount
        self.histogramUse = histogramUse
    }

    var groupCount: Int { index.count }

    /// Adds an element to the group of a key.
    mutating func add(
        _ element: StepColumn,
        key: [UInt8],
        dropsName: Bool,
        name: @autoclosure () -> String
    ) {
        let group = key.withUnsafeBufferPointer { self.group($0) }
        self.dropsName[group] = self.dropsName[group] || dropsName
        let slot = group * stepCount
        fold.fold(element.floats, at: slot + element.span.lowerBound)
        if !element.histograms.isEmpty {
            for step in element.span {
                guard let histogram = element.histograms[step] else { continue }
                histograms.add(histogram, at: slot + step, histogramUse, name: name())
            }
        }
    }

    /// Adds all groups of another part.
    mutating func merge(_ other: GroupedFold) {
        for otherGroup in 0..<other.groupCount {
            let group = other.index.withKey(otherGroup) { self.group($0) }
            dropsName[group] = dropsName[group] || other.dropsName[otherGroup]
            fold.merge(
                other.fold,
                from: otherGroup * stepCount,
                count: stepCount,
                at: group * stepCount
            )
            histograms.merge(
                other.histograms,
                from: otherGroup * stepCount,
                count: stepCount,
                at: group * stepCount
            )
        }
    }

    private mutating func group(_ key: UnsafeBufferPointer<UInt8>) -> Int {
        let group = index.group(key)
        if group == dropsName.count {
            dropsName.append(false)
            fold.grow(by: stepCount)
        }
        return group
    }

    /// One column for each group with a value.
    ///
    /// - Parameters:
    ///   - position: Of the expression that is aggregated.
    ///   - finish: Makes the result of a slot's fold, such as its root.
    func columns(
        _ annotations: inout Annotations,
        at position: SourceRange,
        _ finish: (Double) -> Double
    ) -> [SeriesColumn] {
        (0..<groupCount).compactMap { group in
            var builder = ColumnBuilder()
            for step in 0..<stepCount {
                let slot = group * stepCount + step
                let float = fold.result(slot)
                switch histograms.result(slot, float, histogramUse, &annotations, at: position) {
                case .float(let value)?: builder.append(finish(value), at: step)
                case .histogram(let histogram)?: builder.append(histogram, at: step)
                case nil: break
                }
            }
            return builder.column(index.labels(group), dropsName: dropsName[group])
        }
    }
}
