/// The times at which an expression is evaluated.
struct StepGrid: Hashable {
    /// Milliseconds; the time of step 0.
    let start: Int64
    /// Milliseconds between steps; 0 if there is only one.
    let step: Int64
    let count: Int

    init(start: Int64, step: Int64, count: Int) {
        self.start = start
        self.step = step
        self.count = count
    }

    init(_ parameters: QueryParameters) {
        start = parameters.start
        step = parameters.step
        let span = parameters.end.saturatingSubtract(parameters.start)
        count = parameters.isInstant ? 1 : Int((span / parameters.step).saturatingAdd(1))
    }

    /// The multiples of `step` in `(after, through]`; nil if there is none.
    init?(multiplesOf step: Int64, after: Int64, through: Int64) {
        let first = after.flooredDivision(by: step).saturatingAdd(1).saturatingMultiply(step)
        let last = through.flooredDivision(by: step).saturatingMultiply(step)
        guard last >= first else { return nil }
        start = first
        self.step = step
        count = Int((last.saturatingSubtract(first) / step).saturatingAdd(1))
    }

    /// Milliseconds.
    func time(_ index: Int) -> Int64 { start + Int64(index) * step }

    var last: Int64 { time(count - 1) }

    /// Only the first step.
    var first: StepGrid { StepGrid(start: start, step: 0, count: 1) }
}
