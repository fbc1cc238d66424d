import MetricsModel

extension CanonicalText {
    // MARK: Literals

    static func text(_ literal: NumberLiteral) -> String {
        guard literal.isDuration else { return FloatText.plain(literal.value) }
        let text = DurationText.text(
            milliseconds: DurationValue.milliseconds(literal.value.magnitude)
        )
        return literal.value < 0 ? "-" + text : text
    }

    static func text(_ literal: StringLiteral) -> String {
        literal.invalidBytes.map(QuotedText.quote(bytes:)) ?? QuotedText.quote(literal.value)
    }

    // MARK: Selectors

    static func text(_ matcher: LabelMatcher) -> String {
        QuotedText.labelName(matcher.name) + matcher.operation.rawValue
            + QuotedText.quote(matcher.value)
    }

    static func at(_ shift: TimeShift) -> String {
        switch shift.at {
        case nil: return ""
        case .start: return " @ start()"
        case .end: return " @ end()"
        case .timestamp(let milliseconds):
            let (seconds, rest) = milliseconds.magnitude.quotientAndRemainder(dividingBy: 1000)
            let fraction = String(1000 + rest).dropFirst()
            return " @ \(milliseconds < 0 ? "-" : "")\(seconds).\(fraction)"
        }
    }

    static func offset(_ shift: TimeShift) -> String {
        if let expression = shift.offsetExpression { return " offset \(text(expression))" }
        switch shift.offset {
        case 0: return ""
        case Int64.min / 1_000_000:
            // Where `offset NaN` ends up: 64-bit nanoseconds that stay negative when negated.
            return " offset -" + DurationText.text(milliseconds: shift.offset)
        case ..<0: return " offset -" + DurationText.text(milliseconds: -shift.offset)
        default: return " offset " + DurationText.text(milliseconds: shift.offset)
        }
    }

    /// What follows the inner expression of a subquery.
    static func suffix(_ subquery: Subquery) -> String {
        let range = duration(subquery.range, subquery.rangeExpression)
        let hasStep = subquery.step != 0 || subquery.stepExpression != nil
        let step = hasStep ? duration(subquery.step, subquery.stepExpression) : ""
        return "[\(range):\(step)]\(at(subquery.shift))\(offset(subquery.shift))"
    }

    static func duration(_ milliseconds: Int64, _ expression: DurationExpression?) -> String {
        expression.map(text) ?? DurationText.text(milliseconds: milliseconds)
    }

    static func text(_ expression: DurationExpression) -> String {
        switch expression {
        case .number(let literal): return text(literal)
        case .operation(let node):
            let left = node.left.map(text) ?? ""
            let right = node.right.map(text) ?? ""
            let result =
                switch node.operation {
                case .step, .range: "\(node.operation.rawValue)()"
                case .minimum, .maximum: "\(node.operation.rawValue)(\(left), \(right))"
                case .add where node.left == nil: right
                case .subtract where node.left == nil: "-\(right)"
                default: "\(left) \(node.operation.rawValue) \(right)"
                }
            return node.isParenthesized ? "(\(result))" : result
        }
    }

    // MARK: Operators and aggregations

    /// The aggregation up to its opening parenthesis.
    static func head(_ aggregation: Aggregation) -> String {
        let name = aggregation.operation.rawValue
        if aggregation.isWithout { return "\(name) without (\(labels(aggregation.grouping))) " }
        if aggregation.grouping.isEmpty { return name }
        return "\(name) by (\(labels(aggregation.grouping))) "
    }

    /// The operator with its modifiers.
    static func symbol(_ binary: BinaryOperation) -> String {
        var text = binary.operation.rawValue
        if binary.returnsBool { text += " bool" }
        guard let matching = binary.matching else { return text }
        let isGrouped =
            matching.cardinality == .manyToOne || matching.cardinality == .oneToMany
        if matching.isOn || !matching.labels.isEmpty || isGrouped {
            text += matching.isOn ? " on" : " ignoring"
            text += " (\(labels(matching.labels)))"
        }
        if isGrouped {
            text += matching.cardinality == .manyToOne ? " group_left" : " group_right"
            text += " (\(labels(matching.include)))"
        }
        return text + fill(matching)
    }

    private static func fill(_ matching: VectorMatching) -> String {
        if let value = matching.fillLeft, value == matching.fillRight {
            return " fill (\(FloatText.general(value)))"
        }
        let left = matching.fillLeft.map { " fill_left (\(FloatText.general($0)))" } ?? ""
        let right = matching.fillRight.map { " fill_right (\(FloatText.general($0)))" } ?? ""
        return left + right
    }

    private static func labels(_ names: [String]) -> String {
        names.map(QuotedText.labelName).joined(separator: ", ")
    }
}
