extension TimeShift {
    /// The time whose data is taken at an evaluation time, in milliseconds.
    ///
    /// - Precondition: durations and `start()`/`end()` are resolved.
    func reference(at time: Int64) -> Int64 {
        (fixedTime ?? time).saturatingSubtract(offset)
    }

    /// The argument of `@`, if there is one.
    var fixedTime: Int64? {
        if case .timestamp(let time) = at { time } else { nil }
    }
}
