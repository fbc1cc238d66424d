import MetricsModel
import PromQL
import TestSupport
import Testing

@Suite struct WindowKernelTests {
    @Test(arguments: 1...120 as ClosedRange<UInt64>)
    func `what is computed from window to window agrees with each window alone`(
        seed: UInt64
    ) throws {
        let series = SeriesShape(seed: seed)
        func areSame(_ left: Double, _ right: Double) -> Bool {
            left.bitPattern == right.bitPattern
        }
        for (name, function) in WindowModel.exact.sorted(by: { $0.key < $1.key }) {
            let text = "\(name)(m_total[\(series.range)ms])"
            try compare(text, series, function, areSame)
        }
        for quantile in [0, 0.25, 0.5, 0.99, 1, -1, 2] {
            let text = "quantile_over_time(\(quantile), m_total[\(series.range)ms])"
            try compare(text, series, { WindowModel.quantile(quantile, $0.values) }, areSame)
        }
    }

    @Test(arguments: 1...120 as ClosedRange<UInt64>)
    func `sums and averages agree with those in order of time`(seed: UInt64) throws {
        let series = SeriesShape(seed: seed)
        for (name, function) in [
            "sum_over_time": WindowModel.sum, "avg_over_time": WindowModel.average,
        ] {
            // What compensation does not catch is of the second order in what was added up.
            let size = series.values.reduce(0) { $1.isFinite ? max($0, $1.magnitude) : $0 }
            let slack = size * 260 * 1e-30
            func areSame(_ left: Double, _ right: Double) -> Bool {
                left == right || (left - right).magnitude <= 2 * right.ulp + slack
            }
            let text = "\(name)(m_total[\(series.range)ms])"
            try compare(text, series, { function($0.values) }, areSame)
        }
    }

    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func `series with the same timestamps have the results that each has alone`(
        seed: UInt64
    ) throws {
        let shape = SeriesShape(seed: seed)
        var random = SeededGenerator(seed: seed)
        let all = (0..<6).map { number in
            SeriesSamples(
                labels: ["__name__": "m_total", "n": "\(number)"],
                timestamps: shape.times,
                values: number == 0 ? shape.values : shape.values.shuffled(using: &random)
            )
        }
        for name in ["rate", "increase", "delta"] {
            let text = "\(name)(m_total[\(shape.range)ms])"
            let plan = try QueryPlan(
                expression: try Parser.parse(text, features: .standard),
                text: text,
                parameters: QueryParameters(start: shape.start, end: shape.end, step: shape.step)
            )
            func results(_ series: [SeriesSamples]) throws -> [String] {
                let result = try Evaluator.evaluate(plan, data: [series])
                guard case .matrix(let matrix) = result.value else { return ["not a matrix"] }
                return matrix.map { "\($0.labels) \($0.timestamps) \($0.values.map(\.bitPattern))" }
            }
            #expect(try results(all) == all.flatMap { try results([$0]) })
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
        _ text: String,
        _ series: SeriesShape,
        _ function: (WindowModel.Contents) -> Double?,
        _ areSame: (Double, Double) -> Bool
    ) throws {
        let found = try evaluate(text, series)
        for end in stride(from: series.start, through: series.end, by: Int64.Stride(series.step)) {
            let window = WindowModel.Contents(series, from: end - series.range, through: end)
            let expected = window.values.isEmpty ? nil : function(window)
            switch (found[end], expected) {
            case (nil, nil): continue
            case (let found?, let expected?):
                let isSame = areSame(found, expected) || (found.isNaN && expected.isNaN)
                #expect(isSame, "\(text) at \(end): \(found), expected \(expected): \(window)")
            case (let found, let expected):
                Issue.record("\(text) at \(end): \(found as Any), expected \(expected as Any)")
            }
        }
    }
}
