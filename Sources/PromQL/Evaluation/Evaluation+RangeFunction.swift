internal import MetricsModel

extension Evaluation {
    /// A function of a range vector.
    func rangeFunction(_ call: Call, _ grid: StepGrid) throws(EvaluationError) -> [SeriesColumn] {
        let argumentIndex = call.function == .quantileOverTime ? 1 : 0
        let argument = call.arguments[argumentIndex]
        var parameters: [[Double]] = []
        for (index, argument) in call.arguments.enumerated() where index != argumentIndex {
            parameters.append(try scalar(argument, grid))
        }
        let input = try rangeVector(argument, grid)
        try checkEdges(input.edges, call.function)
        let columns = try overWindows(input, grid) {
            Self.windowFunction(call.function, $0, input.edges, parameters, grid)
        }
        if !columns.isEmpty { try check(parameters, of: call) }
        noteNonCounters(columns, call, argument)
        if call.function == .firstOverTime || call.function == .lastOverTime { return columns }
        guard !delaysNameRemoval else { return columns.markingName() }
        let result = columns.removingName()
        guard Set(result.map(\.labels)).count == result.count else { throw .duplicateLabels }
        return result
    }

    /// What a function computes for the windows of one series.
    private static func windowFunction(
        _ function: Function,
        _ series: RangeSeries,
        _ edges: WindowEdges,
        _ parameters: [[Double]],
        _ grid: StepGrid
    ) -> WindowFunction {
        switch function {
        case .rate:
            CounterFunctions.growth(of: series, isCounter: true, isRate: true, edges: edges)
        case .increase:
            CounterFunctions.growth(of: series, isCounter: true, isRate: false, edges: edges)
        case .delta:
            CounterFunctions.growth(of: series, isCounter: false, isRate: false, edges: edges)
        case .irate: CounterFunctions.instantGrowth(isRate: true)
        case .idelta: CounterFunctions.instantGrowth(isRate: false)
        case .changes: CounterFunctions.changes(of: series, edges: edges)
        case .resets: CounterFunctions.resets(of: series, edges: edges)
        case .deriv:
            { window in
                guard window.count >= 2 else { return .absent }
                return LinearRegression(window, origin: window.timestamps[0]).slope
            }
        case .predictLinear:
            { window in
                guard window.count >= 2 else { return .absent }
                let line = LinearRegression(window, origin: grid.time(window.step))
                return line.slope * parameters[0][window.step] + line.intercept
            }
        case .quantileOverTime:
            { OverTimeFunctions.quantile(parameters[0][$0.step], $0) }
        case .doubleExponentialSmoothing:
            {
                OverTimeFunctions.doubleExponentialSmoothing(
                    $0,
                    smoothing: parameters[0][$0.step],
                    trend: parameters[1][$0.step]
                )
            }
        case .avgOverTime: OverTimeFunctions.average
        case .sumOverTime: OverTimeFunctions.sum
        case .minOverTime: OverTimeFunctions.minimum
        case .maxOverTime: OverTimeFunctions.maximum
        case .countOverTime: OverTimeFunctions.count
        case .stddevOverTime: OverTimeFunctions.deviation
        case .stdvarOverTime: OverTimeFunctions.variance
        case .madOverTime: OverTimeFunctions.medianDeviation
        case .firstOverTime: OverTimeFunctions.first
        case .lastOverTime: OverTimeFunctions.last
        case .presentOverTime: { _ in 1 }
        case .tsOfMinOverTime: OverTimeFunctions.timeOfMinimum
        case .tsOfMaxOverTime: OverTimeFunctions.timeOfMaximum
        case .tsOfFirstOverTime: OverTimeFunctions.timeOfFirst
        case .tsOfLastOverTime: OverTimeFunctions.timeOfLast
        default: preconditionFailure("no range function: \(function.rawValue)")
        }
    }

    /// Checks arguments that make the whole query fail or deserve a warning.
    private func check(_ parameters: [[Double]], of call: Call) throws(EvaluationError) {
        switch call.function {
        case .quantileOverTime:
            for value in parameters[0] where !Quantile.isValid(value) {
                annotations.add(
                    Annotation(.invalidQuantile(value), at: call.arguments[0].sourceRange)
                )
            }
        case .doubleExponentialSmoothing:
            let names = ["smoothing", "trend"]
            let letters = ["sf", "tf"]
            for (index, values) in parameters.enumerated() {
                for value in values where !(value > 0 && value < 1) {
                    throw .execution(
                        message: "invalid \(names[index]) factor. Expected: 0 < \(letters[index]) "
                            + "< 1, got: \(FloatText.fixed(value))"
                    )
                }
            }
        default: return
        }
    }

    private func checkEdges(_ edges: WindowEdges, _ function: Function) throws(EvaluationError) {
        switch (edges, function) {
        case (.plain, _), (_, .rate), (_, .increase), (_, .delta), (.anchored, .changes),
            (.anchored, .resets):
            return
        case (.anchored, _):
            throw .execution(
                message: "anchored modifier can only be used with: changes, delta, increase, "
                    + "rate, resets - not with \(function.rawValue)"
            )
        case (.smoothed, _):
            throw .execution(
                message: "smoothed modifier can only be used with: delta, increase, rate "
                    + "- not with \(function.rawValue)"
            )
        }
    }

    /// Notes names that do not look like counters but are treated as such.
    private func noteNonCounters(_ columns: [SeriesColumn], _ call: Call, _ argument: Expression) {
        guard call.function == .rate || call.function == .increase else { return }
        var previous: String?
        for column in columns {
            if parameters.features.contains(.typeAndUnitLabels) {
                let type = column.labels.value(of: "__type__") ?? ""
                guard type != "counter", type != "histogram" else { continue }
                annotations.add(
                    Annotation(
                        .possibleNonCounterType(type, metric: column.labels.name),
                        at: argument.sourceRange
                    )
                )
            } else {
                let name = column.labels.name
                guard name != previous else { continue }
                previous = name
                guard !name.isEmpty, !Self.counterSuffixes.contains(where: name.hasSuffix) else {
                    continue
                }
                annotations.add(Annotation(.possibleNonCounter(name), at: argument.sourceRange))
            }
        }
    }

    private static let counterSuffixes = ["_total", "_sum", "_count", "_bucket"]
}
