import MetricsModel
import PromQL
import Testing

@Suite struct WindowKernelTests {
    @Test(arguments: 1...120 as ClosedRange<UInt64>)
    func `what is computed from window to window agrees with each window alone`(
        seed: UInt64
    ) throws {
        let series = SeriesShape(seed: seed)
        for (name, function) in WindowModel.exact.sorted(by: { $0.key < $1.key }) {
            let found = try evaluate("\(name)(m_total[\(series.range)ms])", series)
            try compare(found, series, name, function) { $0.bitPattern == $1.bitPattern }
        }
        for quantile in [0, 0.25, 0.5, 0.99, 1, -1, 2] {
            let text = "quantile_over_time(\(quantile), m_total[\(series.range)ms])"
            try compare(
                try evaluate(text, series),
                series,
                text,
                {
                    WindowModel.quantile(quantile, $0.values)
                }
            ) { $0.bitPattern == $1.bitPattern }
        }
    }

    @Test(arguments: 1...120 as ClosedRange<UInt64>)
    func `sums and averages agree with those in order of time`(seed: UInt64) throws {
        let series = SeriesShape(seed: seed)
        for (name, function) in [
            "sum_over_time": WindowModel.sum, "avg_over_time": WindowModel.average,
        ] {
            let found = try evaluate("\(name)(m_total[\(series.range)ms])", series)
            // What compensation does not catch is of the second order in what was added up.
            let size = series.values.reduce(0) { $1.isFinite ? max($0, $1.magnitude) : $0 }
            let slack = size * 260 * 1e-30
            try compare(found, series, name, { function($0.values) }) { left, right in
                left == right || (left - right).magnitude <= 2 * right.ulp + slack
            }
        }
    }

    @Test(arguments: [40, 100])
    func `a sum that overflows on the way overflows in windows of any length`(count: Int) throws {
        var values = [Double](repeating: 0, count: count)
        values.replaceSubrange(0..<3, with: [1e308, 1e308, -1e308])
        let plan = try QueryPlan(
            expression: try Parser.parse("sum_over_time(m[1h])", features: .standard),
            text: "sum_over_time(m[1h])",
            parameters: QueryParameters(time: Int64(count))
        )
        let result = try Evaluator.evaluate(
            plan,
            data: [
                [
                    SeriesSamples(
                        labels: ["__name__": "m"],
                        timestamps: (0..<Int64(count)).map { $0 },
                        values: values
                    )
                ]
            ]
        )
        guard case .vector(let elements) = result.value else {
            Issue.record("not a vector")
            return
        }
        #expect(elements.map(\.value.float) == [.infinity])
    }

    private func evaluate(_ text: String, _ series: SeriesShape) throws -> [Int64: Double] {
        let plan = try QueryPlan(
            expression: try Parser.parse(text, features: .standard),
            text: text,
            parameters: QueryParameters(start: series.start, end: series.end, step: series.step)
        )
        let samples = SeriesSamples(
            labels: ["__name__": "m_total"],
            timestamps: series.times,
            values: series.values
        )
        guard case .matrix(let matrix) = try Evaluator.evaluate(plan, data: [[samples]]).value
        else {
            Issue.record("not a matrix")
            return [:]
        }
        #expect(matrix.count <= 1)
        return Dictionary(
            uniqueKeysWithValues: matrix.flatMap { Array(zip($0.timestamps, $0.values)) }
        )
    }

    private func compare(
        _ found: [Int64: Double],
        _ series: SeriesShape,
        _ name: String,
        _ function: (WindowModel.Contents) -> Double?,
        _ areSame: (Double, Double) -> Bool
    ) throws {
        for end in stride(from: series.start, through: series.end, by: Int64.Stride(series.step)) {
            let window = WindowModel.Contents(series, from: end - series.range, through: end)
            let expected = window.values.isEmpty ? nil : function(window)
            switch (found[end], expected) {
            case (nil, nil): continue
            case (let found?, let expected?):
                let isSame = areSame(found, expected) || (found.isNaN && expected.isNaN)
                #expect(isSame, "\(name) at \(end): \(found), expected \(expected): \(window)")
            case (let found, let expected):
                Issue.record("\(name) at \(end): \(found as Any), expected \(expected as Any)")
            }
        }
    }
}
