internal import MetricsModel

/// A range function with the values of its scalar arguments.
struct RangeFunction: Sendable {
    let function: Function
    /// The scalar arguments in order, each at all steps.
    let parameters: [[Double]]
    /// Where remarks about the series point to.
    let argument: SourceRange
    let firstArgument: SourceRange
    let grid: StepGrid
    let features: EvaluationFeatures

    /// Whether start timestamps say something about the result.
    var usesStartTimestamps: Bool {
        guard features.contains(.startTimestamps) else { return false }
        switch function {
        case .rate, .increase, .irate, .resets: return true
        default: return false
        }
    }

    /// Whether the floats of a series are all that matters.
    func readsFloatsOnly(_ samples: SampleColumns) -> Bool {
        samples.histograms.isEmpty && (samples.startTimestamps.isEmpty || !usesStartTimestamps)
    }

    /// What computes the function over windows of floats.
    func makeRunner(_ edges: WindowEdges) -> WindowRunner {
        guard edges == .plain else { return extendedRunner(isSmoothed: edges == .smoothed) }
        switch function {
        case .rate: return WindowRunner(GrowthKernel(isCounter: true, isRate: true))
        case .increase: return WindowRunner(GrowthKernel(isCounter: true, isRate: false))
        case .delta: return WindowRunner(GrowthKernel(isCounter: false, isRate: false))
        case .changes: return WindowRunner(NeighbourKernel<Change>())
        case .resets: return WindowRunner(NeighbourKernel<Fall>())
        case .sumOverTime: return WindowRunner(SumKernel(isAverage: false))
        case .avgOverTime: return WindowRunner(SumKernel(isAverage: true))
        case .minOverTime: return WindowRunner(ExtremeKernel(isMaximum: false))
        case .maxOverTime: return WindowRunner(ExtremeKernel(isMaximum: true))
        case .quantileOverTime: return WindowRunner(QuantileKernel(quantiles: parameters[0]))
        default: return WindowRunner(FunctionKernel(function: windowFunction))
        }
    }

    /// Anchored and smoothed windows; other functions than these have been refused.
    private func extendedRunner(isSmoothed: Bool) -> WindowRunner {
        switch function {
        case .changes: return WindowRunner(ExtendedCountKernel(matches: Change.matches))
        case .resets: return WindowRunner(ExtendedCountKernel(matches: Fall.matches))
        default:
            let isRate = function == .rate
            let isCounter = function != .delta
            return WindowRunner(
                FunctionKernel { window in
                    guard let extended = ExtendedWindow(window, isSmoothed: isSmoothed) else {
                        return .absent
                    }
                    let increase = extended.increase(isCounter: isCounter)
                    guard isRate else { return increase }
                    return increase / (Double(window.end - window.start) / 1000)
                }
            )
        }
    }

    /// The functions that look at each window alone.
    private var windowFunction: (Window) -> Double {
        let parameters = parameters
        let grid = grid
        switch function {
        case .irate: return InstantGrowth.rate
        case .idelta: return InstantGrowth.delta
        case .deriv:
            return { window in
                guard window.count >= 2 else { return .absent }
                return LinearRegression(window, origin: window.timestamps[0]).slope
            }
        case .predictLinear:
            return { window in
                guard window.count >= 2 else { return .absent }
                let line = LinearRegression(window, origin: grid.time(window.step))
                return line.slope * parameters[0][window.step] + line.intercept
            }
        case .doubleExponentialSmoothing:
            return {
                OverTimeFunctions.doubleExponentialSmoothing(
                    $0,
                    smoothing: parameters[0][$0.step],
                    trend: parameters[1][$0.step]
                )
            }
        case .countOverTime: return OverTimeFunctions.count
        case .stddevOverTime: return OverTimeFunctions.deviation
        case .stdvarOverTime: return OverTimeFunctions.variance
        case .madOverTime: return OverTimeFunctions.medianDeviation
        case .firstOverTime: return OverTimeFunctions.first
        case .lastOverTime: return OverTimeFunctions.last
        case .presentOverTime, .absentOverTime: return { _ in 1 }
        case .tsOfMinOverTime: return OverTimeFunctions.timeOfMinimum
        case .tsOfMaxOverTime: return OverTimeFunctions.timeOfMaximum
        case .tsOfFirstOverTime: return OverTimeFunctions.timeOfFirst
        case .tsOfLastOverTime: return OverTimeFunctions.timeOfLast
        default: preconditionFailure("no range function: \(function.rawValue)")
        }
    }

    /// Which values of floats it looks at.
    var neededValues: NeededValues {
        switch function {
        case .countOverTime, .presentOverTime: .markers
        default: .all
        }
    }

    // MARK: Remarks

    /// Checks arguments that make the whole query fail or deserve a warning, once there is a sample.
    func checkParameters(_ memory: EvaluationMemory) throws(EvaluationError) {
        switch function {
        case .quantileOverTime:
            for value in parameters[0] where !Quantile.isValid(value) {
                memory.annotations.add(Annotation(.invalidQuantile(value), at: firstArgument))
            }
        case .doubleExponentialSmoothing:
            let names = ["smoothing", "trend"]
            let letters = ["sf", "tf"]
            for (index, values) in parameters.enumerated() {
                for value in values where value <= 0 || value >= 1 {
                    throw .execution(
                        message: "invalid \(names[index]) factor. Expected: 0 < \(letters[index]) "
                            + "< 1, got: \(FloatText.fixed(value))"
                    )
                }
            }
        default: return
        }
    }

    /// Notes a name that does not look like a counter's but is treated as one.
    func noteNonCounter(
        _ index: Int,
        of source: any SeriesSource,
        _ memory: EvaluationMemory
    ) {
        guard function == .rate || function == .increase else { return }
        guard !features.contains(.typeAndUnitLabels) else {
            let labels = source.labels(at: index)
            let type = labels.value(of: "__type__") ?? ""
            guard type != "counter", type != "histogram" else { return }
            memory.annotations.add(
                Annotation(.possibleNonCounterType(type, metric: labels.name), at: argument)
            )
            return
        }
        var isSuspect = false
        source.withName(at: index) { isSuspect = Self.isSuspect($0) }
        guard isSuspect else { return }
        let name = source.labels(at: index).name
        memory.annotations.add(Annotation(.possibleNonCounter(name), at: argument))
    }

    /// Whether a metric's name has none of the endings of counters.
    private static func isSuspect(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        guard !name.isEmpty else { return false }
        return !counterSuffixes.contains { suffix in
            name.count >= suffix.count && name.suffix(suffix.count).elementsEqual(suffix)
        }
    }

    private static let counterSuffixes = ["_total", "_sum", "_count", "_bucket"].map {
        Array($0.utf8)
    }
}
