internal import MetricsModel

extension Evaluation {
    /// The sort functions, which matter for instant queries only.
    func sort(_ call: Call, _ grid: StepGrid) throws(EvaluationError) -> [SeriesColumn] {
        let columns = try vector(call.arguments[0], grid)
        guard parameters.isInstant, grid.count == 1 else {
            if !parameters.isInstant {
                annotations.add(Annotation(.sortInRangeQuery, at: call.sourceRange))
            }
            return columns
        }
        switch call.function {
        case .sort: return try sorted(columns.filter { !$0.hasHistograms }) { $0 < $1 }
        case .sortDesc: return try sorted(columns.filter { !$0.hasHistograms }) { $0 > $1 }
        default:
            let names = call.arguments.dropFirst().map { string($0) }
            let sorted = try sorted(columns, by: names)
            return call.function == .sortByLabel ? sorted : sorted.reversed()
        }
    }

    /// Sorts by the only value, NaN last; equal ones stay in order.
    private func sorted(
        _ columns: [SeriesColumn],
        _ precedes: (Double, Double) -> Bool
    ) throws(EvaluationError) -> [SeriesColumn] {
        try control.sorted(columns) { left, right in
            let (first, second) = (left.values[0], right.values[0])
            if precedes(first, second) { return true }
            if precedes(second, first) { return false }
            return !first.isNaN && second.isNaN
        }
    }

    /// Sorts by the values of labels in natural order, then by all labels.
    private func sorted(
        _ columns: [SeriesColumn],
        by names: [String]
    ) throws(EvaluationError) -> [SeriesColumn] {
        let keyed = try control.compactMap(columns) { column in
            (column, names.map { column.labels.value(of: $0) ?? "" })
        }
        return try control.sorted(keyed) { left, right in
            for (first, second) in zip(left.1, right.1) where first != second {
                return NaturalOrder.precedes(first, second)
            }
            return left.0.labels < right.0.labels
        }.map(\.0)
    }
}

/// The order of texts in which runs of digits count as numbers: `a9` before `a10`.
enum NaturalOrder {
    static func precedes(_ left: String, _ right: String) -> Bool {
        var left = Substring(left).utf8
        var right = Substring(right).utf8
        while let first = left.first, let second = right.first {
            if isDigit(first), isDigit(second) {
                let firstNumber = takeDigits(&left)
                let secondNumber = takeDigits(&right)
                let one = firstNumber.drop { $0 == UInt8(ascii: "0") }
                let other = secondNumber.drop { $0 == UInt8(ascii: "0") }
                if one.count != other.count { return one.count < other.count }
                if !one.elementsEqual(other) { return one.lexicographicallyPrecedes(other) }
                // Equal numbers: the one with fewer leading zeros first.
                if firstNumber.count != secondNumber.count {
                    return firstNumber.count < secondNumber.count
                }
            } else {
                if first != second { return first < second }
                left.removeFirst()
                right.removeFirst()
            }
        }
        return left.isEmpty && !right.isEmpty
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    private static func takeDigits(_ text: inout Substring.UTF8View) -> Substring.UTF8View {
        let digits = text.prefix(while: isDigit)
        text = text.dropFirst(digits.count)
        return digits
    }
}
