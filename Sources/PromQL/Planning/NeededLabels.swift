/// The labels of an operand's elements that decide what the operators above make of them.
public enum NeededLabels: Sendable, Hashable {
    case all
    /// These alone, sorted.
    case only([String])
    /// All but these, sorted.
    case allBut([String])

    static let none = NeededLabels.only([])

    /// What an aggregation needs of its operand.
    init(_ aggregation: Aggregation) {
        switch aggregation.operation {
        // They return elements of the operand with all their labels.
        case .bottomK, .topK, .limitK, .limitRatio: self = .all
        default:
            self.init(aggregation.grouping, isExcluded: aggregation.isWithout)
        }
    }

    /// What an operator between vectors needs of its operands, each by itself.
    static func operands(
        of node: BinaryOperation,
        needing above: NeededLabels
    ) -> (left: NeededLabels, right: NeededLabels) {
        let matching = node.matching ?? VectorMatching()
        let compared = NeededLabels(matching.labels, isExcluded: !matching.isOn)
        let one = NeededLabels(matching.labels + matching.include, isExcluded: !matching.isOn)
        switch (node.operation, matching.cardinality) {
        case (.or, _): return (.all, .all)
        case (.and, _), (.unless, _): return (compared.union(above), compared)
        // The labels that `group_left` takes over come from the "one" side.
        case (_, .manyToOne): return (compared.union(above), matching.isOn ? one : .all)
        case (_, .oneToMany): return (matching.isOn ? one : .all, compared.union(above))
        default:
            let keepsName = node.operation.isComparison && !node.returnsBool && !matching.isOn
            return (keepsName ? compared.union(.only(["__name__"])) : compared, compared)
        }
    }

    /// What a call needs of its argument of type instant or range vector.
    init(argumentOf call: Call, needing above: NeededLabels) {
        switch call.function {
        case .labelReplace, .labelJoin, .sortByLabel, .sortByLabelDesc, .info, .histogramQuantile,
            .histogramQuantiles, .histogramFraction:
            self = .all
        case .absent, .absentOverTime, .scalar: self = .none
        default: self = above
        }
    }

    private init(_ labels: [String], isExcluded: Bool) {
        let labels = Set(labels)
        if isExcluded {
            self = .allBut(labels.union(["__name__"]).sorted(by: Self.precedes))
        } else {
            self = .only(labels.sorted(by: Self.precedes))
        }
    }

    /// The labels that either needs.
    func union(_ other: NeededLabels) -> NeededLabels {
        switch (self, other) {
        case (.all, _), (_, .all): .all
        case (.only(let left), .only(let right)):
            .only(Set(left).union(right).sorted(by: Self.precedes))
        case (.allBut(let left), .allBut(let right)):
            .allBut(Set(left).intersection(right).sorted(by: Self.precedes))
        case (.allBut(let excluded), .only(let labels)), (.only(let labels), .allBut(let excluded)):
            .allBut(excluded.filter { !labels.contains($0) })
        }
    }

    private static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
