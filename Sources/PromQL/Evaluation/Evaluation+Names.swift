internal import MetricsModel

extension LabelNameSet {
    /// The labels that describe a metric as a whole and go when a value is no longer of it.
    static let reserved = LabelNameSet([Labels.metricName, "__type__", "__unit__"])
    /// Those of them that are not the name.
    static let metadata = LabelNameSet(["__type__", "__unit__"])
}

extension Evaluation {
    /// Drops the name, or marks it to be dropped at the end.
    ///
    /// Series that become equal are merged if they share no step.
    func droppingName(_ columns: [SeriesColumn]) throws(EvaluationError) -> [SeriesColumn] {
        let delays = delaysNameRemoval
        let renamed = try control.compactMap(columns) { column in
            var column = column
            if delays {
                column.dropsName = true
            } else {
                column.labels = column.labels.dropping(.reserved)
            }
            return column
        }
        return delays ? renamed : try merged(renamed)
    }

    /// Joins columns with equal labels.
    ///
    /// - Throws: ``EvaluationError/duplicateLabels`` if two have a value at the same step.
    func merged(_ columns: [SeriesColumn]) throws(EvaluationError) -> [SeriesColumn] {
        guard columns.count > 1 else { return columns }
        var slots = HashSlots()
        var result: [SeriesColumn] = []
        result.reserveCapacity(columns.count)
        var stop = StopCheck(control)
        for column in columns {
            try stop.count(column.values.count)
            let hash = column.labels.key.withUnsafeBufferPointer { HashSlots.hash($0) }
            if let index = slots.number(hash: hash, { result[$0].labels == column.labels }) {
                try result[index].merge(column)
            } else {
                _ = slots.insert(hash: hash)
                result.append(column)
            }
        }
        return result
    }
}

extension SeriesColumn {
    /// Adds the values of another column with the same labels.
    mutating func merge(_ other: SeriesColumn) throws(EvaluationError) {
        var builder = ColumnBuilder()
        for step in min(firstStep, other.firstStep)..<max(steps.upperBound, other.steps.upperBound)
        {
            let samples = (sample(at: step), other.sample(at: step))
            guard samples.0 == nil || samples.1 == nil else { throw .duplicateLabels }
            if let sample = samples.0 ?? samples.1 { builder.append(sample, at: step) }
        }
        firstStep = builder.firstStep
        values = builder.values
        histograms = builder.histograms
        dropsName = dropsName || other.dropsName
    }
}
