import MetricsModel
import PromQL
import QueryFuzzing
import TestSupport
import Testing

@Suite struct GeneratorTests {
    @Test func `the same seed gives the same queries and data`() {
        func draw() -> [String] {
            var generator = ExpressionGenerator(.everything, random: SeededGenerator(seed: 4))
            var drawing = DataSetGenerator(random: SeededGenerator(seed: 4))
            return [drawing.dataSet().script]
                + (0..<50).map { _ in generator.query(isInstant: true).text }
        }
        #expect(draw() == draw())
    }

    @Test func `nearly all queries are valid and all functions occur`() {
        var generator = ExpressionGenerator(.everything, random: SeededGenerator(seed: 5))
        var valid = 0
        var seen: Set<Function> = []
        for _ in 0..<4000 {
            let text = generator.query(isInstant: true).text
            guard (try? Parser.parse(text, features: .all)) != nil else { continue }
            valid += 1
            for function in Function.allCases where text.contains(function.rawValue + "(") {
                seen.insert(function)
            }
        }
        #expect(valid > 3400)
        #expect(Set(Function.allCases).subtracting(seen).map(\.rawValue) == [])
    }

    @Test func `no sample lies where a window can begin or end`() {
        var drawing = DataSetGenerator(random: SeededGenerator(seed: 6))
        for series in drawing.dataSet().series {
            let times = series.samples.timestamps
            #expect(!times.isEmpty && zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
            for time in times {
                let millisecond = time % 1000
                #expect((100...450).contains(millisecond) || (560...900).contains(millisecond))
            }
        }
    }

    @Test func `a failing case is made small`() {
        var generator = ExpressionGenerator(.everything, random: SeededGenerator(seed: 7))
        var tree = generator.query(isInstant: false)
        while !(tree.text.contains("rate(") && tree.text.utf8.count > 150) {
            tree = generator.query(isInstant: false)
        }
        let small = Shrinker.shrink(tree) { candidate in
            candidate.text.contains("rate(")
                && (try? Parser.parse(candidate.text, features: .all)) != nil
        }
        #expect(small.text.utf8.count < 45, "\(small.text)")
        var drawing = DataSetGenerator(random: SeededGenerator(seed: 8))
        let data = Shrinker.shrink(drawing.dataSet()) { candidate in
            candidate.series.contains { series in
                series.labels.name == "odd_values" && series.samples.values.contains { $0.isNaN }
            }
        }
        #expect(data.series.map(\.samples.count) == [1])
    }
}
