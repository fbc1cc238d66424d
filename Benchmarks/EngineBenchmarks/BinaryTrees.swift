/// Sums of 64 metrics with 100 series each, at 250 steps.
///
/// Expected: 4 ns a sample to decode; a point 10 ns to be found and 5 ns to be added to its partner; 2 µs a
/// series to find the partner.
enum BinaryTrees {
    private static let operandCount = 64

    static func register() {
        let names = (0..<operandCount).map { "load_\($0)" }
        measure("left-deep", names.joined(separator: " + "), names)
        measure("balanced", balanced(names[...]), names)
        let labelled = names.joined(separator: " + on (instance, pod) ")
        measure("left-deep on two labels", labelled, names)
    }

    /// Halves added up in parentheses.
    private static func balanced(_ names: ArraySlice<String>) -> String {
        guard names.count > 1 else { return names.joined() }
        let half = names.count / 2
        return "(\(balanced(names.prefix(half))) + \(balanced(names.dropFirst(half))))"
    }

    private static func measure(_ name: String, _ query: String, _ metrics: [String]) {
        measureQuery("64 operands, \(name)") {
            let series = metrics.flatMap {
                NumberedSeries.generators($0, count: 100, .gauge(1e6))
            }
            return try QueryFixture(query, at: .range(249 * 60, step: 60), over: series)
        }
    }
}
