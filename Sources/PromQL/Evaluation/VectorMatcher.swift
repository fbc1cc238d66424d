internal import MetricsModel

/// Arithmetic and comparisons between two instant vectors.
///
/// One side is the "many" side: the left one, but with `group_right` the right one. The other is
/// the "one" side, on which each match key may occur only once per step.
struct VectorMatcher {
    let operation: BinaryOperator
    let returnsBool: Bool
    let matching: VectorMatching
    /// Whether names are only marked to be dropped.
    let delaysNameRemoval: Bool
    let many: [SeriesColumn]
    let one: [SeriesColumn]
    /// Takes what became odd between two operands, the left one first.
    let note: (HistogramNotes, SampleValue, SampleValue) -> Void
    /// The steps at which neither side is empty, or fill values stand in for an empty one.
    let isActive: [Bool]

    var manyIsRight: Bool { matching.cardinality == .oneToMany }

    /// What stands in for a missing element; with `group_right` the words are in effect exchanged.
    var manyFill: Double? { matching.fillLeft }
    var oneFill: Double? { matching.fillRight }

    private var dropsName: Bool { returnsBool || !(operation.isComparison || operation.isTrim) }

    /// The results of one match group.
    ///
    /// - Parameter emit: Called with each result; those with equal labels are not yet joined.
    func match(
        _ group: MatchGroups.Group,
        _ emit: (SeriesColumn) throws(EvaluationError) -> Void
    ) throws(EvaluationError) {
        let manyIndexes = manyIsRight ? group.right : group.left
        let oneIndexes = manyIsRight ? group.left : group.right
        try checkOneSide(oneIndexes, group.key)
        let onePresence = StepPresence(oneIndexes.map { one[$0] })
        if manyIndexes.count > 1 { try checkManySide(manyIndexes, oneIndexes, onePresence) }
        for index in manyIndexes {
            let element = many[index]
            for partner in oneIndexes {
                let other = one[partner]
                let steps = element.steps.clamped(to: other.steps)
                let builder =
                    hasHistograms(element, other)
                    ? build(mixed: steps) { step in
                        (element.sample(at: step), other.sample(at: step))
                    }
                    : build(steps) { step in (element.value(at: step), other.value(at: step)) }
                if let column = builder.column(labels(element.labels, other.labels), element) {
                    try emit(marked(column))
                }
            }
            guard let oneFill else { continue }
            let builder =
                hasHistograms(element, element)
                ? build(mixed: element.steps) { step in
                    (element.sample(at: step), onePresence[step] ? nil : .float(oneFill))
                }
                : build(element.steps) { step in
                    (element.value(at: step), onePresence[step] ? .absent : oneFill)
                }
            if let column = builder.column(labels(element.labels, group.key), element) {
                try emit(marked(column))
            }
        }
        guard let manyFill, !oneIndexes.isEmpty else { return }
        let manyPresence = StepPresence(manyIndexes.map { many[$0] })
        for partner in oneIndexes {
            let other = one[partner]
            let builder =
                hasHistograms(other, other)
                ? build(mixed: other.steps) { step in
                    (manyPresence[step] ? nil : .float(manyFill), other.sample(at: step))
                }
                : build(other.steps) { step in
                    (manyPresence[step] ? .absent : manyFill, other.value(at: step))
                }
            if let column = builder.column(labels(group.key, other.labels), dropsName: false) {
                try emit(marked(column))
            }
        }
    }

    /// Applies the operator where both values are present.
    private func build(
        _ steps: Range<Int>,
        _ values: (_ step: Int) -> (many: Double, one: Double)
    ) -> ColumnBuilder {
        var builder = ColumnBuilder()
        for step in steps where isActive[step] {
            let (many, one) = values(step)
            guard !many.isAbsent, !one.isAbsent else { continue }
            let (left, right) = manyIsRight ? (one, many) : (many, one)
            builder.append(
                operation.element(left, right, returnsBool: returnsBool, kept: left),
                at: step
            )
        }
        return builder
    }

    /// Whether floats alone do not tell the result.
    private func hasHistograms(_ left: SeriesColumn, _ right: SeriesColumn) -> Bool {
        operation.isTrim || left.hasHistograms || right.hasHistograms
    }

    /// Applies the operator where both values, of any kind, are present.
    private func build(
        mixed steps: Range<Int>,
        _ values: (_ step: Int) -> (many: SampleValue?, one: SampleValue?)
    ) -> ColumnBuilder {
        var builder = ColumnBuilder()
        for step in steps where isActive[step] {
            guard case (let many?, let one?) = values(step) else { continue }
            let (left, right) = manyIsRight ? (one, many) : (many, one)
            let outcome = BinaryOperator.apply(operation, left, right, returnsBool: returnsBool)
            if !outcome.notes.isEmpty { note(outcome.notes, left, right) }
            if let value = outcome.value { builder.append(value, at: step) }
        }
        return builder
    }

    private func marked(_ column: SeriesColumn) -> SeriesColumn {
        guard dropsName, delaysNameRemoval else { return column }
        var column = column
        column.dropsName = true
        return column
    }

    /// The labels of a result.
    private func labels(_ manyLabels: Labels, _ oneLabels: Labels) -> Labels {
        var labels = manyLabels
        if dropsName, !delaysNameRemoval { labels = labels.dropping(.reserved) }
        if matching.cardinality == .oneToOne {
            let names = LabelNameSet(matching.labels)
            labels = matching.isOn ? labels.keeping(names) : labels.dropping(names)
        }
        for name in matching.include {
            labels = labels.setting(name, to: oneLabels.value(of: name) ?? "")
        }
        return labels
    }

    /// Makes sure that a match key occurs once per step on the "one" side.
    private func checkOneSide(_ indexes: [Int], _ key: Labels) throws(EvaluationError) {
        guard indexes.count > 1 else { return }
        var owner = [Int](repeating: -1, count: isActive.count)
        for index in indexes {
            for step in one[index].steps
            where one[index].isPresent(at: step) && isActive[step] {
                guard owner[step] < 0 else {
                    throw duplicate(one[owner[step]].labels, one[index].labels, key)
                }
                owner[step] = index
            }
        }
    }

    private func duplicate(_ first: Labels, _ second: Labels, _ key: Labels) -> EvaluationError {
        let names = [first, second].map(QuotedText.labels).sorted {
            $0.utf8.lexicographicallyPrecedes($1.utf8)
        }
        return .execution(
            message: "found duplicate series for the match group \(QuotedText.labels(key)) on the "
                + "\(manyIsRight ? "left" : "right") hand-side of the operation: "
                + "[\(names.joined(separator: ", "))];many-to-many matching not allowed: "
                + "matching labels must be unique on one side"
        )
    }

    /// Makes sure that elements of the "many" side have results that can be told apart.
    private func checkManySide(
        _ manyIndexes: [Int],
        _ oneIndexes: [Int],
        _ onePresence: StepPresence
    ) throws(EvaluationError) {
        if matching.cardinality == .oneToOne {
            var isTaken = [Bool](repeating: false, count: isActive.count)
            for index in manyIndexes {
                for step in many[index].steps
                where many[index].isPresent(at: step) && isActive[step]
                    && (onePresence[step] || oneFill != nil)
                {
                    guard !isTaken[step] else {
                        throw .execution(
                            message: "multiple matches for labels: many-to-one matching must be "
                                + "explicit (group_left/group_right)"
                        )
                    }
                    isTaken[step] = true
                }
            }
            return
        }
        // Only labels that are dropped or replaced can make two elements equal.
        guard !matching.include.isEmpty || (dropsName && !delaysNameRemoval) else { return }
        for partner in oneIndexes {
            var taken: [Labels: [Int]] = [:]
            for index in manyIndexes {
                taken[labels(many[index].labels, one[partner].labels), default: []].append(index)
            }
            for indexes in taken.values where indexes.count > 1 {
                try checkDisjoint(indexes, one[partner])
            }
        }
    }

    private func checkDisjoint(
        _ indexes: [Int],
        _ partner: SeriesColumn
    ) throws(EvaluationError) {
        var isTaken = [Bool](repeating: false, count: isActive.count)
        for index in indexes {
            for step in many[index].steps
            where many[index].isPresent(at: step) && isActive[step]
                && partner.isPresent(at: step)
            {
                guard !isTaken[step] else {
                    throw .execution(
                        message: "multiple matches for labels: grouping labels must ensure "
                            + "unique matches"
                    )
                }
                isTaken[step] = true
            }
        }
    }
}

extension ColumnBuilder {
    /// The column of a result with the mark of the element it was made from.
    fileprivate func column(_ labels: Labels, _ element: SeriesColumn) -> SeriesColumn? {
        column(labels, dropsName: element.dropsName)
    }
}
