/// The live values of one series; ``MetricFamily/Series`` is what it looks like from outside.
protocol MetricSeriesStorage: AnyObject, Sendable {
    /// The lines of this series now.
    func lines(labels: [MetricLabel]) -> [MetricFamily.Series]
}
