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
    private let groups: MatchGroups
    /// Takes what became odd between two operands, the left one first.
    private let note: (HistogramNotes, SampleValue, SampleValue) -> Void
    /// The steps at which neither side is empty, or fill values stand in for an empty one.
    private let isActive: [Bool]
    private let matchLabels: MatchLabels
    /// Whether the values of results are no longer those of the metric.
    private let dropsName: Bool
    /// The labels of results, to find equal ones; used again from group to group.
    private var results = GroupIndex()

    init(
        operation: BinaryOperator,
        returnsBool: Bool,
        matching: VectorMatching,
        delaysNameRemoval: Bool,
        many: [SeriesColumn],
        one: [SeriesColumn],
        groups: MatchGroups,
        note: @escaping (HistogramNotes, SampleValue, SampleValue) -> Void,
        isActive: [Bool]
    ) {
        self.operation = operation
        self.returnsBool = returnsBool
        self.matching = matching
        self.delaysNameRemoval = delaysNameRemoval
        self.many = many
        self.one = one
        self.groups = groups
        self.note = note
        self.isActive = isActive
        dropsName = returnsBool || !(operation.isComparison || operation.isTrim)
        matchLabels = MatchLabels(matching, dropsReserved: dropsName && !delaysNameRemoval)
    }

    var manyIsRight: Bool { matching.cardinality == .oneToMany }

    /// What stands in for a missing element; with `group_right` the words are in effect exchanged.
    var manyFill: Double? { matching.fillLeft }
    var oneFill: Double? { matching.fillRight }

    /// The results of one match group.
    ///
    /// - Parameter emit: Called with each result; those with equal labels are not yet joined.
    mutating func match(
        _ group: MatchGroups.Group,
        _ emit: (SeriesColumn) throws(EvaluationError) -> Void
    ) throws(EvaluationError) {
        let manyIndexes = manyIsRight ? group.right : group.left
        let oneIndexes = manyIsRight ? group.left : group.right
        try checkOneSide(oneIndexes, group)
        if manyIndexes.count > 1 { try checkManySide(manyIndexes, oneIndexes) }
        let onePresence = oneFill.map { _ in StepPresence(oneIndexes.map { one[$0] }) }
        for index in manyIndexes {
            let element = many[index]
            for partner in oneIndexes {
                if let column = joined(element, one[partner]) { try emit(marked(column)) }
            }
            guard let oneFill, let onePresence else { continue }
            if let column = filled(element, oneFill, onePresence, groups.key(group)) {
                try emit(marked(column))
            }
        }
        guard let manyFill, !oneIndexes.isEmpty else { return }
        let presence = StepPresence(manyIndexes.map { many[$0] })
        let key = groups.key(group)
        for partner in oneIndexes {
            if let column = filled(manyFill, one[partner], presence, key) {
                try emit(marked(column))
            }
        }
    }

    /// The result of an element and its partner.
    private func joined(_ element: SeriesColumn, _ other: SeriesColumn) -> SeriesColumn? {
        let builder =
            hasHistograms(element, other)
            ? build(mixed: element.steps.clamped(to: other.steps)) { step in
                (element.sample(at: step), other.sample(at: step))
            }
            : build(floats: element, other)
        return builder.column(matchLabels.labels(element.labels, other.labels), element)
    }

    /// The result of an element where it has no partner.
    private func filled(
        _ element: SeriesColumn,
        _ fill: Double,
        _ presence: StepPresence,
        _ key: Labels
    ) -> SeriesColumn? {
        let builder =
            hasHistograms(element, element)
            ? build(mixed: element.steps) { step in
                (element.sample(at: step), presence[step] ? nil : .float(fill))
            }
            : build(element.steps) { step in
                (element.value(at: step), presence[step] ? .absent : fill)
            }
        return builder.column(matchLabels.labels(element.labels, key), element)
    }

    /// The result of an element of the "one" side where it has no partner.
    private func filled(
        _ fill: Double,
        _ other: SeriesColumn,
        _ presence: StepPresence,
        _ key: Labels
    ) -> SeriesColumn? {
        let builder =
            hasHistograms(other, other)
            ? build(mixed: other.steps) { step in
                (presence[step] ? nil : .float(fill), other.sample(at: step))
            }
            : build(other.steps) { step in
                (presence[step] ? .absent : fill, other.value(at: step))
            }
        return builder.column(matchLabels.labels(key, other.labels), dropsName: false)
    }

    /// Applies the operator where both have a float: at steps that are active for this reason alone.
    private func build(floats element: SeriesColumn, _ other: SeriesColumn) -> ColumnBuilder {
        let steps = element.steps.clamped(to: other.steps)
        let elementStart = steps.lowerBound - element.firstStep
        let otherStart = steps.lowerBound - other.firstStep
        guard !steps.isEmpty else { return ColumnBuilder() }
        let values = [Double](unsafeUninitializedCapacity: steps.count) { target, count in
            element.values.withUnsafeBufferPointer { many in
                other.values.withUnsafeBufferPointer { one in
                    let many = UnsafeBufferPointer(rebasing: many[elementStart...])
                    let one = UnsafeBufferPointer(rebasing: one[otherStart...])
                    apply(
                        manyIsRight ? one : many,
                        manyIsRight ? many : one,
                        to: target,
                        steps.count
                    )
                }
            }
            count = steps.count
        }
        return ColumnBuilder(floats: values, from: steps.lowerBound)
    }

    /// Applies the operator to as many pairs of floats; it is looked at once for all.
    private func apply(
        _ left: UnsafeBufferPointer<Double>,
        _ right: UnsafeBufferPointer<Double>,
        to target: UnsafeMutableBufferPointer<Double>,
        _ count: Int
    ) {
        @inline(__always)
        func each(_ body: (Double, Double) -> Double) {
            for index in 0..<count {
                let (left, right) = (left[index], right[index])
                let isPresent = !left.isAbsent && !right.isAbsent
                target[index] = isPresent ? body(left, right) : .absent
            }
        }
        switch operation {
        case .add: each { $0 + $1 }
        case .subtract: each { $0 - $1 }
        case .multiply: each { $0 * $1 }
        case .divide: each { $0 / $1 }
        default:
            each { left, right in
                operation.element(left, right, returnsBool: returnsBool, kept: left)
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

    /// Makes sure that a match key occurs once per step on the "one" side.
    private func checkOneSide(
        _ indexes: ArraySlice<Int>,
        _ group: MatchGroups.Group
    ) throws(EvaluationError) {
        guard indexes.count > 1 else { return }
        var owner = [Int](repeating: -1, count: isActive.count)
        for index in indexes {
            for step in one[index].steps
            where one[index].isPresent(at: step) && isActive[step] {
                guard owner[step] < 0 else {
                    throw duplicate(
                        one[owner[step]].labels,
                        one[index].labels,
                        groups.key(group)
                    )
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
    private mutating func checkManySide(
        _ manyIndexes: ArraySlice<Int>,
        _ oneIndexes: ArraySlice<Int>
    ) throws(EvaluationError) {
        if matching.cardinality == .oneToOne {
            let presence = StepPresence(oneIndexes.map { one[$0] })
            var isTaken = [Bool](repeating: false, count: isActive.count)
            for index in manyIndexes {
                for step in many[index].steps
                where many[index].isPresent(at: step) && isActive[step]
                    && (presence[step] || oneFill != nil)
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
        guard matchLabels.canCollide else { return }
        for partner in oneIndexes {
            results.removeAll()
            let numbers = manyIndexes.map { index in
                results.group(matchLabels.labels(many[index].labels, one[partner].labels).key)
            }
            guard results.count < manyIndexes.count else { continue }
            let members = GroupMembers(numbers, groupCount: results.count)
            for number in 0..<results.count where members[number].count > 1 {
                let indexes = members[number].map { manyIndexes[manyIndexes.startIndex + $0] }
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
    fileprivate func column(
        _ labels: @autoclosure () -> Labels,
        _ element: SeriesColumn
    ) -> SeriesColumn? {
        column(labels(), dropsName: element.dropsName)
    }
}
