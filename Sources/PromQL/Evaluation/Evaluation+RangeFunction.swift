internal import MetricsModel

extension Evaluation {
    /// The range function that a call names, with its scalar arguments; nil if it is none.
    func rangeFunction(
        _ call: Call,
        _ grid: StepGrid
    ) throws(EvaluationError) -> RangeFunction? {
        guard call.function.isRangeFunction else { return nil }
        let argumentIndex = Self.rangeArgument(of: call)
        var parameters: [[Double]] = []
        for (index, argument) in call.arguments.enumerated() where index != argumentIndex {
            parameters.append(try scalar(argument, grid))
        }
        return RangeFunction(
            function: call.function,
            parameters: parameters,
            argument: call.arguments[argumentIndex].sourceRange,
            firstArgument: call.arguments[0].sourceRange,
            grid: grid,
            features: self.plan.parameters.features
        )
    }

    static func rangeArgument(of call: Call) -> Int {
        call.function == .quantileOverTime ? 1 : 0
    }

    /// The elements of a function of a range vector.
    func rangeStream(
        _ function: RangeFunction,
        _ call: Call,
        _ grid: StepGrid
    ) throws(EvaluationError) -> any ElementStream {
        let input = try rangeInput(call.arguments[Self.rangeArgument(of: call)], grid)
        try checkEdges(input.windows.edges, call.function)
        let keepsName = call.function == .firstOverTime || call.function == .lastOverTime
        let policy = keepsName ? .keep : namePolicy
        let stream = RangeFunctionStream(function, input, policy, memory: control.memory)
        guard policy == .drop, !input.hasOneName else { return stream }
        let columns = try collect(stream, grid)
        guard Set(columns.map(\.labels)).count == columns.count else { throw .duplicateLabels }
        return ListStream(columns)
    }

    /// Refuses `anchored` and `smoothed` where a function cannot have them.
    func checkEdges(_ edges: WindowEdges, _ function: Function) throws(EvaluationError) {
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
}

extension Function {
    /// Whether it computes an element from the samples in a window of each series.
    var isRangeFunction: Bool {
        switch self {
        case .rate, .increase, .delta, .irate, .idelta, .changes, .resets, .deriv,
            .predictLinear, .quantileOverTime, .doubleExponentialSmoothing, .avgOverTime,
            .sumOverTime, .minOverTime, .maxOverTime, .countOverTime, .stddevOverTime,
            .stdvarOverTime, .madOverTime, .firstOverTime, .lastOverTime, .presentOverTime,
            .tsOfMinOverTime, .tsOfMaxOverTime, .tsOfFirstOverTime, .tsOfLastOverTime:
            true
        default: false
        }
    }
}
